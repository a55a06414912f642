//! Events in arrays of NumPy.

pub(in crate::events) mod structured;

use neurobench_core::data::events::Event;
use serde::{Deserialize, Serialize};

use self::structured::{Field, Number, Structured};
use super::{Decoder, EventError, problem};

/// Meaning of the numbers in an array of NumPy.
///
/// Structured arrays `[event]` need fields for time (`t`, `ts`, `time` or `timestamp`), `x`, `y` and polarity (`p`, `pol`
/// or `polarity`), in any order, among others. Plain arrays `[event, 4]` have their columns in the order of `columns`.
/// Numbers are integers, or floats that are whole numbers; times in `float` are rounded to µs. Polarity −1 is read as 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NpyEvents {
    /// Letters `t`, `x`, `y` and `p`, in the order of the columns of plain arrays.
    pub columns: String,
    /// Unit of the times.
    pub time_unit: TimeUnit,
}

impl Default for NpyEvents {
    fn default() -> Self {
        Self { columns: "txyp".to_owned(), time_unit: TimeUnit::Us }
    }
}

/// Unit of times in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// Microseconds.
    #[default]
    Us,
    /// Milliseconds.
    Ms,
    /// Seconds.
    S,
}

impl TimeUnit {
    /// Number of µs in the unit.
    fn microseconds(self) -> i64 {
        match self {
            Self::Us => 1,
            Self::Ms => 1_000,
            Self::S => 1_000_000,
        }
    }
}

#[derive(Clone)]
pub(super) struct NpyDecoder {
    settings: NpyEvents,
    /// Layout of the array, once its header is read.
    layout: Option<Layout>,
}

#[derive(Clone)]
struct Layout {
    array: Structured,
    /// Fields of time, x, y and polarity.
    fields: [Field; 4],
    /// Number of events that have been read.
    read: usize,
    /// Time of the last event.
    time: i64,
    /// Number of events whose time is less than that of the event before.
    decreases: usize,
}

/// Advice for plain arrays, whose columns have no names.
fn advice(columns: &str) -> String {
    let columns: Vec<String> = columns.chars().map(String::from).collect();
    format!(
        "the columns are read as {}; if they have another order, set `columns`, such as `columns = \"xytp\"`",
        columns.join(", ")
    )
}

impl NpyDecoder {
    pub(super) fn new(settings: NpyEvents) -> Self {
        Self { settings, layout: None }
    }
}

impl Decoder for NpyDecoder {
    fn boxed(&self) -> Box<dyn Decoder> {
        Box::new(self.clone())
    }

    fn decode(&mut self, bytes: &[u8], last: bool, events: &mut Vec<Event>) -> Result<usize, EventError> {
        let mut at = 0;
        let layout = match &mut self.layout {
            Some(layout) => layout,
            None => {
                let Some((array, start)) = Structured::read(bytes, last)? else { return Ok(0) };
                if array.by_columns && !last {
                    // Every event is spread over the whole file.
                    return Ok(0);
                }
                at = start;
                let fields = self.settings.fields(&array)?;
                self.layout.insert(Layout { array, fields, read: 0, time: 0, decreases: 0 })
            }
        };
        let scale = self.settings.time_unit.microseconds();
        let rest = &bytes[at..];
        let (length, left) = (layout.array.row, layout.array.rows - layout.read);
        let complete = (rest.len() / length).min(left);
        if last && complete < left {
            return problem(
                at + complete * length,
                format!("the file ends after {} of {} events", layout.read + complete, layout.array.rows),
            );
        }
        events.reserve(complete);
        for index in 0..complete {
            // By columns, fields are at offsets of the whole array.
            let row = match layout.array.by_columns {
                true => rest,
                false => &rest[index * length..][..length],
            };
            match event(&layout.fields, row, if layout.array.by_columns { index } else { 0 }, scale) {
                Ok(event) => {
                    layout.decreases += usize::from(event.time < layout.time);
                    layout.time = event.time;
                    events.push(event);
                }
                Err(message) => {
                    let event = layout.read + index;
                    let advice = match layout.array.plain {
                        Some(_) => format!("; {}", advice(&self.settings.columns)),
                        None => String::new(),
                    };
                    return problem(at + index * length, format!("event {event}: {message}{advice}"));
                }
            }
        }
        layout.read += complete;
        // Another column in the place of the time decreases at about half of the events; sensors emit events in their
        // order, up to small exceptions.
        if layout.array.plain.is_some() && layout.read == layout.array.rows && layout.decreases > layout.read / 4 {
            let (decreases, read) = (layout.decreases, layout.read);
            let advice = advice(&self.settings.columns);
            let message = format!(
                "the time decreases at {decreases} of {read} events: {advice}, and if they are right, sort the events by time"
            );
            return problem(0, message);
        }
        let used = at + complete * length;
        if layout.read == layout.array.rows && used < bytes.len() {
            return problem(used, format!("{} bytes follow the last event", bytes.len() - used));
        }
        Ok(used)
    }
}

