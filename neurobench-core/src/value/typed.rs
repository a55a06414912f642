//! Reads typed data from a [`Value`].

use serde::de::{self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

use crate::value::type_error::{BOOLEAN, LIST, NUMBER, TABLE, TEXT, in_words};
use crate::value::{PathStep, TypeError, UNDEFINED, Value};

/// Reads from a value.
#[derive(Clone, Copy)]
pub(super) struct ValueDeserializer<'v>(pub(super) &'v Value);

impl<'v> ValueDeserializer<'v> {
    fn found(self) -> String {
        match self.0 {
            Value::Null => "nothing".to_owned(),
            Value::Undefined(_) => "an undefined value".to_owned(),
            Value::Text(text) => format!("text {text:?}"),
            Value::List(_) => LIST.to_owned(),
            Value::Map(_) => TABLE.to_owned(),
            number => number.to_string(),
        }
    }

    fn mismatch<T>(self, expected: &str) -> Result<T, TypeError> {
        Err(TypeError::mismatch(expected, self.found()))
    }

    fn list<V: Visitor<'v>>(items: &'v [Value], visitor: V) -> Result<V::Value, TypeError> {
        let mut access = ListAccess { items, next: 0 };
        let value = visitor.visit_seq(&mut access)?;
        if access.next < items.len() {
            return Err(TypeError::mismatch(
                format!("a list of length {}", access.next),
                format!("one of length {}", items.len()),
            ));
        }
        Ok(value)
    }

    fn table<V: Visitor<'v>>(entries: &'v [(String, Value)], visitor: V) -> Result<V::Value, TypeError> {
        visitor.visit_map(TableAccess { entries: entries.iter(), current: None })
    }

    fn integer<T: TryFrom<i128>>(self, least: i128, most: i128) -> Result<T, TypeError> {
        let expected = || match (least, most) {
            (0, most) if most >= i128::from(u32::MAX) => "a whole number of at least 0".to_owned(),
            (least, most) if least <= i128::from(i32::MIN) && most >= i128::from(i32::MAX) => {
                "a whole number".to_owned()
            }
            (least, most) => format!("a whole number from {least} to {most}"),
        };
        match self.0 {
            Value::Integer(count) => T::try_from(*count).or_else(|_| self.mismatch(&expected())),
            _ => self.mismatch(&expected()),
        }
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $integer:ty;)*) => { $(
        fn $method<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, TypeError> {
            visitor.$visit(self.integer::<$integer>(<$integer>::MIN.into(), <$integer>::MAX.into())?)
        }
    )* };
}

impl<'v> Deserializer<'v> for ValueDeserializer<'v> {
    type Error = TypeError;

    fn deserialize_any<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, TypeError> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Undefined(why) => visitor.visit_map(UndefinedAccess(Some(why))),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Integer(count) => match (u64::try_from(*count), i64::try_from(*count)) {
                (Ok(unsigned), _) => visitor.visit_u64(unsigned),
                (_, Ok(signed)) => visitor.visit_i64(signed),
                _ => visitor.visit_i128(*count),
            },
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Text(text) => visitor.visit_borrowed_str(text),
            Value::List(items) => Self::list(items, visitor),
            Value::Map(entries) => Self::table(entries, visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, TypeError> {
        match self.0 {
            Value::Bool(flag) => visitor.visit_bool(*flag),
            _ => self.mismatch(BOOLEAN),
        }
    }

    integers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
        deserialize_i128 visit_i128 i128;
    }

    fn deserialize_u128<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, TypeError> {
        visitor.visit_u128(self.integer(0, i128::MAX)?)
    }

    fn deserialize_f32<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, TypeError> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, TypeError> {
        match self.0.as_f64() {
            Some(number) => visitor.visit_f64(number),
            None => self.mismatch(NUMBER),
        }
    }

    fn deserialize_char<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, TypeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, TypeError> {
        match self.0 {
            Value::Text(text) => visitor.visit_borrowed_str(text),
            _ => self.mismatch(TEXT),
        }
    }

    fn deserialize_string<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, TypeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, TypeError> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'v>>(self, _: &'static str, visitor: V) -> Result<V::Value, TypeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, TypeError> {
        match self.0 {
            Value::List(items) => Self::list(items, visitor),
            _ => self.mismatch(LIST),
        }
    }

    fn deserialize_tuple<V: Visitor<'v>>(self, _: usize, visitor: V) -> Result<V::Value, TypeError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'v>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, TypeError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, TypeError> {
        match self.0 {
            Value::Map(_) | Value::Undefined(_) => self.deserialize_any(visitor),
            _ => self.mismatch(TABLE),
        }
    }

    fn deserialize_struct<V: Visitor<'v>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypeError> {
        match self.0 {
            // A list of the fields in order, which serde also accepts from JSON.
            Value::List(items) => Self::list(items, visitor),
            _ => self.deserialize_map(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'v>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypeError> {
        match self.0 {
            Value::Text(word) => visitor.visit_enum(Variant { name: word, content: None }),
            Value::Map(entries) => match entries.as_slice() {
                [(name, content)] => visitor.visit_enum(Variant { name, content: Some(content) }),
                _ => self.mismatch("text or a table with one key"),
            },
            _ => self.mismatch(TEXT),
        }
    }

    forward_to_deserialize_any! { <W: Visitor<'v>> bytes byte_buf unit unit_struct identifier ignored_any }
}

struct ListAccess<'v> {
    items: &'v [Value],
    next: usize,
}

