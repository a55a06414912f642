//! Reading of HDF5 files with memory proportional to their length.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use hdf5_reader::messages::datatype::Datatype;
use hdf5_reader::{ByteOrder, Dataset, Hdf5File, OpenOptions, StringPadding, StringSize};
use ndarray::ArrayD;

use super::NirError;

/// An open file.
pub(super) struct File {
    root: hdf5_reader::group::Group,
    budget: Rc<Budget>,
}

/// A group with its members by name.
pub(super) struct Group {
    /// Path in the file.
    pub(super) path: String,
    pub(super) members: BTreeMap<String, Member>,
    budget: Rc<Budget>,
}

/// A member of a group.
pub(super) enum Member {
    Group(hdf5_reader::group::Group),
    Dataset(Box<Dataset>),
}

/// The numbers or texts of a data set.
pub(super) enum Stored {
    Texts { texts: Vec<String>, shape: Vec<usize> },
    F32(ArrayD<f32>),
    F64(ArrayD<f64>),
    Integers(ArrayD<i64>),
    Booleans(ArrayD<bool>),
}

/// Remaining memory that may be used for a file.
///
/// A file may declare a data set larger than its stored part (the rest is a fill value), link a data set many times, or share the
/// letters of many texts. Therefore everything is counted before it is read, every time.
struct Budget {
    remaining: Cell<u64>,
    length: u64,
}

impl Budget {
    /// Creates a budget for a file of this length. DEFLATE expands a byte to at most 1032 bytes. For large files that is more than
    /// weights ever compress: a graph beyond 256 MiB must be stored in at least a 64th of its size.
    fn new(length: u64) -> Self {
        let most = length.saturating_mul(1032).min(length.saturating_mul(64).saturating_add(1 << 28));
        Self { remaining: Cell::new(most), length }
    }

    fn charge(&self, at: &str, bytes: u64) -> Result<(), NirError> {
        let remaining = self.remaining.get().checked_sub(bytes);
        let remaining = remaining.ok_or_else(|| NirError::Unjustified { at: at.to_owned(), length: self.length })?;
        self.remaining.set(remaining);
        Ok(())
    }
}

/// Memory of a name or a text in addition to its letters, in bytes.
const OVERHEAD: u64 = 32;
/// Maximum length of the header of a group, which lists the nodes: enough for a hundred thousand.
const HEADER_LIMIT: usize = 8 << 20;

impl File {
    pub(super) fn open(bytes: Vec<u8>) -> Result<Self, NirError> {
        let budget = Budget::new(bytes.len() as u64);
        let options = OpenOptions {
            // Everything is read only once.
            chunk_cache_bytes: 0,
            max_chunk_bytes: usize::try_from(budget.remaining.get()).unwrap_or(usize::MAX),
            max_read_bytes: usize::try_from(budget.remaining.get()).unwrap_or(usize::MAX),
            max_object_header_bytes: HEADER_LIMIT.min(bytes.len()),
            ..OpenOptions::default()
        };
        let file = Hdf5File::from_vec_with_options(bytes, options).map_err(damaged)?;
        Ok(Self { root: file.root_group().map_err(damaged)?, budget: Rc::new(budget) })
    }

    pub(super) fn root(&self) -> Result<Group, NirError> {
        Group::list(&self.root, String::new(), Rc::clone(&self.budget))
    }
}

impl Group {
    fn list(group: &hdf5_reader::group::Group, path: String, budget: Rc<Budget>) -> Result<Self, NirError> {
        let (groups, datasets) = group.members().map_err(damaged)?;
        let groups = groups.into_iter().map(|group| (group.name().to_owned(), Member::Group(group)));
        let datasets =
            datasets.into_iter().map(|dataset| (dataset.name().to_owned(), Member::Dataset(Box::new(dataset))));
        let mut members = BTreeMap::new();
        for (name, member) in groups.chain(datasets) {
            budget.charge(&path, name.len() as u64 + OVERHEAD)?;
            if members.contains_key(&name) {
                return Err(NirError::Layout { at: format!("{path}/{name}"), problem: "exists twice".to_owned() });
            }
            members.insert(name, member);
        }
        Ok(Self { path, members, budget })
    }

