//! JSON for people and programs: indented, but with each list of numbers and texts on one line.

use std::io::{Result, Write};

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, PrettyFormatter};
use serde_json::{Error, Serializer};

/// Returns JSON that is indented, except for lists of numbers and texts, which have one line each. It ends with a line
/// break.
///
/// # Errors
///
/// A type that JSON cannot represent.
pub fn text(content: &impl Serialize) -> std::result::Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    content.serialize(&mut Serializer::with_formatter(&mut bytes, Lines::default()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Indents as serde_json does, but puts an item of a list on a line of its own only if it is a list or an object.
#[derive(Default)]
struct Lines {
    indented: PrettyFormatter<'static>,
    /// Set before a list item until its type is known; true for the first item.
    item: Option<bool>,
    /// True if the item that ends is on its own line.
    own_line: bool,
}

impl Lines {
    /// Begins a number, a text or another plain item.
    fn plain<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        match self.item.take() {
            Some(false) => writer.write_all(b", "),
            _ => Ok(()),
        }
    }

    /// Begins a list or an object.
    fn nested<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        match self.item.take() {
            Some(first) => self.indented.begin_array_value(writer, first),
            None => Ok(()),
        }
    }
}

/// Implements the methods that write plain items.
macro_rules! plain {
    ($($write:ident($($value:ident: $type:ty)?);)*) => {
        $(fn $write<W: ?Sized + Write>(&mut self, writer: &mut W $(, $value: $type)?) -> Result<()> {
            self.plain(writer)?;
            self.indented.$write(writer $(, $value)?)
        })*
    };
}

/// Implements the methods that write objects and the contents of strings, as serde_json does.
macro_rules! as_indented {
    ($($write:ident($($value:ident: $type:ty)?);)*) => {
        $(fn $write<W: ?Sized + Write>(&mut self, writer: &mut W $(, $value: $type)?) -> Result<()> {
            self.indented.$write(writer $(, $value)?)
        })*
    };
}

impl Formatter for Lines {
    plain! {
        write_null();
        write_bool(value: bool);
        write_i8(value: i8);
        write_i16(value: i16);
        write_i32(value: i32);
        write_i64(value: i64);
        write_i128(value: i128);
        write_u8(value: u8);
        write_u16(value: u16);
        write_u32(value: u32);
        write_u64(value: u64);
        write_u128(value: u128);
        write_f32(value: f32);
        write_f64(value: f64);
        begin_string();
    }

    as_indented! {
        end_string();
        write_string_fragment(fragment: &str);
        write_char_escape(escape: CharEscape);
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.nested(writer)?;
        self.indented.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.own_line = true;
        self.indented.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, _: &mut W, first: bool) -> Result<()> {
        self.item = Some(first);
        self.own_line = false;
        Ok(())
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        if self.own_line { self.indented.end_array_value(writer) } else { Ok(()) }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.nested(writer)?;
        self.indented.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.own_line = true;
        self.indented.end_object(writer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    fn written(value: &Value) -> String {
        String::from_utf8(super::text(value).unwrap_or_default()).unwrap_or_default()
    }

    #[test]
    fn lists_of_numbers_and_texts_are_lines_and_all_else_is_indented() {
        let value = json!({ "a": [1, -2, 0.5, null, true, "x\n"], "b": [], "c": { "d": [[1, 2], [], [3]] }, "e": [{ "f": 1 }, {}] });
        let expected = "{\n  \"a\": [1, -2, 0.5, null, true, \"x\\n\"],\n  \"b\": [],\n  \"c\": {\n    \"d\": [\n      [1, 2],\n      [],\n      \
                        [3]\n    ]\n  },\n  \"e\": [\n    {\n      \"f\": 1\n    },\n    {}\n  ]\n}\n";
        assert_eq!(written(&value), expected);
    }

    #[test]
    fn whatever_is_written_is_read_back() {
        for value in [
            json!([[{ "a": [1, [2, "b"], 3] }, 4, [5]], "c", { "d": {} }]),
            json!([]),
            json!("text"),
            json!({ "deep": [[[[1.5]], []], [[[]]]] }),
        ] {
            assert_eq!(serde_json::from_str::<Value>(&written(&value)).ok(), Some(value));
        }
    }
}
