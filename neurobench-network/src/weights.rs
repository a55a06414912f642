//! Stored tensors: read from a safetensors file or added by the builder, and claimed by layers one by one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use safetensors::SafeTensors;
use safetensors::tensor::TensorView;

use crate::error::{NetworkError, TensorError};
use crate::real::Real;
use neurobench_core::model::{Dtype, StoredTensor};
use neurobench_core::names::listed;

/// Tensors that no layer has claimed yet, by full name.
#[derive(Clone, Debug, Default)]
pub struct Weights<'a> {
    tensors: BTreeMap<String, RawTensor<'a>>,
    /// The tensors that layers ask for, if they are recorded instead of claimed.
    expected: Option<Vec<ExpectedTensor>>,
}

/// A tensor that a network takes from its weights file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExpectedTensor {
    /// Full name.
    pub name: String,
    /// Shape; for a constant of neurons the shape of the neurons, which a single number may replace.
    pub shape: Vec<usize>,
    /// Type of its numbers in the network. A narrower type is accepted in the file.
    pub dtype: Dtype,
    /// True if the network cannot do without it.
    pub required: bool,
}

/// A stored tensor: little-endian numbers in memory order.
#[derive(Clone, Debug)]
struct RawTensor<'a> {
    shape: Vec<usize>,
    /// Type of its numbers, or the name of an unsupported type.
    dtype: Result<Dtype, String>,
    bytes: Cow<'a, [u8]>,
}

/// The types whose numbers can be read.
const READABLE: &str = "F64, F32, F16, BF16 or integers of up to 32 bits, or I64";

/// Returns true if a type has fewer bits than another one that represents all its numbers.
fn is_narrower(narrow: Dtype, wide: Dtype) -> bool {
    match narrow {
        Dtype::F16 | Dtype::Bf16 | Dtype::I16 | Dtype::U16 | Dtype::I8 | Dtype::U8 => true,
        Dtype::F32 | Dtype::I32 | Dtype::U32 => wide == Dtype::F64,
        _ => false,
    }
}

/// Returns true if a type has only whole numbers.
fn is_whole(dtype: Dtype) -> bool {
    !matches!(dtype, Dtype::F16 | Dtype::Bf16 | Dtype::F32 | Dtype::F64)
}

/// Decodes a number in IEEE 754 half precision: a sign, five bits of exponent, ten of fraction.
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    let size = match exponent {
        0 => libm::ldexp(fraction, -24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => libm::ldexp(1024.0 + fraction, exponent - 25),
    };
    if bits >> 15 == 0 { size } else { -size }
}

/// A tensor that a layer has claimed.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimedTensor<R> {
    /// Numbers in memory order, all finite.
    pub values: Vec<R>,
    /// Description with the name within the layer, for [`Layer::with_parameter`](neurobench_core::model::Layer::with_parameter).
    pub stored: StoredTensor,
}

impl<R: Real> ClaimedTensor<R> {
    /// A tensor in place of one that is only recorded. Its numbers are within the range of every parameter of the layers.
    fn placeholder(name: &str, shape: &[usize]) -> Self {
        let values = vec![R::nearest(0.5); shape.iter().product()];
        Self { values, stored: StoredTensor::new(name, shape.to_vec(), R::DTYPE, 0) }
    }
}

/// Returns true if an array of the first shape has the second one when it is repeated along its axes of length one.
fn repeats(shape: &[usize], to: &[usize]) -> bool {
    shape.len() == to.len() && shape.iter().zip(to).all(|(length, to)| *length == 1 || length == to)
}

impl<'a> Weights<'a> {
    /// Parses a file in the [safetensors](https://github.com/huggingface/safetensors) format, which the tensors must cover
    /// completely.
    pub(crate) fn parse(file: &'a [u8]) -> Result<Self, NetworkError> {
        let parsed = SafeTensors::deserialize(file)
            .map_err(|error| NetworkError::Safetensors { problem: error.to_string().replace('\n', " ") })?;
        let tensors = parsed.tensors().into_iter().map(|(name, view)| {
            let raw = RawTensor {
                shape: view.shape().to_vec(),
                dtype: dtype(view.dtype()).ok_or_else(|| view.dtype().to_string()),
                bytes: Cow::Borrowed(view.data()),
            };
            (name, raw)
        });
        Ok(Self { tensors: tensors.collect(), expected: None })
    }

