//! Tables with a JSON object in each line.

use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use ndarray::Array2;
use neurobench_core::data::DataError;
use neurobench_core::model::Tensor;
use serde::de::{DeserializeSeed, Deserializer as _, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::lines::Lines;
use super::table::{FIRST_ROWS, Kind, RowError, Table, Values, Wanted, class, column_name, short};
use crate::recordings::damaged;

/// JSON lines. The keys of the first object are the names of the columns.
#[derive(Debug)]
pub(super) struct JsonLines {
    lines: Lines,
    names: Vec<String>,
}

impl JsonLines {
    pub(super) fn open(path: &Path, threads: usize) -> Result<Self, DataError> {
        let lines = Lines::open(path, false, threads)?;
        if lines.rows() == 0 {
            return Err(damaged(path, "the table is empty"));
        }
        let mut names = Vec::new();
        let read = lines.each(0..1, |line| {
            let mut json = serde_json::Deserializer::from_slice(line.bytes);
            let read = json.deserialize_map(Keys).and_then(|keys| json.end().map(|()| keys));
            names = read.map_err(|problem| lines.error(&line, &not_an_object(&problem)))?;
            Ok(())
        });
        read.map_err(|error| *error.error)?;
        match names.is_empty() {
            true => Err(damaged(path, "line 1: the object has no keys, which are the names of the columns")),
            false => Ok(Self { lines, names }),
        }
    }

    /// Passes the values of columns to a function, row by row.
    fn each(
        &self,
        rows: Range<usize>,
        columns: &[usize],
        mut visit: impl FnMut(&[Value]) -> Result<(), String>,
    ) -> Result<(), RowError> {
        let names: Vec<&str> = columns.iter().map(|column| self.names[*column].as_str()).collect();
        let mut values = vec![Value::Null; columns.len()];
        let mut found = vec![false; columns.len()];
        self.lines.each(rows, |line| {
            found.fill(false);
            let mut json = serde_json::Deserializer::from_slice(line.bytes);
            let seed = Row { names: &names, values: &mut values, found: &mut found };
            let read = seed.deserialize(&mut json).and_then(|()| json.end());
            let read = read.map_err(|problem| not_an_object(&problem));
            let complete = read.and_then(|()| match found.iter().position(|found| !found) {
                Some(missing) => Err(format!("there is no key {:?}", short(names[missing]))),
                None => visit(&values),
            });
            complete.map_err(|problem| self.lines.error(&line, &problem))
        })
    }
}

impl Table for JsonLines {
    fn path(&self) -> &Path {
        self.lines.path()
    }

    fn names(&self) -> &[String] {
        &self.names
    }

    fn columns(&self) -> usize {
        self.names.len()
    }

    fn rows(&self) -> usize {
        self.lines.rows()
    }

    fn kind(&self, column: usize, classes: Option<&Arc<[String]>>) -> Result<Kind, DataError> {
        let mut kind = None;
        let read = self.each(0..self.rows().min(FIRST_ROWS), &[column], |values| {
            let found = match &values[0] {
                Value::String(text) if kind.is_none() => match classes {
                    Some(classes) => Kind::Classes(Arc::clone(classes)),
                    None => {
                        return Err(format!(
                            "column {}: found {:?}; if these are the names of classes, give all of them in their order \
                             with `--classes`",
                            column_name(&self.names, column),
                            short(text)
                        ));
                    }
                },
                Value::Number(number) if number.is_f64() => Kind::Floats,
                Value::Array(items) if items.iter().any(Value::is_f64) => Kind::Floats,
                _ => Kind::Integers,
            };
            // Integers are floats too; a text and a number together are an error where they are read.
            match kind {
                None => kind = Some(found),
                Some(Kind::Integers) if found == Kind::Floats => kind = Some(found),
                Some(_) => {}
            }
            Ok(())
        });
        read.map_err(|error| *error.error)?;
        Ok(kind.unwrap_or(Kind::Integers))
    }

    fn read(&self, rows: Range<usize>, wanted: &[Wanted]) -> Result<Vec<Tensor>, RowError> {
        let count = rows.len();
        let mut columns: Vec<Column> = wanted.iter().map(|wanted| Column::new(&wanted.kind, count)).collect();
        let indices: Vec<usize> = wanted.iter().map(|wanted| wanted.column).collect();
        // The length of lists is that in the first row of the file, whatever the rows to read.
        let mut widths = Vec::new();
        self.each(0..1, &indices, |values| {
            widths.extend(values.iter().map(|value| value.as_array().map(Vec::len)));
            Ok(())
        })?;
        self.each(rows, &indices, |values| {
            for (((column, wanted), value), width) in columns.iter_mut().zip(wanted).zip(values).zip(&widths) {
                let added = column.push(value, &wanted.kind, *width);
                added.map_err(|problem| format!("column {}: {problem}", column_name(&self.names, wanted.column)))?;
            }
            Ok(())
        })?;
        let tensors = columns.into_iter().zip(widths).map(|(column, width)| column.into_tensor(count, width));
        Ok(tensors.collect())
    }

    fn place(&self, row: usize) -> String {
        self.lines.place(row)
    }
}

/// Values of a column, one or several in a row.
struct Column(Values);

impl Column {
    fn new(kind: &Kind, rows: usize) -> Self {
        Self(Values::new(kind, rows))
    }

    fn push(&mut self, value: &Value, kind: &Kind, width: Option<usize>) -> Result<(), String> {
        match (value, width) {
            (Value::Array(items), Some(width)) if items.len() == width => {
                items.iter().try_for_each(|item| self.push_one(item, kind))
            }
            (Value::Array(items), Some(width)) => {
                Err(format!("found a list of {}, expected {width} as in the first line", items.len()))
            }
            (Value::Array(_), None) => Err("found a list, expected one value as in the first line".to_owned()),
            (_, Some(width)) => Err(format!("expected a list of {width} as in the first line, found {value}")),
            (value, None) => self.push_one(value, kind),
        }
    }

    fn push_one(&mut self, value: &Value, kind: &Kind) -> Result<(), String> {
        match (value, kind) {
            (Value::String(text), Kind::Classes(classes)) => match &mut self.0 {
                Values::Integers(values) => values.push(class(text.as_bytes(), classes)?),
                Values::Floats(values) => values.push(class(text.as_bytes(), classes)? as f64),
            },
            (_, Kind::Classes(_)) => {
                return Err(format!("expected the name of a class, found {}", short(&value.to_string())));
            }
            (Value::Null, _) => return Err("the value is missing".to_owned()),
            (Value::Bool(truth), _) => self.0.push(if *truth { b"1" } else { b"0" }, kind)?,
            (Value::Number(number), _) => self.0.push(number.to_string().as_bytes(), kind)?,
            _ => return Err(format!("expected a number, found {}", short(&value.to_string()))),
        }
        Ok(())
    }

    fn into_tensor(self, rows: usize, width: Option<usize>) -> Tensor {
        fn shaped<T>(values: Vec<T>, rows: usize, width: usize) -> Tensor
        where
            Tensor: From<Array2<T>>,
            T: Clone + Default,
        {
            // Every row was checked to have this many values.
            Array2::from_shape_vec((rows, width), values).unwrap_or_default().into()
        }
        match (self.0, width) {
            (values, None) => values.into_tensor(),
            (Values::Integers(values), Some(width)) => shaped(values, rows, width),
            (Values::Floats(values), Some(width)) => shaped(values, rows, width),
        }
    }
}

/// Message about a line that is not an object. The parser counts lines from the beginning of this one.
fn not_an_object(problem: &serde_json::Error) -> String {
    let text = problem.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    format!("not a JSON object: {text} at character {}", problem.column())
}

/// Collects the keys of an object.
struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut keys: Vec<String> = Vec::new();
        while let Some((key, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
            if keys.contains(&key) {
                return Err(A::Error::custom(format!("the key {:?} occurs twice", short(&key))));
            }
            keys.push(key);
        }
        Ok(keys)
    }
}

/// Reads the values of some keys of an object.
struct Row<'a> {
    names: &'a [&'a str],
    values: &'a mut [Value],
    found: &'a mut [bool],
}

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<std::borrow::Cow<'_, str>>()? {
            let mut places = (0..self.names.len()).filter(|place| self.names[*place] == key);
            let Some(place) = places.next() else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if self.found[place] {
                return Err(A::Error::custom(format!("the key {:?} occurs twice", short(&key))));
            }
            let value: Value = map.next_value()?;
            for other in places {
                self.values[other] = value.clone();
                self.found[other] = true;
            }
            self.values[place] = value;
            self.found[place] = true;
        }
        Ok(())
    }
}
