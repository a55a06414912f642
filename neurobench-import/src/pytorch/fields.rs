//! Sequential reading of little-endian fields.

/// Reader of fields from a slice of bytes.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Number of bytes that have been read.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Number of remaining bytes.
    pub(super) fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Reads the next `count` bytes, if there are as many.
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes[self.at..].get(..count)?;
        self.at += count;
        Some(taken)
    }

    /// Reads a line, without the newline that ends it.
    pub(super) fn line(&mut self) -> Option<&'a [u8]> {
        let length = self.bytes[self.at..].iter().position(|byte| *byte == b'\n')?;
        let line = self.take(length)?;
        self.at += 1;
        Some(line)
    }

    pub(super) fn array<const WIDTH: usize>(&mut self) -> Option<[u8; WIDTH]> {
        self.take(WIDTH)?.try_into().ok()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
}