    /// No tensors, for a network that is built only to record those that its layers ask for.
    pub(crate) fn recording() -> Self {
        Self { tensors: BTreeMap::new(), expected: Some(Vec::new()) }
    }

    /// The recorded tensors, in the order of the layers.
    pub(crate) fn into_expected(self) -> Vec<ExpectedTensor> {
        self.expected.unwrap_or_default()
    }

    /// Copies borrowed tensors.
    pub fn into_owned(self) -> Weights<'static> {
        let own = |(name, raw): (String, RawTensor<'_>)| {
            let RawTensor { shape, dtype, bytes } = raw;
            (name, RawTensor { shape, dtype, bytes: Cow::Owned(bytes.into_owned()) })
        };
        Weights { tensors: self.tensors.into_iter().map(own).collect(), expected: self.expected }
    }

    /// Contents of a safetensors file with these tensors; `None` if there are no tensors.
    pub(crate) fn serialize(&self) -> Result<Option<Vec<u8>>, NetworkError> {
        let problem = |problem: String| NetworkError::Safetensors { problem };
        if self.tensors.is_empty() {
            return Ok(None);
        }
        let views = self.tensors.iter().map(|(name, raw)| {
            let dtype = raw.dtype.clone().map_err(|dtype| problem(format!("`{name}` holds {dtype}")))?;
            let view = TensorView::new(stored_dtype(dtype), raw.shape.clone(), &raw.bytes);
            Ok((name.as_str(), view.map_err(|error| problem(error.to_string()))?))
        });
        let views = views.collect::<Result<Vec<_>, NetworkError>>()?;
        safetensors::serialize(views, None).map(Some).map_err(|error| problem(error.to_string()))
    }

    /// Shape and numbers of a tensor, if it exists.
    pub fn read(&self, name: &str) -> Option<(&[usize], Vec<f64>)> {
        let raw = self.tensors.get(name)?;
        let claimed: ClaimedTensor<f64> = raw.read(name).ok()?;
        Some((&raw.shape, claimed.values))
    }

    /// Full name and type of each tensor; `None` for unsupported types.
    pub fn dtypes(&self) -> impl Iterator<Item = (&str, Option<Dtype>)> {
        self.tensors.iter().map(|(name, raw)| (name.as_str(), raw.dtype.as_ref().ok().copied()))
    }

    /// Adds a tensor of double precision.
    pub(crate) fn insert(&mut self, name: String, shape: Vec<usize>, values: impl Iterator<Item = f64>) {
        let bytes = values.flat_map(f64::to_le_bytes).collect();
        self.tensors.insert(name, RawTensor { shape, dtype: Ok(Dtype::F64), bytes: Cow::Owned(bytes) });
    }

    /// Gives this shape to the flat tensors of a layer that have as many numbers.
    pub(crate) fn reshape(&mut self, layer: &str, shape: &[usize]) {
        let length = [shape.iter().product::<usize>()];
        let own_name = |name: &str| name.strip_prefix(layer)?.strip_prefix('.').map(|own| !own.contains('.'));
        let is_own = |name: &str| own_name(name).unwrap_or(false);
        let own = self.tensors.iter_mut().filter(|(name, raw)| is_own(name) && raw.shape == length);
        own.for_each(|(_, raw)| raw.shape = shape.to_vec());
    }

    /// Rounds all tensors of double precision to single precision.
    pub(crate) fn round_to_single(&mut self) {
        for raw in self.tensors.values_mut().filter(|raw| raw.dtype == Ok(Dtype::F64)) {
            let (numbers, _) = raw.bytes.as_chunks();
            let bytes = numbers.iter().flat_map(|bytes| (f64::from_le_bytes(*bytes) as f32).to_le_bytes()).collect();
            (raw.dtype, raw.bytes) = (Ok(Dtype::F32), Cow::Owned(bytes));
        }
    }

    /// Adds a single integer.
    pub(crate) fn insert_i64(&mut self, name: String, value: i64) {
        let bytes = value.to_le_bytes().to_vec();
        self.tensors.insert(name, RawTensor { shape: Vec::new(), dtype: Ok(Dtype::I64), bytes: Cow::Owned(bytes) });
    }

    /// Gives access to the tensors of one layer.
    pub(crate) fn for_layer<'w>(&'w mut self, layer: &'w str) -> LayerWeights<'w, 'a> {
        LayerWeights { layer, weights: self }
    }

    /// Checks that every tensor was claimed by a layer.
    pub(crate) fn check_all_claimed(&self) -> Result<(), NetworkError> {
        const NAMED: usize = 8;
        if self.tensors.is_empty() {
            return Ok(());
        }
        let mut tensors = listed(self.tensors.keys().take(NAMED).map(|name| format!("`{name}`")));
        if self.tensors.len() > NAMED {
            tensors.push_str(&format!(" and {} more", self.tensors.len() - NAMED));
        }
        Err(NetworkError::Unclaimed { tensors })
    }
}