impl<'v> de::SeqAccess<'v> for ListAccess<'v> {
    type Error = TypeError;

    fn next_element_seed<T: DeserializeSeed<'v>>(&mut self, seed: T) -> Result<Option<T::Value>, TypeError> {
        let Some(item) = self.items.get(self.next) else { return Ok(None) };
        let index = self.next;
        self.next += 1;
        let item = seed.deserialize(ValueDeserializer(item));
        item.map(Some).map_err(|error| error.inside(PathStep::Index(index)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len() - self.next)
    }
}

struct TableAccess<'v> {
    entries: std::slice::Iter<'v, (String, Value)>,
    current: Option<&'v (String, Value)>,
}

impl<'v> de::MapAccess<'v> for TableAccess<'v> {
    type Error = TypeError;

    fn next_key_seed<K: DeserializeSeed<'v>>(&mut self, seed: K) -> Result<Option<K::Value>, TypeError> {
        self.current = self.entries.next();
        self.current.map(|(key, _)| seed.deserialize(KeyDeserializer(key))).transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'v>>(&mut self, seed: T) -> Result<T::Value, TypeError> {
        let Some((key, value)) = self.current else {
            return Err(de::Error::custom("a value was read before its key"));
        };
        let value = seed.deserialize(ValueDeserializer(value));
        value.map_err(|error| error.inside(PathStep::Key(key.clone())))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// An undefined value is a table with one entry.
struct UndefinedAccess<'v>(Option<&'v str>);

impl<'v> de::MapAccess<'v> for UndefinedAccess<'v> {
    type Error = TypeError;

    fn next_key_seed<K: DeserializeSeed<'v>>(&mut self, seed: K) -> Result<Option<K::Value>, TypeError> {
        self.0.map(|_| seed.deserialize(KeyDeserializer(UNDEFINED))).transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'v>>(&mut self, seed: T) -> Result<T::Value, TypeError> {
        seed.deserialize(self.0.take().unwrap_or_default().into_deserializer())
    }
}

/// Reads the key of a table, which may stand for a number.
#[derive(Clone, Copy)]
struct KeyDeserializer<'v>(&'v str);

macro_rules! number_keys {
    ($($method:ident $visit:ident $number:ty;)*) => { $(
        fn $method<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, TypeError> {
            match self.0.parse::<$number>() {
                Ok(number) => visitor.$visit(number),
                Err(_) => Err(TypeError::mismatch(in_words(stringify!($number)), format!("key {:?}", self.0))),
            }
        }
    )* };
}

impl<'v> Deserializer<'v> for KeyDeserializer<'v> {
    type Error = TypeError;

    fn deserialize_any<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, TypeError> {
        visitor.visit_borrowed_str(self.0)
    }

    number_keys! {
        deserialize_bool visit_bool bool;
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_i128 visit_i128 i128;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
        deserialize_u128 visit_u128 u128;
        deserialize_f32 visit_f32 f32;
        deserialize_f64 visit_f64 f64;
    }

    fn deserialize_option<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, TypeError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'v>>(self, _: &'static str, visitor: V) -> Result<V::Value, TypeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'v>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypeError> {
        visitor.visit_enum(Variant { name: self.0, content: None })
    }

    forward_to_deserialize_any! {
        <W: Visitor<'v>>
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// A variant of an enum, with its content if it has one.
struct Variant<'v> {
    name: &'v str,
    content: Option<&'v Value>,
}

impl<'v> EnumAccess<'v> for Variant<'v> {
    type Error = TypeError;
    type Variant = Content<'v>;

    fn variant_seed<T: DeserializeSeed<'v>>(self, seed: T) -> Result<(T::Value, Content<'v>), TypeError> {
        let content = Content { variant: self.name, content: self.content };
        Ok((seed.deserialize(KeyDeserializer(self.name))?, content))
    }
}

struct Content<'v> {
    variant: &'v str,
    content: Option<&'v Value>,
}

