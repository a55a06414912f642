//! A valid file of each format, for tests.

use super::EventFormat;

pub(super) const ALL: [EventFormat; 7 + cfg!(feature = "aedat4") as usize] = [
    EventFormat::Records40,
    EventFormat::Aedat2,
    EventFormat::Aedat3,
    #[cfg(feature = "aedat4")]
    EventFormat::Aedat4,
    EventFormat::Dat,
    EventFormat::Evt2,
    EventFormat::Evt3,
    EventFormat::Npy,
];

/// Returns a file with several events and the length of its header, or `usize::MAX` if no part of the file is valid.
pub(super) fn file(format: EventFormat) -> (Vec<u8>, usize) {
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let after = |header: &[u8], rest: &[u8]| ([header, rest].concat(), header.len());
    match format {
        EventFormat::Records40 => ((0..45).collect(), 0),
        EventFormat::Aedat2 => {
            let pairs = [[179 << 22 | 239 << 12 | 1 << 11, 5], [1 << 31, 6], [3 << 22 | 4 << 12, 7], [0, 8]];
            let pairs: Vec<u8> = pairs.as_flattened().iter().flat_map(|word: &u32| word.to_be_bytes()).collect();
            after(b"#!AER-DAT2.0\r\n# AEChip: x.Davis240C\r\n", &pairs)
        }
        EventFormat::Aedat3 => {
            let special = [[0x0001_0000, 8, 4, 0, 1, 1, 1].as_slice(), &[7, 7]].concat();
            let polarity = [[0x0001_0001, 8, 4, 1, 3, 3, 3].as_slice(), &[1, 5, 3, 6, 0x10_0007, 7]].concat();
            after(b"#!AER-DAT3.1\r\n#Format: RAW\r\n#!END-HEADER\r\n", &words(&[special, polarity].concat()))
        }
        EventFormat::Aedat4 => (aedat4(&[]), usize::MAX),
        EventFormat::Dat => {
            let events = [[5, 1 << 28 | 3 << 14 | 4], [6, 0], [7, 0x3fff], [8, 0x3fff << 14]];
            after(b"% Version 2\n% Height 720\n\x0c\x08", &words(events.as_flattened()))
        }
        EventFormat::Evt2 => after(
            b"% evt 2.0\n% format EVT2;height=720;width=1280\n% end\n",
            &words(&[8 << 28 | 1, 1 << 28 | 5 << 22 | 3 << 11 | 4, 7 << 22, 8 << 28 | 2, 1 << 28]),
        ),
        EventFormat::Evt3 => {
            after(b"% evt 3.0\n% end\n", &words(&[0x6001_8000, 0x2803_0007, 0x40ff_3005, 0x5011_6009, 0x2001_0003]))
        }
        EventFormat::Npy => {
            let header = b"\x93NUMPY\x01\x00\x3c\x00{'descr': '<i2', 'fortran_order': False, 'shape': (3, 4), }\n";
            let numbers = words(&[0x0001_0005, 0x0001_0002, 0x0003_0006, 0x0000_0004, 0x0005_0007, 0x0001_0006]);
            ([&header[..], &numbers].concat(), usize::MAX)
        }
    }
}

/// Returns an AEDAT 4 file whose packets are these, after a header that names stream 3 as events and gives this
/// compression.
pub(super) fn aedat4_of(compression: u32, packets: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let description = "<dv><node name=\"outInfo\"><node name=\"0\"><attr key=\"typeIdentifier\" type=\"string\">FRME</attr></node>\
                       <node name=\"3\"><attr key=\"typeIdentifier\" type=\"string\">EVTS</attr></node></node></dv>";
    let packets: Vec<u8> = packets
        .iter()
        .flat_map(|(stream, packet)| [&stream.to_le_bytes()[..], &(packet.len() as u32).to_le_bytes(), packet].concat())
        .collect();
    // Root offset, identifier, list of offsets (padded to 12 bytes), table, description.
    let mut buffer = [&20_u32.to_le_bytes()[..], b"IOHE"].concat();
    for short in [10_u16, 20, 4, 12, 8, 0] {
        buffer.extend(short.to_le_bytes());
    }
    buffer.extend(12_u32.to_le_bytes());
    buffer.extend(compression.to_le_bytes());
    buffer.extend(12_u32.to_le_bytes());
    let header = 14 + 4 + 20 + 20 + 4 + description.len();
    buffer.extend(((header + packets.len()) as u64).to_le_bytes());
    buffer.extend((description.len() as u32).to_le_bytes());
    buffer.extend(description.as_bytes());
    [b"#!AER-DAT4.0\r\n", &(buffer.len() as u32).to_le_bytes()[..], &buffer, &packets, b"the table"].concat()
}

/// Returns an uncompressed packet of events `(time, x, y, polarity)`.
pub(super) fn packet(events: &[(i64, i16, i16, u8)]) -> Vec<u8> {
    let mut buffer = [&16_u32.to_le_bytes()[..], b"EVTS"].concat();
    for short in [6_u16, 8, 4, 0] {
        buffer.extend(short.to_le_bytes());
    }
    buffer.extend(8_u32.to_le_bytes());
    buffer.extend(4_u32.to_le_bytes());
    buffer.extend((events.len() as u32).to_le_bytes());
    for (time, x, y, polarity) in events {
        buffer.extend([&time.to_le_bytes()[..], &x.to_le_bytes(), &y.to_le_bytes(), &[*polarity, 0, 0, 0]].concat());
    }
    [&(buffer.len() as u32).to_le_bytes()[..], &buffer].concat()
}

fn aedat4(more: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let first = (3, packet(&[(5, 1, 2, 1), (6, 345, 259, 0)]));
    let packets = [&[(0, vec![1, 2, 3]), first, (3, packet(&[(7, 0, 0, 1)]))], more].concat();
    aedat4_of(0, &packets)
}