/// Tensors whose names consist of the path of a layer, a dot, and a name within it.
pub(crate) struct LayerWeights<'w, 'a> {
    layer: &'w str,
    weights: &'w mut Weights<'a>,
}

impl<'a> LayerWeights<'_, 'a> {
    /// Claims a required tensor of this shape, stored in the network's type or a narrower one, such as quantized weights.
    pub(crate) fn required<R: Real>(&mut self, name: &str, shape: &[usize]) -> Result<ClaimedTensor<R>, NetworkError> {
        if self.record(name, shape, R::DTYPE, true) {
            return Ok(ClaimedTensor::placeholder(name, shape));
        }
        self.optional(name, shape)?.ok_or_else(|| self.error(name, self.missing(name)))
    }

    /// Records a tensor if the tensors are recorded, and returns true if they are.
    fn record(&mut self, name: &str, shape: &[usize], dtype: Dtype, required: bool) -> bool {
        let name = self.full_name(name);
        let Some(expected) = &mut self.weights.expected else { return false };
        expected.push(ExpectedTensor { name, shape: shape.to_vec(), dtype, required });
        true
    }

    /// Records a constant that has neither a key nor a default, if the tensors are recorded, and returns true if they are.
    pub(crate) fn record_required_constant<R: Real>(&mut self, name: &str, neurons: &[usize]) -> bool {
        self.record(name, neurons, R::DTYPE, true)
    }

    /// Describes a missing tensor, with one whose name has a prefix, such as `module.` of PyTorch's `DataParallel`.
    fn missing(&self, name: &str) -> TensorError {
        let wanted = self.full_name(name);
        let prefixed = |found: &String| {
            let prefix = found.strip_suffix(&wanted).filter(|prefix| prefix.ends_with('.'))?.to_owned();
            Some(TensorError::Prefixed { found: found.clone(), prefix })
        };
        self.weights.tensors.keys().find_map(prefixed).unwrap_or(TensorError::Missing)
    }

    /// Claims an optional tensor of this shape, stored in the network's type or a narrower one.
    pub(crate) fn optional<R: Real>(
        &mut self,
        name: &str,
        shape: &[usize],
    ) -> Result<Option<ClaimedTensor<R>>, NetworkError> {
        let fits = |raw: &RawTensor<'_>| {
            if raw.shape != shape {
                return Err(TensorError::Shape { found: raw.shape.clone(), expected: shape.to_vec() });
            }
            match raw.dtype {
                Ok(dtype) if dtype == R::DTYPE || is_narrower(dtype, R::DTYPE) => Ok(()),
                _ if R::DTYPE == Dtype::F32 => Err(raw.wrong_dtype("F32 or a narrower type")),
                _ => Err(raw.wrong_dtype("F64 or a narrower type")),
            }
        };
        self.record(name, shape, R::DTYPE, false);
        self.claim(name, fits)
    }

    /// Claims an optional tensor of any number of rows of this shape, stored in the network's type or a narrower one.
    pub(crate) fn rows<R: Real>(
        &mut self,
        name: &str,
        row: &[usize],
    ) -> Result<Option<ClaimedTensor<R>>, NetworkError> {
        let found = self.weights.tensors.get(&self.full_name(name)).and_then(|raw| raw.shape.first().copied());
        let shape: Vec<usize> = found.into_iter().chain(row.iter().copied()).collect();
        self.optional(name, &shape)
    }

    /// Claims an optional constant: one number, one for each of the neurons, or an array that is repeated along its axes of length
    /// one, such as `[channels, 1, 1]` for `[channels, height, width]`. It may be stored in any type, but the network's type must
    /// represent the numbers exactly.
    pub(crate) fn constant<R: Real>(
        &mut self,
        name: &str,
        neurons: &[usize],
    ) -> Result<Option<ClaimedTensor<R>>, NetworkError> {
        let flat = [neurons.iter().product::<usize>()];
        let fits = |raw: &RawTensor<'_>| match raw.shape.as_slice() {
            [] | [1] => Ok(()),
            shape if shape == neurons || shape == flat || repeats(shape, neurons) => Ok(()),
            _ => Err(TensorError::Shape { found: raw.shape.clone(), expected: neurons.to_vec() }),
        };
        self.record(name, neurons, R::DTYPE, false);
        self.claim(name, fits)
    }

    /// Claims an optional integer that is stored but not used. Its value may be larger than single precision represents.
    pub(crate) fn counter(&mut self, name: &str) -> Result<Option<StoredTensor>, NetworkError> {
        self.record(name, &[], Dtype::I64, false);
        let Some(raw) = self.weights.tensors.remove(&self.full_name(name)) else { return Ok(None) };
        if !raw.shape.is_empty() {
            return Err(self.error(name, TensorError::Shape { found: raw.shape, expected: Vec::new() }));
        }
        if raw.dtype != Ok(Dtype::I64) {
            return Err(self.error(name, raw.wrong_dtype("I64")));
        }
        let zeros = u64::from(raw.bytes.iter().all(|byte| *byte == 0));
        Ok(Some(StoredTensor::new(name, raw.shape, Dtype::I64, zeros)))
    }

    /// Gives access to the tensors of a layer within this one, by its full path.
    pub(crate) fn nested<'i>(&'i mut self, path: &'i str) -> LayerWeights<'i, 'a> {
        LayerWeights { layer: path, weights: self.weights }
    }

    /// Shape of a tensor, if it exists.
    pub(crate) fn shape(&self, name: &str) -> Option<&[usize]> {
        self.weights.tensors.get(&self.full_name(name)).map(|raw| raw.shape.as_slice())
    }

    /// Creates an error about a tensor of this layer.
    pub(crate) fn error(&self, name: &str, problem: TensorError) -> NetworkError {
        NetworkError::Tensor { layer: self.layer.to_owned(), tensor: self.full_name(name), problem }
    }

    fn full_name(&self, name: &str) -> String {
        format!("{}.{name}", self.layer)
    }

    fn claim<R: Real>(
        &mut self,
        name: &str,
        fits: impl Fn(&RawTensor<'_>) -> Result<(), TensorError>,
    ) -> Result<Option<ClaimedTensor<R>>, NetworkError> {
        let Some(raw) = self.weights.tensors.remove(&self.full_name(name)) else { return Ok(None) };
        let claimed = fits(&raw).and_then(|()| raw.read(name));
        claimed.map(Some).map_err(|problem| self.error(name, problem))
    }
}

