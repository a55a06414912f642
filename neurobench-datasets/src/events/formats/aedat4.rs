//! AEDAT 4 of DV.
//!
//! Source: <https://docs.inivation.com/software/software-advanced-usage/file-formats/aedat-4.0.html>. Only one table with
//! one vector is read from the FlatBuffers, so no code is generated from their schema.

use std::io::{self, BufRead, Read as _};

use neurobench_core::data::events::Event;

use super::{Decoder, EventError, problem, u32_at};

/// First line of a file.
const MAGIC: &[u8] = b"#!AER-DAT4.0\r\n";
/// Maximum length of the header and of a packet, also after decompression.
const LIMIT: u64 = 1 << 28;
/// Number of bytes of the header of a packet: its stream and size.
const PACKET_HEADER: usize = 8;
/// Number of bytes of an event: time (8), x (2), y (2), polarity (1) and padding.
const SIZE: usize = 16;

#[derive(Clone, Default)]
pub(super) struct Aedat4 {
    header: Option<Header>,
    /// Number of bytes that were used.
    position: u64,
    /// Decompressed packet, for reuse.
    packet: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Header {
    compression: Compression,
    /// Position of the table of packets, which ends them.
    end: Option<u64>,
    /// Number of the stream of events.
    stream: u32,
}

#[derive(Clone, Copy)]
enum Compression {
    None,
    Lz4,
    Zstd,
}

impl Decoder for Aedat4 {
    fn boxed(&self) -> Box<dyn Decoder> {
        Box::new(self.clone())
    }

    fn decode(&mut self, bytes: &[u8], last: bool, events: &mut Vec<Event>) -> Result<usize, EventError> {
        let used = self.read(bytes, last, events)?;
        self.position += used as u64;
        Ok(used)
    }
}

impl Aedat4 {
    fn read(&mut self, bytes: &[u8], last: bool, events: &mut Vec<Event>) -> Result<usize, EventError> {
        let mut at = 0;
        let header = match self.header {
            Some(header) => header,
            None => {
                let Some((header, length)) = Header::read(bytes, last)? else { return Ok(0) };
                at = length;
                *self.header.insert(header)
            }
        };
        loop {
            let rest = &bytes[at..];
            if header.end.is_some_and(|end| self.position + at as u64 >= end) {
                return Ok(bytes.len());
            }
            if rest.is_empty() && last {
                return match header.end {
                    Some(end) => problem(at, format!("the file ends before its table of packets at byte {end}")),
                    None => Ok(at),
                };
            }
            let (Some(stream), Some(size)) = (u32_at(rest, 0), u32_at(rest, 4)) else {
                return match last {
                    true => problem(at, "the file ends within the header of a packet"),
                    false => Ok(at),
                };
            };
            if u64::from(size) > LIMIT {
                return problem(at + 4, format!("a packet claims {size} bytes; the limit is {LIMIT}"));
            }
            let Some(packet) = rest.get(PACKET_HEADER..PACKET_HEADER + size as usize) else {
                return match last {
                    true => {
                        let found = rest.len().saturating_sub(PACKET_HEADER);
                        problem(at, format!("the file ends within a packet: {found} of {size} bytes"))
                    }
                    false => Ok(at),
                };
            };
            if stream == header.stream {
                match header.compression.decompress(packet, &mut self.packet).and_then(elements) {
                    Ok(elements) => append(elements, at, events)?,
                    Err(message) => return problem(at, format!("packet of stream {stream}: {message}")),
                }
            }
            at += PACKET_HEADER + size as usize;
        }
    }
}

impl Header {
    /// Reads the header and returns it with its length; `None` if more bytes are needed.
    fn read(bytes: &[u8], last: bool) -> Result<Option<(Self, usize)>, EventError> {
        let short = || match last {
            true => problem(bytes.len(), "the file ends within its header"),
            false => Ok(None),
        };
        let Some(size) = u32_at(bytes, MAGIC.len()) else { return short() };
        if !bytes.starts_with(MAGIC) {
            return problem(0, "not AEDAT 4: the first line is not `#!AER-DAT4.0`");
        }
        if u64::from(size) > LIMIT {
            return problem(MAGIC.len(), format!("the header claims {size} bytes; the limit is {LIMIT}"));
        }
        let begin = MAGIC.len() + 4;
        let Some(buffer) = bytes.get(begin..begin + size as usize) else { return short() };
        match Self::parse(buffer) {
            Ok(header) => Ok(Some((header, begin + size as usize))),
            Err(message) => problem(begin, format!("the header: {message}")),
        }
    }

