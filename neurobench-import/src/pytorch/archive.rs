//! The zip archive that `torch.save` writes: entries that are stored as they are, and a directory at the end.
//!
//! Read here rather than by the crate that reads archives of arrays: that one reserves memory for as many entries as the
//! archive claims, lets the last of two entries of one name win, and searches the whole file for another directory if the
//! one at the end is damaged. The archives of `torch.save` need none of its generality.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};

use crate::pytorch::error::{PytorchError, shown};
use crate::pytorch::fields::Fields;

const END: u32 = 0x0605_4b50;
const END_LENGTH: u64 = 22;
const WIDE_LOCATOR: u32 = 0x0706_4b50;
const WIDE_LOCATOR_LENGTH: u64 = 20;
const WIDE_END: u32 = 0x0606_4b50;
const WIDE_END_LENGTH: u64 = 56;
const DIRECTORY_ENTRY: u32 = 0x0201_4b50;
const DIRECTORY_ENTRY_LENGTH: u64 = 46;
const LOCAL_HEADER: u32 = 0x0403_4b50;
const LOCAL_HEADER_LENGTH: usize = 30;
/// The field of an entry whose lengths or place take more than 32 bits.
const WIDE_FIELD: u16 = 1;
/// The flag of an encrypted entry.
const ENCRYPTED: u16 = 1;

/// What files before PyTorch 1.6 begin with, behind the pickle's first opcodes.
const LEGACY: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/// An open archive.
pub(super) struct Archive<R> {
    file: R,
    length: u64,
    /// By name, without the folder that all are in.
    entries: HashMap<String, Entry>,
}

/// Where an entry is.
#[derive(Clone, Debug)]
struct Entry {
    full_name: String,
    flags: u16,
    method: u16,
    checksum: u32,
    packed: u64,
    length: u64,
    /// Where its header begins.
    start: u64,
    /// Where the next entry or the directory begins.
    end: u64,
}

/// Where the directory is.
struct Directory {
    entries: u64,
    start: u64,
    length: u64,
}

impl<R: Read + Seek> Archive<R> {
    /// Reads the directory of an archive.
    pub(super) fn open(mut file: R) -> Result<Self, PytorchError> {
        let length = file.seek(SeekFrom::End(0))?;
        let beginning = read_at(&mut file, 0, length.min(32))?;
        if beginning.windows(LEGACY.len()).any(|window| window == LEGACY) {
            return Err(PytorchError::Legacy);
        }
        let directory = find_directory(&mut file, length)?;
        let bytes = read_at(&mut file, directory.start, directory.length)?;
        let mut entries = parse_directory(&bytes, directory.entries)?;
        entries.sort_by_key(|entry| entry.start);
        for index in 0..entries.len() {
            let end = entries.get(index + 1).map_or(directory.start, |next| next.start);
            entries[index].end = end;
        }
        Ok(Self { file, length, entries: by_name(entries)? })
    }

    /// The length of the file.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// That its numbers are little-endian. Archives before PyTorch 2.1 do not say so, but are.
    pub(super) fn check_byte_order(&mut self) -> Result<(), PytorchError> {
        const NAME: &str = "byteorder";
        if !self.entries.contains_key(NAME) {
            return Ok(());
        }
        let found = self.read(NAME, 16)?;
        if found == b"little" {
            return Ok(());
        }
        Err(PytorchError::ByteOrder { found: shown(&String::from_utf8_lossy(&found)) })
    }

    /// The content of an entry of at most so many bytes.
    pub(super) fn read(&mut self, name: &str, longest: u64) -> Result<Vec<u8>, PytorchError> {
        let fail = |problem: String| PytorchError::Entry { entry: shown(name), problem };
        let entry = self.entries.get(name).ok_or_else(|| fail("is missing".to_owned()))?;
        if entry.flags & ENCRYPTED != 0 {
            return Err(fail("is encrypted".to_owned()));
        }
        if entry.method != 0 || entry.packed != entry.length {
            return Err(fail("is compressed; `torch.save` does not, so save it anew".to_owned()));
        }
        if entry.length > longest {
            return Err(fail(format!("has {} bytes; no more than {longest} are read", entry.length)));
        }
        let outside = || fail(format!("claims {} bytes and has not so many of its own", entry.length));
        let room = entry.end - entry.start;
        let header = read_at(&mut self.file, entry.start, room.min(LOCAL_HEADER_LENGTH as u64))?;
        let (name_length, extra_length) =
            parse_local_header(&header).ok_or_else(|| fail("does not begin with a header".to_owned()))?;
        let start = LOCAL_HEADER_LENGTH as u64 + u64::from(name_length) + u64::from(extra_length);
        if start.checked_add(entry.length).is_none_or(|end| end > room) {
            return Err(outside());
        }
        let name_start = entry.start + LOCAL_HEADER_LENGTH as u64;
        if read_at(&mut self.file, name_start, u64::from(name_length))? != entry.full_name.as_bytes() {
            return Err(fail("is not where the directory says, but another".to_owned()));
        }
        let content = read_at(&mut self.file, entry.start + start, entry.length)?;
        if crc32fast::hash(&content) != entry.checksum {
            return Err(fail("is damaged: its checksum is not that of the directory".to_owned()));
        }
        Ok(content)
    }
}