impl RawTensor<'_> {
    fn wrong_dtype(&self, expected: &'static str) -> TensorError {
        let found = match &self.dtype {
            Ok(dtype) => format!("{dtype:?}"),
            Err(name) => name.clone(),
        };
        TensorError::Dtype { found, expected }
    }

    fn read<R: Real>(&self, name: &str) -> Result<ClaimedTensor<R>, TensorError> {
        let Ok(dtype) = self.dtype else { return Err(self.wrong_dtype(READABLE)) };
        let values: Vec<R> = match dtype {
            Dtype::F64 => self.numbers(f64::from_le_bytes)?,
            Dtype::F32 => self.numbers(|bytes| f64::from(f32::from_le_bytes(bytes)))?,
            Dtype::F16 => self.numbers(|bytes| half(u16::from_le_bytes(bytes)))?,
            // The upper half of a number in single precision.
            Dtype::Bf16 => {
                self.numbers(|bytes| f64::from(f32::from_bits(u32::from(u16::from_le_bytes(bytes)) << 16)))?
            }
            Dtype::I64 => self.numbers(|bytes| i64::from_le_bytes(bytes) as f64)?,
            Dtype::I32 => self.numbers(|bytes| f64::from(i32::from_le_bytes(bytes)))?,
            Dtype::U32 => self.numbers(|bytes| f64::from(u32::from_le_bytes(bytes)))?,
            Dtype::I16 => self.numbers(|bytes| f64::from(i16::from_le_bytes(bytes)))?,
            Dtype::U16 => self.numbers(|bytes| f64::from(u16::from_le_bytes(bytes)))?,
            Dtype::I8 => self.numbers(|bytes| f64::from(i8::from_le_bytes(bytes)))?,
            Dtype::U8 => self.numbers(|bytes| f64::from(u8::from_le_bytes(bytes)))?,
            _ => return Err(self.wrong_dtype(READABLE)),
        };
        let zeros = values.iter().filter(|value| value.is_zero()).count() as u64;
        let mut stored = StoredTensor::new(name, self.shape.clone(), dtype, zeros);
        if is_whole(dtype) && values.iter().all(|value| value.is_ternary()) {
            stored = stored.quantized_to_ternary();
        }
        Ok(ClaimedTensor { values, stored })
    }

    /// Converts the numbers to the network's type, which must represent them exactly.
    fn numbers<R: Real, const WIDTH: usize>(&self, read: impl Fn([u8; WIDTH]) -> f64) -> Result<Vec<R>, TensorError> {
        let (numbers, _) = self.bytes.as_chunks::<WIDTH>();
        let convert = |(index, bytes): (usize, &[u8; WIDTH])| {
            let value = read(*bytes);
            if !value.is_finite() {
                return Err(TensorError::NotFinite { index, value });
            }
            let number = R::nearest(value);
            if number.as_f64() != value {
                let dtype = self.dtype.clone().unwrap_or(R::DTYPE);
                return Err(TensorError::Inexact { index, value, dtype, kind: R::NAME });
            }
            Ok(number)
        };
        numbers.iter().enumerate().map(convert).collect()
    }
}

