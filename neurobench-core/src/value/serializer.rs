//! The serializer that makes a [`Value`] of anything serializable.

use serde::ser::{self, SerializeMap};
use serde::{Serialize, Serializer};

use crate::value::{UNDEFINED_TYPE, Value, ValueError};

/// Writes into a [`Value`].
pub(super) struct ValueSerializer;

macro_rules! integers {
    ($($method:ident($integer:ty)),*) => { $(
        fn $method(self, count: $integer) -> Result<Value, ValueError> {
            Ok(Value::Integer(count.into()))
        }
    )* };
}

impl Serializer for ValueSerializer {
    type Ok = Value;
    type Error = ValueError;
    type SerializeSeq = ListWriter;
    type SerializeTuple = ListWriter;
    type SerializeTupleStruct = ListWriter;
    type SerializeTupleVariant = ListWriter;
    type SerializeMap = MapWriter;
    type SerializeStruct = MapWriter;
    type SerializeStructVariant = MapWriter;

    fn serialize_bool(self, flag: bool) -> Result<Value, ValueError> {
        Ok(Value::Bool(flag))
    }

    integers! {
        serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64),
        serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64)
    }

    fn serialize_i128(self, count: i128) -> Result<Value, ValueError> {
        Ok(Value::Integer(count))
    }

    fn serialize_f32(self, number: f32) -> Result<Value, ValueError> {
        // As it was written: 0.1 and not 0.10000000149011612. Reading it as `f32` gives the same number.
        let written = number.to_string().parse::<f64>();
        self.serialize_f64(written.unwrap_or_else(|_| number.into()))
    }

    fn serialize_f64(self, number: f64) -> Result<Value, ValueError> {
        if number.is_finite() {
            Ok(Value::Float(number))
        } else {
            Err(ValueError::NotFinite { path: String::new(), value: number.to_string() })
        }
    }

    fn serialize_char(self, letter: char) -> Result<Value, ValueError> {
        Ok(Value::Text(letter.into()))
    }

    fn serialize_str(self, text: &str) -> Result<Value, ValueError> {
        Ok(Value::Text(text.to_owned()))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Value, ValueError> {
        Ok(Value::List(bytes.iter().map(|byte| Value::Integer((*byte).into())).collect()))
    }

    fn serialize_none(self) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, ValueError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<Value, ValueError> {
        Ok(Value::Text(name.to_owned()))
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value, ValueError> {
        Ok(Value::Text(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Value, ValueError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, ValueError> {
        let inner = value.serialize(self).map_err(|error| error.inside(variant))?;
        Ok(match inner {
            Value::Text(why) if name == UNDEFINED_TYPE => Value::Undefined(why),
            inner => Value::Map(vec![(variant.to_owned(), inner)]),
        })
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<ListWriter, ValueError> {
        Ok(ListWriter { variant: None, items: Vec::with_capacity(length.unwrap_or(0).min(1 << 16)) })
    }

    fn serialize_tuple(self, length: usize) -> Result<ListWriter, ValueError> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<ListWriter, ValueError> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<ListWriter, ValueError> {
        Ok(ListWriter { variant: Some(variant), items: Vec::with_capacity(length) })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<MapWriter, ValueError> {
        Ok(MapWriter { variant: None, key: None, entries: Vec::new() })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<MapWriter, ValueError> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<MapWriter, ValueError> {
        Ok(MapWriter { variant: Some(variant), key: None, entries: Vec::new() })
    }
}

/// Wraps what an enum's variant holds in its name.
fn tagged(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        None => value,
        Some(name) => Value::Map(vec![(name.to_owned(), value)]),
    }
}

pub(super) struct ListWriter {
    variant: Option<&'static str>,
    items: Vec<Value>,
}

impl ListWriter {
    fn push<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), ValueError> {
        let index = self.items.len();
        let value = Value::from_serialize(item).map_err(|error| error.inside(&format!("[{index}]")))?;
        self.items.push(value);
        Ok(())
    }

    fn finish(self) -> Value {
        tagged(self.variant, Value::List(self.items))
    }
}

/// Sequences and the three kinds of tuples are written in the same way.
macro_rules! write_items {
    ($($kind:ident :: $method:ident),*) => { $(
        impl ser::$kind for ListWriter {
            type Ok = Value;
            type Error = ValueError;

            fn $method<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), ValueError> {
                self.push(item)
            }

            fn end(self) -> Result<Value, ValueError> {
                Ok(self.finish())
            }
        }
    )* };
}
write_items!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

pub(super) struct MapWriter {
    variant: Option<&'static str>,
    key: Option<String>,
    entries: Vec<(String, Value)>,
}

impl MapWriter {
    fn push<T: Serialize + ?Sized>(&mut self, key: String, value: &T) -> Result<(), ValueError> {
        let value = Value::from_serialize(value).map_err(|error| error.inside(&key))?;
        self.entries.push((key, value));
        Ok(())
    }

    fn finish(self) -> Value {
        tagged(self.variant, Value::Map(self.entries))
    }
}

impl SerializeMap for MapWriter {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ValueError> {
        self.key = Some(match Value::from_serialize(key)? {
            Value::Text(text) => text,
            number @ (Value::Integer(_) | Value::Bool(_)) => number.to_string(),
            other => return Err(ValueError::Unsupported(format!("`{other}` cannot be the key of a map"))),
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        match self.key.take() {
            Some(key) => self.push(key, value),
            None => Err(ValueError::Unsupported("a map's value was written before its key".to_owned())),
        }
    }

    fn end(self) -> Result<Value, ValueError> {
        Ok(self.finish())
    }
}

/// The two kinds of structs are written in the same way.
macro_rules! write_fields {
    ($($kind:ident),*) => { $(
        impl ser::$kind for MapWriter {
            type Ok = Value;
            type Error = ValueError;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), ValueError> {
                self.push(key.to_owned(), value)
            }

            fn end(self) -> Result<Value, ValueError> {
                Ok(self.finish())
            }
        }
    )* };
}
write_fields!(SerializeStruct, SerializeStructVariant);