impl NpyEvents {
    /// Finds the fields of time, x, y and polarity.
    fn fields(&self, array: &Structured) -> Result<[Field; 4], EventError> {
        let find = |letter: char, names: &[&str]| {
            let field = match array.plain {
                Some(4) => self.columns.chars().position(|column| column == letter).and_then(|at| array.fields.get(at)),
                Some(_) => None,
                None => array.fields.iter().find(|field| names.contains(&field.name.as_str())),
            };
            field.cloned()
        };
        let found = [
            find('t', &["t", "ts", "time", "timestamp"]),
            find('x', &["x"]),
            find('y', &["y"]),
            find('p', &["p", "pol", "polarity"]),
        ];
        match (found, array.plain) {
            ([Some(time), Some(x), Some(y), Some(polarity)], _) => Ok([time, x, y, polarity]),
            (_, Some(4)) => {
                problem(0, format!("the columns `{}` are not t, x, y and p in some order", self.columns.escape_debug()))
            }
            (_, Some(columns)) => {
                let rows = array.rows;
                let advice = match rows {
                    4 => "save its transpose".to_owned(),
                    _ => "save an array with a column each for time, x, y and polarity".to_owned(),
                };
                problem(0, format!("expected an array [event, 4], found shape [{rows}, {columns}]: {advice}"))
            }
            (_, None) => {
                let names: Vec<&str> = array.fields.iter().map(|field| field.name.as_str()).collect();
                let names = names.join(", ");
                let message = format!(
                    "expected fields for time (`t`, `ts`, `time` or `timestamp`), `x`, `y` and polarity (`p`, `pol` or \
                     `polarity`), found {names}: rename the fields of the array"
                );
                problem(0, message)
            }
        }
    }
}

fn event(fields: &[Field; 4], row: &[u8], index: usize, scale: i64) -> Result<Event, String> {
    let [time, x, y, polarity] = fields;
    let time = match time.number(row, index)? {
        Number::Int(time) => time.checked_mul(scale).ok_or_else(|| format!("the time {time} is too large"))?,
        Number::Float(time) => {
            let scaled = (time * scale as f64).round();
            // Every integer of this size is a double.
            const LARGEST: f64 = 9_007_199_254_740_992.0;
            match scaled.abs() <= LARGEST {
                true => scaled as i64,
                false => return Err(format!("the time {time} is not a number, or too large")),
            }
        }
    };
    if time < 0 {
        return Err(format!("the time {time} is negative"));
    }
    let pixel = |name: &str, field: &Field| {
        let value = field.integer(row, index)?;
        u16::try_from(value).map_err(|_| format!("{name} {value} is not between 0 and 65535"))
    };
    let polarity = match polarity.integer(row, index)? {
        polarity @ (0 | 1) => polarity as u8,
        -1 => 0,
        other => return Err(format!("the polarity {other} is neither 0, 1 nor -1")),
    };
    Ok(Event { time, x: pixel("x", x)?, y: pixel("y", y)?, polarity })
}