    fn parse(buffer: &[u8]) -> Result<Self, String> {
        if buffer.get(4..8) != Some(b"IOHE") {
            return Err("its identifier is not IOHE".to_owned());
        }
        let table = Table::root(buffer)?;
        let compression = match table.field(0).map_or(Some(0), |at| u32_at(buffer, at)) {
            Some(0) => Compression::None,
            Some(1 | 2) => Compression::Lz4,
            Some(3 | 4) => Compression::Zstd,
            other => return Err(format!("compression {} is not known", other.unwrap_or_default())),
        };
        let end = table.field(1).and_then(|at| buffer.get(at..)?.first_chunk()).map(|bytes| i64::from_le_bytes(*bytes));
        let description =
            table.field(2).and_then(|at| vector(buffer, at, 1)).ok_or("it has no description of streams")?;
        let stream = lowest_event_stream(&String::from_utf8_lossy(description)).ok_or("it has no stream of events")?;
        // Not known, in files that were not closed.
        Ok(Self { compression, end: end.and_then(|end| u64::try_from(end).ok()).filter(|end| *end > 0), stream })
    }
}

/// Finds the lowest number of a stream of events in the XML of a header: the nodes below `outInfo` have the numbers of
/// streams as names, and an attribute `typeIdentifier` that is `EVTS` for events.
fn lowest_event_stream(description: &str) -> Option<u32> {
    let nodes = description.split("<node ").skip(1).filter_map(|node| {
        let number = node.split_once("name=\"")?.1.split_once('"')?.0.parse().ok()?;
        // The attributes of a node precede the nodes in it.
        let kind = node.split_once("key=\"typeIdentifier\"")?.1.split_once('>')?.1.split_once('<')?.0;
        (kind.trim() == "EVTS").then_some(number)
    });
    nodes.min()
}

impl Compression {
    /// Decompresses a packet of at most [`LIMIT`] bytes. The memory is for reuse.
    fn decompress<'a>(self, packet: &'a [u8], into: &'a mut Vec<u8>) -> Result<&'a [u8], String> {
        into.clear();
        let read = match self {
            Self::None => return Ok(packet),
            Self::Lz4 => read_all(lz4_flex::frame::FrameDecoder::new(packet), into),
            Self::Zstd => {
                let decoder = ruzstd::decoding::StreamingDecoder::new(packet);
                decoder.map_err(|error| error.to_string())?.take(LIMIT + 1).read_to_end(into).map(|_| ())
            }
        };
        match read {
            Ok(()) if into.len() as u64 > LIMIT => Err(format!("it decompresses to more than {LIMIT} bytes")),
            Ok(()) => Ok(into),
            Err(error) => Err(format!("it cannot be decompressed: {error}")),
        }
    }
}

/// Reads to the end, or to the block that exceeds [`LIMIT`].
fn read_all(mut reader: impl BufRead, into: &mut Vec<u8>) -> io::Result<()> {
    while into.len() as u64 <= LIMIT {
        let block = reader.fill_buf()?;
        let length = block.len();
        if length == 0 {
            break;
        }
        into.extend_from_slice(block);
        reader.consume(length);
    }
    Ok(())
}

/// Returns the bytes of the events of a packet.
fn elements(packet: &[u8]) -> Result<&[[u8; SIZE]], String> {
    let size = u32_at(packet, 0).ok_or("it is empty")? as usize;
    let buffer =
        packet.get(4..).and_then(|buffer| buffer.get(..size)).ok_or("it is shorter than the size that it claims")?;
    if buffer.get(4..8) != Some(b"EVTS") {
        return Err("its identifier is not EVTS".to_owned());
    }
    let Some(field) = Table::root(buffer)?.field(0) else { return Ok(&[]) };
    let bytes = vector(buffer, field, SIZE).ok_or("its events are outside of it")?;
    Ok(bytes.as_chunks().0)
}

fn append(elements: &[[u8; SIZE]], at: usize, events: &mut Vec<Event>) -> Result<(), EventError> {
    // Time, x and y are signed.
    const SIGNS: u128 = 1 << 63 | 1 << 79 | 1 << 95;
    let word = |element: &[u8; SIZE]| u128::from_le_bytes(*element);
    // All are tested first, so that they are appended without a test of each.
    if elements.iter().fold(0, |bits, element| bits | word(element)) & SIGNS != 0 {
        let index = elements.iter().position(|element| word(element) & SIGNS != 0).unwrap_or_default();
        let word = word(&elements[index]);
        let (time, x, y) = (word as i64, (word >> 64) as i16, (word >> 80) as i16);
        return problem(at, format!("event {index} of the packet has time {time}, x {x} and y {y}"));
    }
    events.extend(elements.iter().map(word).map(|word| Event {
        time: word as i64,
        x: (word >> 64) as u16,
        y: (word >> 80) as u16,
        polarity: u8::from(word >> 96 & 0xff != 0),
    }));
    Ok(())
}

/// Table of a FlatBuffer.
struct Table<'a> {
    buffer: &'a [u8],
    at: usize,
    /// Position of the list of offsets of fields.
    offsets: usize,
}

