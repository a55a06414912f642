//! AEDAT 2.0 of jAER.
//!
//! Sources: <https://docs.inivation.com/software/software-advanced-usage/file-formats/aedat-2.0.html> for the records and
//! the addresses of DAVIS, and for those of DVS128 the program that writes and reads them, the class `DVS128.Extractor` of
//! jAER (<https://github.com/SensorsINI/jaer>, `src/ch/unizh/ini/jaer/chip/retina/DVS128.java`): "The ON events have raw
//! polarity 0", and x counts from the right. The driver of the manufacturer, `src/dvs128.c` of libcaer, inverts both in the
//! same way. The page calls bit 0 "1 means increase (ON)", which holds after this inversion; files have the raw addresses.

use neurobench_core::data::events::Event;

use super::{Decoder, EventError, append, header, problem, records};

/// Number of bytes of an event.
const SIZE: usize = 8;

#[derive(Clone, Default)]
pub(super) struct Aedat2 {
    /// Sensor of the file, once its header is read.
    sensor: Option<Sensor>,
}

/// Sensor that made the addresses.
#[derive(Clone, Copy)]
enum Sensor {
    Dvs128,
    /// A DAVIS, with the width and height of its pixels.
    Davis {
        width: u32,
        height: u32,
    },
}

impl Decoder for Aedat2 {
    fn boxed(&self) -> Box<dyn Decoder> {
        Box::new(self.clone())
    }

    fn decode(&mut self, bytes: &[u8], last: bool, events: &mut Vec<Event>) -> Result<usize, EventError> {
        let mut header = 0;
        let sensor = match self.sensor {
            Some(sensor) => sensor,
            None => {
                let Some(length) = header::length(bytes, last, b"#", |line| line == b"#!END-HEADER")? else {
                    return Ok(0);
                };
                if !bytes.starts_with(b"#!AER-DAT2.") {
                    return problem(0, "not AEDAT 2.0: the first line is not `#!AER-DAT2.0`");
                }
                header = length;
                *self.sensor.insert(Sensor::from_header(&bytes[..length])?)
            }
        };
        let records = records::<SIZE>(&bytes[header..], last).map_err(|mut error| {
            error.byte += header as u64;
            error
        })?;
        match sensor.append_all(records, events) {
            Ok(()) => Ok(header + records.len() * SIZE),
            Err((index, message)) => problem(header + index * SIZE, message),
        }
    }
}

impl Sensor {
    /// Finds the sensor in the header. Files without this line are from the first years, when DVS128 was the only one.
    fn from_header(header: &[u8]) -> Result<Self, EventError> {
        let Some(chip) = header::value(header, "# AEChip:") else { return Ok(Self::Dvs128) };
        let name = chip.rsplit('.').next().unwrap_or(chip).to_ascii_lowercase();
        match name {
            name if name.starts_with("dvs128") => Ok(Self::Dvs128),
            name if name.starts_with("davis240") => Ok(Self::Davis { width: 240, height: 180 }),
            name if name.starts_with("davis346") => Ok(Self::Davis { width: 346, height: 260 }),
            name if name.starts_with("davis640") => Ok(Self::Davis { width: 640, height: 480 }),
            _ => problem(
                0,
                format!("addresses of {} are not supported; those of DVS128 and DAVIS are", chip.escape_debug()),
            ),
        }
    }

    /// Appends the events of records. An error has the index of its record.
    fn append_all(self, records: &[[u8; SIZE]], events: &mut Vec<Event>) -> Result<(), (usize, String)> {
        match self {
            Self::Dvs128 => {
                // Bit 15 marks an event of the input pin, bit 31 another special event.
                let marks = |record: &[u8; SIZE]| address(record) & (1 << 31 | 1 << 15);
                append(records, marks, |record| Ok(marks(record) == 0), dvs128, events)
            }
            Self::Davis { width, height } => {
                // Bit 31 marks pixels of frames and inertial data, bit 10 an event of the input pin.
                let other = |record: &[u8; SIZE]| address(record) & (1 << 31 | 1 << 10);
                // The origin of the addresses is at the lower right. A pixel outside is negative, in bit 31.
                let pixel = |record: &[u8; SIZE]| {
                    let (x, y) = davis_pixel(record);
                    ((width - 1).wrapping_sub(x), (height - 1).wrapping_sub(y))
                };
                let outside = |record: &[u8; SIZE]| {
                    let (x, y) = pixel(record);
                    (x | y) & 1 << 31
                };
                let is_event = |record: &[u8; SIZE]| match (other(record), outside(record)) {
                    (0, 0) => Ok(true),
                    (0, _) => {
                        let (x, y) = davis_pixel(record);
                        Err(format!("pixel ({x}, {y}) is outside of the {width} x {height} pixels of the sensor"))
                    }
                    _ => Ok(false),
                };
                let event = |record: &[u8; SIZE]| {
                    let (x, y) = pixel(record);
                    let polarity = (address(record) >> 11 & 1) as u8;
                    Event { time: time(record), x: x as u16, y: y as u16, polarity }
                };
                append(records, |record| other(record) | outside(record), is_event, event, events)
            }
        }
    }
}