fn dtype(stored: safetensors::Dtype) -> Option<Dtype> {
    use safetensors::Dtype as Stored;
    Some(match stored {
        Stored::BOOL => Dtype::Bool,
        Stored::U8 => Dtype::U8,
        Stored::I8 => Dtype::I8,
        Stored::U16 => Dtype::U16,
        Stored::I16 => Dtype::I16,
        Stored::U32 => Dtype::U32,
        Stored::I32 => Dtype::I32,
        Stored::U64 => Dtype::U64,
        Stored::I64 => Dtype::I64,
        Stored::F16 => Dtype::F16,
        Stored::BF16 => Dtype::Bf16,
        Stored::F32 => Dtype::F32,
        Stored::F64 => Dtype::F64,
        _ => return None,
    })
}

/// The corresponding type in safetensors files.
pub fn stored_dtype(dtype: Dtype) -> safetensors::Dtype {
    use safetensors::Dtype as Stored;
    match dtype {
        Dtype::Bool => Stored::BOOL,
        Dtype::U8 => Stored::U8,
        Dtype::I8 => Stored::I8,
        Dtype::U16 => Stored::U16,
        Dtype::I16 => Stored::I16,
        Dtype::U32 => Stored::U32,
        Dtype::I32 => Stored::I32,
        Dtype::U64 => Stored::U64,
        Dtype::I64 => Stored::I64,
        Dtype::F16 => Stored::F16,
        Dtype::Bf16 => Stored::BF16,
        Dtype::F32 => Stored::F32,
        Dtype::F64 => Stored::F64,
    }
}