impl<'a> Table<'a> {
    /// Finds the root table.
    fn root(buffer: &'a [u8]) -> Result<Self, String> {
        let outside = || "its table is outside of it".to_owned();
        let at = u32_at(buffer, 0).ok_or_else(outside)? as usize;
        let back = u32_at(buffer, at).ok_or_else(outside)? as i32;
        let offsets = i64::try_from(at).ok().and_then(|at| usize::try_from(at - i64::from(back)).ok());
        Ok(Self { buffer, at, offsets: offsets.ok_or_else(outside)? })
    }

    /// Returns the position of a field; `None` if it is absent.
    fn field(&self, index: usize) -> Option<usize> {
        let short = |at: usize| {
            let bytes = self.buffer.get(at..at.checked_add(2)?)?;
            Some(usize::from(u16::from_le_bytes(bytes.try_into().ok()?)))
        };
        let entry = 4 + 2 * index;
        if entry + 2 > short(self.offsets)? {
            return None;
        }
        match short(self.offsets + entry)? {
            0 => None,
            offset => Some(self.at + offset),
        }
    }
}

/// Returns the bytes of a vector of elements of `size` bytes, whose offset is at `at`.
fn vector(buffer: &[u8], at: usize, size: usize) -> Option<&[u8]> {
    let begin = at.checked_add(u32_at(buffer, at)? as usize)?;
    let length = (u32_at(buffer, begin)? as usize).checked_mul(size)?;
    buffer.get(begin + 4..(begin + 4).checked_add(length)?)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::{EventFormat, samples};
    use super::*;

    fn compressed(packet: &[u8]) -> [(u32, Vec<u8>); 3] {
        let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
        lz4.write_all(packet).unwrap();
        let zstd = ruzstd::encoding::compress_to_vec(packet, ruzstd::encoding::CompressionLevel::Fastest);
        [(0, packet.to_vec()), (1, lz4.finish().unwrap()), (3, zstd)]
    }

    #[test]
    fn packets_of_every_compression_have_the_same_events() {
        let packet = samples::packet(&[(1 << 40, 1, 2, 1), (6, 345, 259, 0)]);
        for (compression, packet) in compressed(&packet) {
            let file = samples::aedat4_of(compression, &[(0, vec![7]), (3, packet)]);
            let expected =
                [Event { time: 1 << 40, x: 1, y: 2, polarity: 1 }, Event { time: 6, x: 345, y: 259, polarity: 0 }];
            assert_eq!(EventFormat::Aedat4.decode(&file).unwrap(), expected);
        }
    }

    #[test]
    fn errors_name_the_byte_of_the_packet_and_the_problem() {
        let start = samples::aedat4_of(0, &[]).len() - b"the table".len();
        let error = |compression, packet: Vec<u8>| {
            EventFormat::Aedat4.decode(&samples::aedat4_of(compression, &[(3, packet)])).unwrap_err().to_string()
        };
        assert_eq!(error(0, vec![]), format!("byte {start}: packet of stream 3: it is empty"));
        let claims = error(0, vec![9, 0, 0, 0]);
        assert_eq!(claims, format!("byte {start}: packet of stream 3: it is shorter than the size that it claims"));
        let damaged = error(1, vec![1, 2, 3, 4, 5, 6, 7, 8]);
        assert!(
            damaged.starts_with(&format!("byte {start}: packet of stream 3: it cannot be decompressed: ")),
            "{damaged}"
        );
        let negative = error(0, samples::packet(&[(1, 1, 1, 1), (1, -1, 0, 0)]));
        assert_eq!(negative, format!("byte {start}: event 1 of the packet has time 1, x -1 and y 0"));
    }

    #[test]
    fn a_packet_that_decompresses_to_more_than_the_limit_is_an_error() {
        let mut bomb = lz4_flex::frame::FrameEncoder::new(Vec::new());
        let zeros = vec![0; 1 << 20];
        for _ in 0..=256 {
            bomb.write_all(&zeros).unwrap();
        }
        let file = samples::aedat4_of(1, &[(3, bomb.finish().unwrap())]);
        let error = EventFormat::Aedat4.decode(&file).unwrap_err();
        assert_eq!(error.problem, "packet of stream 3: it decompresses to more than 268435456 bytes");
    }
}