    /// Path of a member.
    pub(super) fn member_path(&self, name: &str) -> String {
        super::check::join_path(&self.path, name)
    }

    /// Reads the group of this name, if it exists.
    pub(super) fn group(&self, name: &str) -> Result<Option<Self>, NirError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Member::Group(group)) => Self::list(group, self.member_path(name), Rc::clone(&self.budget)).map(Some),
            Some(Member::Dataset(_)) => Err(NirError::Layout {
                at: self.member_path(name),
                problem: "must be a group, found a data set".to_owned(),
            }),
        }
    }

    /// Reads the numbers or texts of the data set of this name, if it exists.
    pub(super) fn read(&self, name: &str) -> Result<Option<Stored>, NirError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Member::Dataset(dataset)) => {
                DatasetReader { dataset, at: self.member_path(name), budget: &self.budget }.read().map(Some)
            }
            Some(Member::Group(_)) => Err(NirError::Layout {
                at: self.member_path(name),
                problem: "must be a data set, found a group".to_owned(),
            }),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes it by value")]
fn damaged(error: hdf5_reader::error::Error) -> NirError {
    NirError::Hdf5 { problem: error.to_string() }
}

/// Reader of a data set.
struct DatasetReader<'a> {
    dataset: &'a Dataset,
    at: String,
    budget: &'a Budget,
}