impl<'v> Content<'v> {
    fn read<T>(self, read: impl FnOnce(ValueDeserializer<'v>) -> Result<T, TypeError>) -> Result<T, TypeError> {
        let Some(content) = self.content else {
            let expected = format!("a table with the key `{}`", self.variant);
            return Err(TypeError::mismatch(expected, format!("text {:?}", self.variant)));
        };
        let key = || PathStep::Key(self.variant.to_owned());
        read(ValueDeserializer(content)).map_err(|error| error.inside(key()))
    }
}

impl<'v> VariantAccess<'v> for Content<'v> {
    type Error = TypeError;

    fn unit_variant(self) -> Result<(), TypeError> {
        match self.content {
            None | Some(Value::Null) => Ok(()),
            Some(_) => self.read(|content| content.mismatch("nothing")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'v>>(self, seed: T) -> Result<T::Value, TypeError> {
        self.read(|content| seed.deserialize(content))
    }

    fn tuple_variant<V: Visitor<'v>>(self, _: usize, visitor: V) -> Result<V::Value, TypeError> {
        self.read(|content| content.deserialize_seq(visitor))
    }

    fn struct_variant<V: Visitor<'v>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, TypeError> {
        self.read(|content| content.deserialize_map(visitor))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Average {
        Macro,
        Micro,
        Weighted(f64),
        Power { base: f64 },
        Pair(u8, i8),
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Record {
        count: usize,
        average: Average,
        #[serde(default)]
        small: u8,
        maybe: Option<f32>,
        flags: Vec<bool>,
        #[serde(default)]
        by_class: BTreeMap<u64, (i64, String)>,
        #[serde(default)]
        unit: (),
    }

    fn record(average: Average) -> Record {
        let by_class = [(7, (-1, "seven".to_owned()))].into();
        Record { count: 3, average, small: 255, maybe: Some(0.5), flags: vec![true], by_class, unit: () }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for average in
            [Average::Macro, Average::Micro, Average::Weighted(0.5), Average::Power { base: 2.0 }, Average::Pair(1, -1)]
        {
            let record = record(average);
            assert_eq!(Value::from_serialize(&record).unwrap().to_typed(), Ok(record));
        }
        assert_eq!(Value::Integer(i128::MAX).to_typed(), Ok(i128::MAX));
        assert_eq!(Value::Integer(2).to_typed(), Ok(2.0_f64));
        assert_eq!(Value::Null.to_typed(), Ok(None::<u8>));
        let undefined = Value::Undefined("no samples".to_owned());
        assert_eq!(undefined.to_typed(), Ok(undefined.clone()));
    }

    #[test]
    fn errors_name_the_place_in_plain_words() {
        let problem = |json: &str| {
            let value: Value = serde_json::from_str(json).unwrap();
            value.to_typed::<Record>().unwrap_err().to_string()
        };
        let with = |key: &str, json: &str| {
            let mut value = serde_json::json!({ "count": 1, "average": "macro", "flags": [] });
            value[key] = serde_json::from_str(json).unwrap();
            problem(&value.to_string())
        };
        assert_eq!(with("count", "-1"), "`count`: expected a whole number of at least 0, found -1");
        assert_eq!(with("count", "\"two\""), "`count`: expected a whole number of at least 0, found text \"two\"");
        assert_eq!(with("count", "1.5"), "`count`: expected a whole number of at least 0, found 1.5");
        assert_eq!(with("small", "256"), "`small`: expected a whole number from 0 to 255, found 256");
        assert_eq!(with("maybe", "\"x\""), "`maybe`: expected a number, found text \"x\"");
        assert_eq!(with("flags", "[true, 1]"), "`flags[1]`: expected true or false, found 1");
        assert_eq!(with("flags", "{}"), "`flags`: expected a list, found a table");
        assert_eq!(
            with("by_class", "{\"a\": 1}"),
            "`by_class`: expected a whole number of at least 0, found key \"a\""
        );
        let average = "`average`: unknown value `marco`; expected one of `macro`, `micro`, `weighted`, `power`, `pair`";
        assert_eq!(with("average", "\"marco\""), format!("{average}; did you mean `macro`?"));
        let weighted = "`average`: expected a table with the key `weighted`, found text \"weighted\"";
        assert_eq!(with("average", "\"weighted\""), weighted);
        assert_eq!(
            with("average", "{\"power\": {\"base\": []}}"),
            "`average.power.base`: expected a number, found a list"
        );
        let unknown = with("conut", "1");
        assert!(unknown.starts_with("unknown key `conut`; expected one of `count`, "), "{unknown}");
        assert!(unknown.ends_with("; did you mean `count`?"), "{unknown}");
        assert_eq!(problem("{}"), "missing key `count`");
        assert_eq!(problem("3"), "expected a table, found 3");
    }
}
