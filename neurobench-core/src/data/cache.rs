//! Data sets that are decoded once and kept in files.

use std::fs;
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use ndarray::{ArcArray, IxDyn};
use sha2::{Digest, Sha256};

use crate::data::{DataError, Dataset, Fingerprint, everything_but_batches};
use crate::model::Tensor;
use crate::process::{BatchPlace, Preprocessor, ProcessError};

/// A data set after its preprocessors, whose batches are kept in a folder once they were computed.
///
/// The files are in a folder of the cache that is named by the digest of everything that determines them: the contents of the data
/// set, the identities of the preprocessors, and the version of this library. A file is written under another name and then
/// renamed, and has a digest: after a kill or a power failure at any instant, a batch is complete or is computed again.
pub struct Cached {
    data: Box<dyn Dataset>,
    preprocessors: Vec<(String, Box<dyn Preprocessor>)>,
    folder: PathBuf,
}

/// First bytes of a file of the cache.
const MAGIC: &[u8; 8] = b"nbcache1";

impl Cached {
    /// Keeps the batches of a data set after these preprocessors, which have identities, below a folder. The folder is created if
    /// necessary.
    ///
    /// # Errors
    ///
    /// A data set without a digest or that cannot be read; a preprocessor with windows over samples; a folder that cannot be
    /// created.
    pub fn new(
        data: impl Dataset + 'static,
        preprocessors: Vec<(String, Box<dyn Preprocessor>)>,
        folder: &Path,
    ) -> Result<Self, DataError> {
        if let Some((name, _)) = preprocessors.iter().find(|(_, preprocessor)| preprocessor.history() > 0) {
            return Err(format!(
                "the preprocessor `{name}` depends on earlier samples, so its batches cannot be cached"
            )
            .into());
        }
        let fingerprint = data.fingerprint()?.ok_or("the data set has no digest, so its batches cannot be cached")?;
        let mut key = Fingerprint::default();
        key.text(concat!("neurobench ", env!("CARGO_PKG_VERSION"), "\n"));
        key.text(&fingerprint);
        preprocessors.iter().for_each(|(identity, _)| key.text(&format!("\n{identity}")));
        let folder = folder.join(key.finish().trim_start_matches("sha256:"));
        let problem = |error: io::Error| format!("cannot create the cache {}: {error}", folder.display());
        fs::create_dir_all(&folder).map_err(problem)?;
        Ok(Self { data: Box::new(data), preprocessors, folder })
    }

    fn compute(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        let wanted = range.len();
        let place = BatchPlace::new(range.start as u64);
        let (mut inputs, mut targets) = self.data.batch(range)?;
        for (name, preprocessor) in &self.preprocessors {
            let located = |error: ProcessError| match error {
                ProcessError::Sample { processor, sample, problem } => {
                    format!("`{processor}`: sample {} of the data set: {problem}", place.first_sample + sample as u64)
                }
                error => format!("preprocessor `{name}`: {error}"),
            };
            (inputs, targets) = preprocessor.process_at(place, inputs, targets).map_err(located)?;
            if (inputs.samples(), targets.samples()) != (wanted, wanted) {
                return Err(format!(
                    "the preprocessor `{name}` changes the number of samples, so its batches cannot be cached"
                )
                .into());
            }
        }
        Ok((inputs, targets))
    }

    fn file(&self, range: &Range<usize>) -> PathBuf {
        self.folder.join(format!("{}-{}.batch", range.start, range.end))
    }
}

impl Dataset for Cached {
    fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        let file = self.file(&range);
        if let Some(batch) = fs::read(&file).ok().and_then(|bytes| decode(&bytes)) {
            return Ok(batch);
        }
        let (inputs, targets) = self.compute(range)?;
        let problem = |error: io::Error| format!("cannot write the cache {}: {error}", file.display());
        write(&file, &encode(&inputs, &targets)).map_err(problem)?;
        Ok((inputs, targets))
    }

    everything_but_batches!(data);
}

/// Writes a file under a name of its own, and then renames it.
fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let unique = format!("{}-{}.tmp", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let temporary = file.with_extension(unique);
    let written = fs::File::create(&temporary).and_then(|mut new| new.write_all(bytes));
    let renamed = written.and_then(|()| fs::rename(&temporary, file));
    if renamed.is_err() {
        // What cannot be removed is not read either.
        let _ = fs::remove_file(&temporary);
    }
    renamed
}

fn encode(inputs: &Tensor, targets: &Tensor) -> Vec<u8> {
    let mut body = Vec::new();
    for tensor in [inputs, targets] {
        let shape = tensor.shape();
        body.extend((shape.len() as u64).to_le_bytes());
        shape.iter().for_each(|length| body.extend((*length as u64).to_le_bytes()));
        match tensor {
            Tensor::F32(array) => put(&mut body, 0, array, f32::to_le_bytes),
            Tensor::F64(array) => put(&mut body, 1, array, f64::to_le_bytes),
            Tensor::I64(array) => put(&mut body, 2, array, i64::to_le_bytes),
            Tensor::U8(array) => put(&mut body, 3, array, u8::to_le_bytes),
        }
    }
    [MAGIC.as_slice(), &Sha256::digest(&body), &body].concat()
}

fn put<T: Copy, const WIDTH: usize>(
    body: &mut Vec<u8>,
    kind: u8,
    array: &ArcArray<T, IxDyn>,
    bytes: fn(T) -> [u8; WIDTH],
) {
    body.push(kind);
    array.iter().for_each(|number| body.extend(bytes(*number)));
}

