//! Reader for the zip archives of `torch.save`: uncompressed entries, with a directory at the end.
//!
//! The crate that reads archives of arrays is not used here: it reserves memory for as many entries as the archive claims, uses
//! the last of two entries with the same name, and searches the whole file for another directory if the one at the end is
//! damaged. The archives of `torch.save` need none of its generality.

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
/// Extra field of an entry whose lengths or location need more than 32 bits.
const WIDE_FIELD: u16 = 1;
/// Flag of an encrypted entry.
const ENCRYPTED: u16 = 1;

/// Magic number of files before PyTorch 1.6, after the first opcodes of the pickle.
const LEGACY: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/// An open archive.
pub(super) struct Archive<R> {
    file: R,
    length: u64,
    /// Entries by name, without the common folder.
    entries: HashMap<String, Entry>,
}

/// Location and properties of an entry.
#[derive(Clone, Debug)]
struct Entry {
    full_name: String,
    flags: u16,
    method: u16,
    checksum: u32,
    packed: u64,
    length: u64,
    /// Start of its header.
    start: u64,
    /// Start of the next entry or of the directory.
    end: u64,
}

/// Location and size of the directory.
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

    /// Length of the file in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Checks that the numbers are little-endian. Archives before PyTorch 2.1 always are, without an entry for it.
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

    /// Reads an entry of at most `limit` bytes.
    pub(super) fn read(&mut self, name: &str, limit: u64) -> Result<Vec<u8>, PytorchError> {
        let fail = |problem: String| PytorchError::Entry { entry: shown(name), problem };
        let entry = self.entries.get(name).ok_or_else(|| fail("is missing".to_owned()))?;
        if entry.flags & ENCRYPTED != 0 {
            return Err(fail("is encrypted".to_owned()));
        }
        if entry.method != 0 || entry.packed != entry.length {
            return Err(fail(
                "is compressed, which `torch.save` never does; save it again with `torch.save`".to_owned(),
            ));
        }
        if entry.length > limit {
            return Err(fail(format!("has {} bytes, more than the limit of {limit}", entry.length)));
        }
        let outside = || fail(format!("claims {} bytes, but has fewer", entry.length));
        let room = entry.end - entry.start;
        let header = read_at(&mut self.file, entry.start, room.min(LOCAL_HEADER_LENGTH as u64))?;
        let (name_length, extra_length) =
            parse_local_header(&header).ok_or_else(|| fail("does not start with a header".to_owned()))?;
        let start = LOCAL_HEADER_LENGTH as u64 + u64::from(name_length) + u64::from(extra_length);
        if start.checked_add(entry.length).is_none_or(|end| end > room) {
            return Err(outside());
        }
        let name_start = entry.start + LOCAL_HEADER_LENGTH as u64;
        if read_at(&mut self.file, name_start, u64::from(name_length))? != entry.full_name.as_bytes() {
            return Err(fail("is not at the location in the directory".to_owned()));
        }
        let content = read_at(&mut self.file, entry.start + start, entry.length)?;
        if crc32fast::hash(&content) != entry.checksum {
            return Err(fail("is damaged: the checksum is wrong".to_owned()));
        }
        Ok(content)
    }
}

fn damaged(problem: impl Into<String>) -> PytorchError {
    PytorchError::Archive { problem: problem.into() }
}

/// Reads bytes that the caller knows to be within the file.
fn read_at(file: &mut (impl Read + Seek), start: u64, length: u64) -> Result<Vec<u8>, PytorchError> {
    file.seek(SeekFrom::Start(start))?;
    let length = usize::try_from(length).map_err(|_| damaged("larger than the memory of this machine"))?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Finds the directory by the last records of the file: `torch.save` writes no comment after them.
fn find_directory(file: &mut (impl Read + Seek), length: u64) -> Result<Directory, PytorchError> {
    let none = || damaged("it does not end like a zip archive");
    let end = length.checked_sub(END_LENGTH).ok_or_else(none)?;
    let mut directory = parse_end(&read_at(file, end, END_LENGTH)?).ok_or_else(none)?;
    let mut directory_end = end;
    if let Some(start) = end.checked_sub(WIDE_LOCATOR_LENGTH + WIDE_END_LENGTH) {
        let records = read_at(file, start, WIDE_LOCATOR_LENGTH + WIDE_END_LENGTH)?;
        let mut locator = Fields::new(&records[WIDE_END_LENGTH as usize..]);
        if locator.u32() == Some(WIDE_LOCATOR) {
            directory = parse_wide_end(&records).ok_or_else(|| damaged("its last records are invalid"))?;
            directory_end = start;
        }
    }
    if directory.start.checked_add(directory.length) != Some(directory_end) {
        return Err(damaged("its directory is not at the location in the last record"));
    }
    if directory.entries > directory.length / DIRECTORY_ENTRY_LENGTH {
        let Directory { entries, length, .. } = directory;
        return Err(damaged(format!(
            "its directory of {length} bytes is too short for the {entries} entries that it claims"
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
        entries.push(entry.ok_or_else(|| damaged(format!("entry {number} of its directory is invalid")))?);
    }
    match fields.remaining() {
        0 => Ok(entries),
        rest => Err(damaged(format!("{rest} bytes follow the last entry of its directory"))),
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
    // In this order, and only the fields that do not fit.
    let mut widened = |narrow: u32| match narrow {
        u32::MAX => wide.as_mut()?.u64(),
        narrow => Some(narrow.into()),
    };
    let (length, packed, start) = (widened(length)?, widened(packed)?, widened(start)?);
    Some(Entry { full_name, flags, method, checksum, packed, length, start, end: start })
}

/// Finds the field with the lengths and the location that need more than 32 bits.
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

/// Parses the lengths of the name and of the extra fields.
fn parse_local_header(bytes: &[u8]) -> Option<(u16, u16)> {
    let mut fields = Fields::new(bytes);
    (fields.u32()? == LOCAL_HEADER).then_some(())?;
    fields.take(22)?;
    Some((fields.u16()?, fields.u16()?))
}

/// Collects the entries by name, without the only folder that contains a `data.pkl`. Entries must not overlap.
fn by_name(entries: Vec<Entry>) -> Result<HashMap<String, Entry>, PytorchError> {
    let folders = entries.iter().filter_map(|entry| entry.full_name.strip_suffix("/data.pkl"));
    let folders: Vec<&str> = folders.filter(|folder| !folder.contains('/')).collect();
    let [folder] = folders.as_slice() else {
        return Err(damaged(format!("it has {} pickles named `data.pkl` instead of one", folders.len())));
    };
    let folder = format!("{folder}/");
    let mut named = HashMap::new();
    for entry in entries {
        let name = entry.full_name.strip_prefix(&folder).unwrap_or(&entry.full_name).to_owned();
        // Minimum size of an entry in addition to its content; extra fields are checked when it is read.
        let least = (LOCAL_HEADER_LENGTH + entry.full_name.len()) as u64;
        let needed = entry.start.checked_add(least).and_then(|start| start.checked_add(entry.packed));
        if needed.is_none_or(|end| end > entry.end) {
            return Err(damaged(format!("entry `{}` overlaps the data after it", shown(&name))));
        }
        if named.contains_key(&name) {
            return Err(damaged(format!("entry `{}` exists twice", shown(&name))));
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

    /// An entry of a directory with these lengths, this location and these extra fields.
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
    fn lengths_and_locations_beyond_32_bits_are_in_an_extra_field() {
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