fn address(record: &[u8; SIZE]) -> u32 {
    let [first, second, third, fourth, ..] = *record;
    u32::from_be_bytes([first, second, third, fourth])
}

fn time(record: &[u8; SIZE]) -> i64 {
    let [.., first, second, third, fourth] = *record;
    i64::from(u32::from_be_bytes([first, second, third, fourth]))
}

/// The chip counts x from the right and y from the bottom, and raises bit 0 for darker pixels.
fn dvs128(record: &[u8; SIZE]) -> Event {
    let address = address(record);
    Event {
        time: time(record),
        x: (0x7f - (address >> 1 & 0x7f)) as u16,
        y: (0x7f - (address >> 8 & 0x7f)) as u16,
        polarity: (!address & 1) as u8,
    }
}

/// Pixel of an address of a DAVIS.
fn davis_pixel(record: &[u8; SIZE]) -> (u32, u32) {
    let address = address(record);
    (address >> 12 & 0x3ff, address >> 22 & 0x1ff)
}

#[cfg(test)]
mod tests {
    use super::super::EventFormat;
    use super::*;

    fn file(chip: &str, events: &[(u32, u32)]) -> Vec<u8> {
        let pairs = events.iter().flat_map(|(address, time)| [address.to_be_bytes(), time.to_be_bytes()]).flatten();
        format!("#!AER-DAT2.0\r\n# a comment\r\n{chip}").into_bytes().into_iter().chain(pairs).collect()
    }

    #[test]
    fn a_file_without_a_chip_has_addresses_of_dvs128() {
        let special = [(1 << 15, 8), (1 << 31, 8)];
        let pixels = [(127 << 8 | 5 << 1 | 1, 0xffff_ffff), (2 << 8, 9)];
        let bytes = file("", &[&pixels[..1], &special, &pixels[1..]].concat());
        // As in jAER: x is 127 minus bits 1 to 7, and the polarity is ON if bit 0 is 0; y is from the top here.
        let expected =
            [Event { time: 0xffff_ffff, x: 122, y: 0, polarity: 0 }, Event { time: 9, x: 127, y: 125, polarity: 1 }];
        assert_eq!(EventFormat::Aedat2.decode(&bytes).unwrap(), expected);
    }

    #[test]
    fn a_davis_has_other_addresses_and_skips_frames_and_triggers() {
        let chip = "# AEChip: eu.seebetter.ini.chips.davis.Davis346red\r\n";
        let pixel = 259 << 22 | 345 << 12 | 1 << 11;
        let bytes = file(chip, &[(pixel, 1), (1 << 31, 2), (1 << 10, 3), (0, 4)]);
        let expected = [Event { time: 1, x: 0, y: 0, polarity: 1 }, Event { time: 4, x: 345, y: 259, polarity: 0 }];
        assert_eq!(EventFormat::Aedat2.decode(&bytes).unwrap(), expected);
        let error = EventFormat::Aedat2.decode(&file(chip, &[(0, 0), (260 << 22, 1)])).unwrap_err();
        assert_eq!(error.problem, "pixel (0, 260) is outside of the 346 x 260 pixels of the sensor");
        assert_eq!(error.byte, (file(chip, &[]).len() + 8) as u64);
    }

    #[test]
    fn other_sensors_and_files_are_refused() {
        let error = EventFormat::Aedat2.decode(&file("# AEChip: a.b.Cochlea\r\n", &[])).unwrap_err();
        let expected = "byte 0: addresses of a.b.Cochlea are not supported; those of DVS128 and DAVIS are";
        assert_eq!(error.to_string(), expected);
        let error = EventFormat::Aedat2.decode(b"#!AER-DAT3.1\r\n").unwrap_err();
        assert_eq!(error.to_string(), "byte 0: not AEDAT 2.0: the first line is not `#!AER-DAT2.0`");
    }
}
