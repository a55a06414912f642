//! Headers of text lines before the events.

use super::{EventError, EventFormat, problem};

/// Maximum length of a header. Those of jAER hold all preferences of a camera.
pub(super) const LIMIT: usize = 1 << 20;

/// Returns the length of the lines that begin with `start`, which are the header; `None` if more bytes are needed.
///
/// A line that `ends` the header belongs to it.
pub(super) fn length(
    bytes: &[u8],
    last: bool,
    start: &[u8],
    ends: fn(&[u8]) -> bool,
) -> Result<Option<usize>, EventError> {
    let mut length = 0;
    loop {
        let rest = &bytes[length..];
        if rest.len() < start.len() && !last {
            return within_limit(length).map(|()| None);
        }
        if !rest.starts_with(start) {
            return Ok(Some(length));
        }
        match rest.iter().position(|byte| *byte == b'\n') {
            Some(end) => {
                length += end + 1;
                if ends(rest[..end].trim_ascii_end()) {
                    return Ok(Some(length));
                }
            }
            None if last => return problem(length, "the file ends within a line of its header"),
            None => return within_limit(bytes.len()).map(|()| None),
        }
        within_limit(length)?;
    }
}

fn within_limit(length: usize) -> Result<(), EventError> {
    match length > LIMIT {
        true => problem(0, format!("the header is longer than {LIMIT} bytes")),
        false => Ok(()),
    }
}

/// Returns the value of the first line that begins with a key.
pub(super) fn value<'a>(header: &'a [u8], key: &str) -> Option<&'a str> {
    let lines = header.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
    lines.map(str::trim).find_map(|line| line.strip_prefix(key)).map(str::trim)
}

/// Detects the format of a file of Prophesee by its header.
pub(super) fn prophesee(bytes: &[u8], extension: &str) -> Result<EventFormat, String> {
    // The format line is newer; both may be present.
    let format = value(bytes, "% format ").map(|format| format.split(';').next().unwrap_or_default().to_owned());
    let version = value(bytes, "% evt ").map(|version| format!("EVT{version}"));
    match format.or(version).as_deref() {
        Some("EVT2" | "EVT2.0") => Ok(EventFormat::Evt2),
        Some("EVT3" | "EVT3.0") => Ok(EventFormat::Evt3),
        Some("EVT21" | "EVT2.1") => {
            Err("EVT 2.1 is not supported; convert the file to EVT 2.0, EVT 3.0 or DAT".to_owned())
        }
        Some(other) => Err(format!("the format {} is not supported; EVT2, EVT3 and DAT are", other.escape_debug())),
        None if extension == "raw" => Err("the header names neither `% evt` nor `% format`".to_owned()),
        None => Ok(EventFormat::Dat),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_ends_before_the_first_other_line_or_with_its_last_line() {
        let of = |bytes: &[u8], last| length(bytes, last, b"% ", |line| line == b"% end");
        assert_eq!(of(b"% a\n% b\n\x00\x08", false), Ok(Some(8)));
        assert_eq!(of(b"% a\r\n% end\r\n% more", false), Ok(Some(12)));
        assert_eq!(of(b"% a\n%", false), Ok(None));
        assert_eq!(of(b"% a\n%", true), Ok(Some(4)));
        assert_eq!(of(b"% a", false), Ok(None));
        assert_eq!(of(b"% a", true).unwrap_err().to_string(), "byte 0: the file ends within a line of its header");
        let long = [b"% ", &[b'a'; LIMIT][..]].concat();
        assert_eq!(of(&long, false).unwrap_err().to_string(), "byte 0: the header is longer than 1048576 bytes");
    }
}