#[cfg(test)]
mod tests {
    use super::super::{EventFormat, stream};
    use super::*;

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let length = (header.len() + 1) as u16;
        [&b"\x93NUMPY\x01\x00"[..], &length.to_le_bytes(), header.as_bytes(), b"\n", data].concat()
    }

    fn event(time: i64, x: u16, y: u16, polarity: u8) -> Event {
        Event { time, x, y, polarity }
    }

    #[test]
    fn structured_arrays_are_read_by_the_names_of_their_fields() {
        let header = "{'descr': [('x', '<i2'), ('y', '>u2'), ('', '|V2'), ('t', '<i8'), ('p', '|b1')], \
                      'fortran_order': False, 'shape': (2,), }";
        let row = |x: i16, y: u16, time: i64, polarity: u8| {
            [&x.to_le_bytes()[..], &y.to_be_bytes(), &[9, 9], &time.to_le_bytes(), &[polarity]].concat()
        };
        let data = [row(1, 300, 1 << 40, 1), row(7, 2, 0, 0)].concat();
        let events = EventFormat::Npy.decode(&file(header, &data)).unwrap();
        assert_eq!(events, [event(1 << 40, 1, 300, 1), event(0, 7, 2, 0)]);
    }

    #[test]
    fn plain_arrays_are_read_in_the_order_of_the_columns_and_in_either_memory_order() {
        let settings = NpyEvents { columns: "xypt".to_owned(), time_unit: TimeUnit::Ms };
        for (order, numbers) in
            [("False", [5.0, 6.0, 1.0, 2.5, 7.0, 8.0, -1.0, 3.0]), ("True", [5.0, 7.0, 6.0, 8.0, 1.0, -1.0, 2.5, 3.0])]
        {
            let header = format!("{{'descr': '<f8', 'fortran_order': {order}, 'shape': (2, 4), }}");
            let data: Vec<u8> = numbers.iter().flat_map(|number: &f64| number.to_le_bytes()).collect();
            let mut events = Vec::new();
            stream::decode_all(&file(&header, &data), &mut NpyDecoder::new(settings.clone()), &mut events).unwrap();
            assert_eq!(events, [event(2500, 5, 6, 1), event(3000, 7, 8, 0)]);
        }
    }

    #[test]
    fn errors_name_the_byte_and_the_problem() {
        let error = |header: &str, data: &[u8]| EventFormat::Npy.decode(&file(header, data)).unwrap_err().to_string();
        let bytes = |shape: &str| format!("{{'descr': '|i1', 'fortran_order': False, 'shape': {shape}, }}");
        let start = 10 + bytes("(2, 4)").len() + 1;
        assert_eq!(error(&bytes("(2, 4)"), &[0; 7]), format!("byte {}: the file ends after 1 of 2 events", start + 4));
        assert_eq!(error(&bytes("(2, 4)"), &[0; 9]), format!("byte {}: 1 bytes follow the last event", start + 8));
        let advice = "the columns are read as t, x, y, p; if they have another order, set `columns`, such as `columns = \
                      \"xytp\"`";
        assert_eq!(
            error(&bytes("(2, 4)"), &[0, 1, 2, 1, 0, 1, 2, 3]),
            format!("byte {}: event 1: the polarity 3 is neither 0, 1 nor -1; {advice}", start + 4)
        );
        let negative = error(&bytes("(1, 4)"), &[0, 0xff, 0, 0]);
        assert_eq!(negative, format!("byte {start}: event 0: x -1 is not between 0 and 65535; {advice}"));
        let three = "byte 0: expected an array [event, 4], found shape [2, 3]: save an array with a column each for time, x, \
                     y and polarity";
        assert_eq!(error(&bytes("(2, 3)"), &[0; 6]), three);
        let transposed = error(&bytes("(4, 9)"), &[0; 36]);
        assert_eq!(transposed, "byte 0: expected an array [event, 4], found shape [4, 9]: save its transpose");
        let long = error(&bytes("(4, 1000)"), &[0; 4000]);
        let expected =
            "expected a structured array [row] or a plain one [row, column], found shape [4, 1000]: save its transpose";
        assert!(long.ends_with(expected), "{long}");
        let nothing = error(&bytes("(0,)"), &[]);
        let expected = "the array is empty, with shape [0]; a plain array without rows has shape [0, 4]";
        assert!(nothing.ends_with(expected), "{nothing}");
        assert_eq!(EventFormat::Npy.decode(&file(&bytes("(0, 4)"), &[])).unwrap(), []);
        let fields = "{'descr': [('t', '<i8'), ('x', '<i8')], 'fortran_order': False, 'shape': (0,), }";
        let expected = "byte 0: expected fields for time (`t`, `ts`, `time` or `timestamp`), `x`, `y` and polarity (`p`, \
                        `pol` or `polarity`), found t, x: rename the fields of the array";
        assert_eq!(error(fields, &[]), expected);
    }

    #[test]
    fn columns_in_another_order_are_found_by_their_times() {
        // x, y, t, p, read as t, x, y, p: every number is in its range.
        let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (4, 4), }";
        let rows = [[9, 3, 0, 1], [2, 3, 1, 0], [8, 5, 2, 1], [1, 0, 3, 1]];
        let bytes = file(header, rows.as_flattened());
        let error = EventFormat::Npy.decode(&bytes).unwrap_err().to_string();
        assert_eq!(
            error,
            "byte 0: the time decreases at 2 of 4 events: the columns are read as t, x, y, p; if they have another order, set \
             `columns`, such as `columns = \"xytp\"`, and if they are right, sort the events by time"
        );
        let settings = NpyEvents { columns: "xytp".to_owned(), time_unit: TimeUnit::Us };
        let mut events = Vec::new();
        stream::decode_all(&bytes, &mut NpyDecoder::new(settings), &mut events).unwrap();
        assert_eq!(events[3], event(3, 1, 0, 1));
    }
}