impl DatasetReader<'_> {
    fn read(&self) -> Result<Stored, NirError> {
        match self.dataset.dtype() {
            Datatype::FloatingPoint { size: 4, byte_order } => {
                self.numbers(*byte_order, f32::from_le_bytes).map(Stored::F32)
            }
            Datatype::FloatingPoint { size: 8, byte_order } => {
                self.numbers(*byte_order, f64::from_le_bytes).map(Stored::F64)
            }
            Datatype::FixedPoint { size, signed, byte_order } => {
                self.integers(*size, *signed, *byte_order).map(Stored::Integers)
            }
            Datatype::Enum { base, members } => {
                let truths = [("FALSE", 0), ("TRUE", 1)];
                let are_truths = members.len() == 2
                    && truths.iter().all(|(name, value)| {
                        members.iter().any(|member| member.name == *name && member.value == [*value])
                    });
                if !are_truths || !matches!(**base, Datatype::FixedPoint { size: 1, .. }) {
                    return Err(self.unsupported());
                }
                Ok(Stored::Booleans(self.numbers(ByteOrder::LittleEndian, |[byte]| byte != 0)?))
            }
            Datatype::String { size: StringSize::Fixed(length), padding, .. } => self.fixed_texts(*length, *padding),
            Datatype::String { size: StringSize::Variable, .. } => self.texts(),
            Datatype::VarLen { base, .. } if base.is_vlen_string_base() => self.texts(),
            _ => Err(self.unsupported()),
        }
    }

    fn wrong(&self, problem: String) -> NirError {
        NirError::Layout { at: self.at.clone(), problem }
    }

    fn unsupported(&self) -> NirError {
        self.wrong(format!("has an unsupported type: {:?}", self.dataset.dtype()))
    }

    fn integers(&self, size: u8, signed: bool, order: ByteOrder) -> Result<ArrayD<i64>, NirError> {
        match (size, signed) {
            (1, true) => self.numbers(order, |bytes| i64::from(i8::from_le_bytes(bytes))),
            (1, false) => self.numbers(order, |bytes| i64::from(u8::from_le_bytes(bytes))),
            (2, true) => self.numbers(order, |bytes| i64::from(i16::from_le_bytes(bytes))),
            (2, false) => self.numbers(order, |bytes| i64::from(u16::from_le_bytes(bytes))),
            (4, true) => self.numbers(order, |bytes| i64::from(i32::from_le_bytes(bytes))),
            (4, false) => self.numbers(order, |bytes| i64::from(u32::from_le_bytes(bytes))),
            (8, true) => self.numbers(order, i64::from_le_bytes),
            (8, false) => {
                let values = self.numbers(order, u64::from_le_bytes)?;
                match values.iter().find(|value| i64::try_from(**value).is_err()) {
                    Some(value) => Err(self.wrong(format!("contains {value}, which is too large"))),
                    // All values have been checked to fit.
                    None => Ok(values.mapv(|value| value as i64)),
                }
            }
            _ => Err(self.unsupported()),
        }
    }

    /// Reads numbers of `BYTES` bytes each.
    fn numbers<T, const BYTES: usize>(
        &self,
        order: ByteOrder,
        number: impl Fn([u8; BYTES]) -> T,
    ) -> Result<ArrayD<T>, NirError> {
        let (shape, bytes) = self.bytes(BYTES)?;
        let (numbers, rest) = bytes.as_chunks::<BYTES>();
        let numbers: Vec<T> = numbers
            .iter()
            .map(|bytes| {
                let mut bytes = *bytes;
                if order == ByteOrder::BigEndian {
                    bytes.reverse();
                }
                number(bytes)
            })
            .collect();
        let array =
            ArrayD::from_shape_vec(shape, numbers).map_err(|error| self.wrong(format!("is damaged: {error}")))?;
        if rest.is_empty() { Ok(array) } else { Err(self.wrong("is damaged: it ends within a number".to_owned())) }
    }

    /// Reads the lengths of the axes and the bytes of all elements of `size` bytes.
    fn bytes(&self, size: usize) -> Result<(Vec<usize>, Vec<u8>), NirError> {
        let declared = self.dataset.raw_element_size().map_err(damaged)?;
        if declared != size {
            return Err(self.wrong(format!("is damaged: elements of {declared} bytes, not {size}")));
        }
        let shape: Result<Vec<usize>, _> = self.dataset.shape().iter().map(|length| usize::try_from(*length)).collect();
        let shape = shape.map_err(|_| self.wrong("is damaged: an axis is too long".to_owned()))?;
        let elements = self.dataset.num_elements().map_err(damaged)?;
        // Integers are widened to eight bytes, and the bytes and the numbers are in memory at the same time.
        let taken = elements.saturating_mul(size.max(8) as u64);
        self.budget.charge(&self.at, taken)?;
        // Only chunked data sets can be compressed.
        if self.dataset.chunks().is_none() && elements.saturating_mul(size as u64) > self.budget.length {
            return Err(NirError::Unjustified { at: self.at.clone(), length: self.budget.length });
        }
        Ok((shape, self.dataset.read_raw_bytes().map_err(damaged)?))
    }

    fn fixed_texts(&self, length: u32, padding: StringPadding) -> Result<Stored, NirError> {
        let length = usize::try_from(length).ok().filter(|length| *length > 0);
        let length = length.ok_or_else(|| self.wrong("is damaged: texts without a length".to_owned()))?;
        let (shape, bytes) = self.bytes(length)?;
        let texts = bytes.chunks(length).map(|text| {
            let filled = match padding {
                StringPadding::NullTerminate => text.iter().position(|byte| *byte == 0).unwrap_or(length),
                StringPadding::NullPad => text.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1),
                StringPadding::SpacePad => text.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1),
            };
            self.budget.charge(&self.at, filled as u64 + OVERHEAD)?;
            self.text(text.get(..filled).unwrap_or(text).to_vec())
        });
        Ok(Stored::Texts { texts: texts.collect::<Result<_, _>>()?, shape })
    }

    /// Reads texts that are stored elsewhere in the file: each element has a location and a length.
    fn texts(&self) -> Result<Stored, NirError> {
        let size = self.dataset.vlen_reference_size();
        let (shape, bytes) = self.bytes(size)?;
        let texts = bytes.chunks(size).map(|reference| {
            let length = reference.first_chunk().map_or(0, |length| u32::from_le_bytes(*length));
            self.budget.charge(&self.at, u64::from(length) + OVERHEAD)?;
            let text = self.dataset.resolve_vlen_reference_bytes(reference, 1).map_err(damaged)?;
            self.text(text)
        });
        Ok(Stored::Texts { texts: texts.collect::<Result<_, _>>()?, shape })
    }

    fn text(&self, mut bytes: Vec<u8>) -> Result<String, NirError> {
        // Some programs include the terminating NUL in the length.
        if bytes.last() == Some(&0) {
            bytes.pop();
        }
        String::from_utf8(bytes).map_err(|_| self.wrong("contains a text that is not UTF-8".to_owned()))
    }
}