/// Decodes a file; `None` if it is incomplete or damaged.
fn decode(bytes: &[u8]) -> Option<(Tensor, Tensor)> {
    let (digest, mut body) = bytes.strip_prefix(MAGIC)?.split_at_checked(32)?;
    if Sha256::digest(body).as_slice() != digest {
        return None;
    }
    let batch = (tensor(&mut body)?, tensor(&mut body)?);
    body.is_empty().then_some(batch)
}

fn tensor(body: &mut &[u8]) -> Option<Tensor> {
    let rank = usize::try_from(length(body)?).ok().filter(|rank| *rank <= body.len())?;
    let shape: Option<Vec<usize>> = (0..rank).map(|_| usize::try_from(length(body)?).ok()).collect();
    let (kind, rest) = body.split_first()?;
    *body = rest;
    let shape = shape?;
    match kind {
        0 => numbers(body, &shape, f32::from_le_bytes).map(Tensor::F32),
        1 => numbers(body, &shape, f64::from_le_bytes).map(Tensor::F64),
        2 => numbers(body, &shape, i64::from_le_bytes).map(Tensor::I64),
        3 => numbers(body, &shape, u8::from_le_bytes).map(Tensor::U8),
        _ => None,
    }
}

fn length(body: &mut &[u8]) -> Option<u64> {
    let (length, rest) = body.split_first_chunk()?;
    *body = rest;
    Some(u64::from_le_bytes(*length))
}

fn numbers<T, const WIDTH: usize>(
    body: &mut &[u8],
    shape: &[usize],
    number: fn([u8; WIDTH]) -> T,
) -> Option<ArcArray<T, IxDyn>> {
    let elements = shape.iter().try_fold(1_usize, |product, length| product.checked_mul(*length))?;
    let (numbers, rest) = body.split_at_checked(elements.checked_mul(WIDTH)?)?;
    *body = rest;
    let (chunks, _) = numbers.as_chunks::<WIDTH>();
    ArcArray::from_shape_vec(IxDyn(shape), chunks.iter().map(|chunk| number(*chunk)).collect()).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    use ndarray::{Array1, Array2};

    use super::*;
    use crate::data::InMemory;

    fn data() -> InMemory {
        let inputs = Array2::from_shape_fn((10, 3), |(row, column)| (3 * row + column) as f32);
        InMemory::new(inputs, Array1::from_iter(0..10_i64)).unwrap()
    }

    /// Doubles inputs and counts its calls.
    fn doubling(calls: &Arc<AtomicUsize>) -> Box<dyn Preprocessor> {
        let calls = Arc::clone(calls);
        Box::new(move |inputs: Tensor, targets: Tensor| -> Result<(Tensor, Tensor), ProcessError> {
            calls.fetch_add(1, Ordering::Relaxed);
            Ok(((inputs.to_f64() * 2.0).into(), targets))
        })
    }

    #[test]
    fn a_batch_is_computed_once_and_again_if_its_file_is_damaged_or_the_settings_change() {
        let (folder, calls) = (tempfile::tempdir().unwrap(), Arc::new(AtomicUsize::new(0)));
        let open =
            |identity: &str| Cached::new(data(), vec![(identity.to_owned(), doubling(&calls))], folder.path()).unwrap();
        let cached = open("double");
        let first = cached.batch(0..4).unwrap();
        assert_eq!(first.0, Tensor::from(data().batch(0..4).unwrap().0.to_f64() * 2.0));
        assert_eq!(open("double").batch(0..4).unwrap(), first);
        assert_eq!(calls.load(Ordering::Relaxed), 1);
        open("other").batch(0..4).unwrap();
        assert_eq!(calls.load(Ordering::Relaxed), 2);

        let file = cached.file(&(0..4));
        let whole = fs::read(&file).unwrap();
        let mut flipped = whole.clone();
        flipped[60] ^= 1;
        for damaged in [&whole[..whole.len() - 1], &whole[..20], &[], &flipped] {
            fs::write(&file, damaged).unwrap();
            let before = calls.load(Ordering::Relaxed);
            assert_eq!(cached.batch(0..4).unwrap(), first);
            assert_eq!(calls.load(Ordering::Relaxed), before + 1);
        }
        assert_eq!(fs::read(&file).unwrap(), whole);
        // No temporary files remain.
        assert!(
            fs::read_dir(&cached.folder).unwrap().all(|entry| entry.unwrap().path().extension().unwrap() == "batch")
        );
    }

    #[test]
    fn every_number_format_and_shape_survives() {
        let tensors: [Tensor; 5] = [
            ndarray::array![[1.5_f32, -0.0]].into(),
            ndarray::arr0(f64::MIN_POSITIVE).into(),
            ndarray::array![i64::MIN].into(),
            ndarray::array![[[255_u8]]].into(),
            Array2::<f32>::zeros((0, 3)).into(),
        ];
        for tensor in &tensors {
            let (inputs, targets) = decode(&encode(tensor, &tensors[2])).unwrap();
            assert_eq!((&inputs, &targets), (tensor, &tensors[2]));
        }
    }

    #[test]
    fn what_cannot_be_cached_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let window = crate::process::preprocessors().construct(&"window(length=2)".parse().unwrap()).unwrap();
        let error = Cached::new(data(), vec![(window.identity, window.item)], folder.path()).err().unwrap();
        let expected =
            "the preprocessor `window(length=2)` depends on earlier samples, so its batches cannot be cached";
        assert_eq!(error.to_string(), expected);
    }
}