fn damaged(problem: impl Into<String>) -> PytorchError {
    PytorchError::Archive { problem: problem.into() }
}

/// Bytes that the caller knows to be within the file.
fn read_at(file: &mut (impl Read + Seek), start: u64, length: u64) -> Result<Vec<u8>, PytorchError> {
    file.seek(SeekFrom::Start(start))?;
    let length = usize::try_from(length).map_err(|_| damaged("larger than the memory of this machine"))?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Finds the directory by the records that end the file: `torch.save` writes no comment behind them.
fn find_directory(file: &mut (impl Read + Seek), length: u64) -> Result<Directory, PytorchError> {
    let none = || damaged("it does not end as a zip archive");
    let end = length.checked_sub(END_LENGTH).ok_or_else(none)?;
    let mut directory = parse_end(&read_at(file, end, END_LENGTH)?).ok_or_else(none)?;
    let mut directory_end = end;
    if let Some(start) = end.checked_sub(WIDE_LOCATOR_LENGTH + WIDE_END_LENGTH) {
        let records = read_at(file, start, WIDE_LOCATOR_LENGTH + WIDE_END_LENGTH)?;
        let mut locator = Fields::new(&records[WIDE_END_LENGTH as usize..]);
        if locator.u32() == Some(WIDE_LOCATOR) {
            directory = parse_wide_end(&records).ok_or_else(|| damaged("its last records cannot be understood"))?;
            directory_end = start;
        }
    }
    if directory.start.checked_add(directory.length) != Some(directory_end) {
        return Err(damaged("its directory is not where the last record says"));
    }
    if directory.entries > directory.length / DIRECTORY_ENTRY_LENGTH {
        let Directory { entries, length, .. } = directory;
        return Err(damaged(format!(
            "its directory of {length} bytes cannot hold the {entries} entries that it claims"
        )));
    }
    Ok(directory)
}

fn parse_end(record: &[u8]) -> Option<Directory> {
    let mut fields = Fields::new(record);
    (fields.u32()? == END).then_some(())?;
    let (disk, directory_disk, entries_here, entries) = (fields.u16()?, fields.u16()?, fields.u16()?, fields.u16()?);
    let (length, start, comment) = (fields.u32()?, fields.u32()?, fields.u16()?);
    (disk == directory_disk && entries_here == entries && comment == 0).then_some(())?;
    Some(Directory { entries: entries.into(), start: start.into(), length: length.into() })
}

fn parse_wide_end(record: &[u8]) -> Option<Directory> {
    let mut fields = Fields::new(record);
    (fields.u32()? == WIDE_END).then_some(())?;
    let (_length, _made_by, _needs) = (fields.u64()?, fields.u16()?, fields.u16()?);
    let (_disk, _directory_disk) = (fields.u32()?, fields.u32()?);
    let (entries_here, entries, length, start) = (fields.u64()?, fields.u64()?, fields.u64()?, fields.u64()?);
    (entries_here == entries).then_some(Directory { entries, start, length })
}

fn parse_directory(bytes: &[u8], count: u64) -> Result<Vec<Entry>, PytorchError> {
    let mut fields = Fields::new(bytes);
    let mut entries = Vec::new();
    for number in 0..count {
        let entry = parse_entry(&mut fields);
        entries.push(entry.ok_or_else(|| damaged(format!("entry {number} of its directory cannot be understood")))?);
    }
    match fields.left() {
        0 => Ok(entries),
        left => Err(damaged(format!("{left} bytes follow the last entry of its directory"))),
    }
}

fn parse_entry(fields: &mut Fields<'_>) -> Option<Entry> {
    (fields.u32()? == DIRECTORY_ENTRY).then_some(())?;
    let (_made_by, _needs, flags, method) = (fields.u16()?, fields.u16()?, fields.u16()?, fields.u16()?);
    let (_time, _date, checksum) = (fields.u16()?, fields.u16()?, fields.u32()?);
    let (packed, length) = (fields.u32()?, fields.u32()?);
    let (name_length, extra_length, comment_length) = (fields.u16()?, fields.u16()?, fields.u16()?);
    let (_disk, _internal, _external, start) = (fields.u16()?, fields.u16()?, fields.u32()?, fields.u32()?);
    let full_name = std::str::from_utf8(fields.take(name_length.into())?).ok()?.to_owned();
    let mut wide = wide_field(fields.take(extra_length.into())?);
    fields.take(comment_length.into())?;
    // In this order, and only what does not fit.
    let mut widened = |narrow: u32| match narrow {
        u32::MAX => wide.as_mut()?.u64(),
        narrow => Some(narrow.into()),
    };
    let (length, packed, start) = (widened(length)?, widened(packed)?, widened(start)?);
    Some(Entry { full_name, flags, method, checksum, packed, length, start, end: start })
}

/// The lengths and the place that take more than 32 bits, if there is such a field.
fn wide_field(extra: &[u8]) -> Option<Fields<'_>> {
    let mut fields = Fields::new(extra);
    loop {
        let (kind, length) = (fields.u16()?, fields.u16()?);
        let content = fields.take(length.into())?;
        if kind == WIDE_FIELD {
            return Some(Fields::new(content));
        }
    }
}

/// The lengths of the name and of the extra fields.
fn parse_local_header(bytes: &[u8]) -> Option<(u16, u16)> {
    let mut fields = Fields::new(bytes);
    (fields.u32()? == LOCAL_HEADER).then_some(())?;
    fields.take(22)?;
    Some((fields.u16()?, fields.u16()?))
}

/// The entries of the one folder that has a `data.pkl`, which must not overlap.
fn by_name(entries: Vec<Entry>) -> Result<HashMap<String, Entry>, PytorchError> {
    let folders = entries.iter().filter_map(|entry| entry.full_name.strip_suffix("/data.pkl"));
    let folders: Vec<&str> = folders.filter(|folder| !folder.contains('/')).collect();
    let [folder] = folders.as_slice() else {
        return Err(damaged(format!("it has {} pickles named `data.pkl`, not one", folders.len())));
    };
    let folder = format!("{folder}/");
    let mut named = HashMap::new();
    for entry in entries {
        let name = entry.full_name.strip_prefix(&folder).unwrap_or(&entry.full_name).to_owned();
        // What every entry has besides its content; extra fields are looked at when it is read.
        let least = (LOCAL_HEADER_LENGTH + entry.full_name.len()) as u64;
        let needed = entry.start.checked_add(least).and_then(|start| start.checked_add(entry.packed));
        if needed.is_none_or(|end| end > entry.end) {
            return Err(damaged(format!("entry `{}` reaches into what follows it", shown(&name))));
        }
        if named.contains_key(&name) {
            return Err(damaged(format!("entry `{}` is there twice", shown(&name))));
        }
        named.insert(name, entry);
    }
    if named.contains_key("constants.pkl") {
        return Err(PytorchError::TorchScript);
    }
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry of a directory with these lengths and this place, and these extra fields.
    fn entry(packed: u32, length: u32, start: u32, extra: &[u8]) -> Option<Entry> {
        let mut bytes = DIRECTORY_ENTRY.to_le_bytes().to_vec();
        bytes.extend([0; 16]);
        bytes.extend([packed.to_le_bytes(), length.to_le_bytes()].concat());
        bytes.extend([1, 0, u8::try_from(extra.len()).unwrap(), 0, 0, 0]);
        bytes.extend([0; 8]);
        bytes.extend(start.to_le_bytes());
        bytes.extend(b"a");
        bytes.extend(extra);
        parse_entry(&mut Fields::new(&bytes))
    }

    // Sections 4.3.12 and 4.5.3 of the format's specification (APPNOTE.TXT of PKWARE).
    #[test]
    fn lengths_and_places_of_more_than_32_bits_are_in_a_field_of_their_own() {
        let wide: Vec<u8> = [5_u64 << 32, 6 << 32, 7 << 32].into_iter().flat_map(u64::to_le_bytes).collect();
        let extra = [&[9, 0, 1, 0, 0xff, 1, 0, 24, 0][..], &wide].concat();
        let whole = entry(u32::MAX, u32::MAX, u32::MAX, &extra).unwrap();
        assert_eq!((whole.length, whole.packed, whole.start), (5 << 32, 6 << 32, 7 << 32));
        let only_start = entry(3, 4, u32::MAX, &[&[1, 0, 8, 0][..], &wide[..8]].concat()).unwrap();
        assert_eq!((only_start.length, only_start.packed, only_start.start), (4, 3, 5 << 32));
        let none = entry(3, 4, 2, &[]).unwrap();
        assert_eq!((none.length, none.packed, none.start), (4, 3, 2));
        assert!(entry(u32::MAX, u32::MAX, u32::MAX, &[&[1, 0, 16, 0][..], &wide[..16]].concat()).is_none());
        assert!(entry(u32::MAX, 1, 1, &[]).is_none());
        assert!(entry(u32::MAX, 1, 1, &[1, 0, 8, 0, 1]).is_none());
    }
}
