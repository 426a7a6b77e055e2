//! The binary form of settings, which is read without a TOML parser.
//!
//! The first byte is [`VERSION`]. The table of the settings that are set follows. `n` is a number.
//!
//! | value | form |
//! |---|---|
//! | number | unsigned LEB128, in as few bytes as it takes |
//! | text | `n` bytes of UTF-8 |
//! | flag, and whether a preset is for development | 0 or 1, one byte |
//! | duration, time | milliseconds, the latter since the Unix epoch, as a number |
//! | choice, secret, schema of arguments | a text |
//! | text or variable | 0 or 1, and the text or the variable's name |
//! | keys of an issuer | 0 for discovery; 1 and the URL, 2 and the set: a text or a variable |
//! | tenant of an issuer | 0 or 1, and the tenant or the claim: a text |
//! | network | 4 or 6, the address in 4 or 16 bytes, and the length of the prefix in one byte |
//! | list | `n` values |
//! | map | `n` pairs of a text and a value |
//! | table | a map of each key, within the table, and its value |
//! | tables with names | a map of tables |
//!
//! The keys of a table are in ascending order, each once. A key is its name, so that a new key does not change the form of the
//! others. The version changes when the form of a value does.

use alloc::vec::Vec;

/// The version of this form.
pub const VERSION: u8 = 1;

/// The maximum length of settings, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// Writes values one after another.
#[derive(Debug)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Writes the version.
    pub fn new() -> Self {
        Self(Vec::from([VERSION]))
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }

    /// Writes one byte.
    pub fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// Writes bytes whose number the reader knows.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Writes a number, or the length of a list, map or table.
    pub fn number(&mut self, mut number: u64) {
        while number > u64::from(LOW) {
            self.byte(low(number) | MORE);
            number >>= 7;
        }
        self.byte(low(number));
    }

    /// Writes a text.
    pub fn text(&mut self, text: &str) {
        self.length(text.len());
        self.bytes(text.as_bytes());
    }

    /// Writes the length of a list, map or table.
    pub fn length(&mut self, length: usize) {
        self.number(u64::try_from(length).unwrap_or(u64::MAX));
    }
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

/// Continues after `bytes`: a form with a version of its own begins with none.
impl From<Vec<u8>> for Writer {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// Set in each byte of a number but the last.
const MORE: u8 = 0x80;
/// The bits of a byte that are of the number itself.
const LOW: u8 = 0x7f;

fn low(number: u64) -> u8 {
    let [.., low] = number.to_be_bytes();
    low & LOW
}

/// Reads values one after another; `None` where there is no such value.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads these bytes.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether everything was read.
    pub const fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads one byte.
    pub fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    /// Reads this many bytes.
    pub fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*bytes)
    }

    /// Reads a number. One in more bytes than it takes is none.
    pub fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & LOW);
            let shifted = bits.checked_shl(shift)?;
            if shifted.checked_shr(shift) != Some(bits) {
                return None;
            }
            number |= shifted;
            if byte & MORE == 0 {
                return (byte != 0 || shift == 0).then_some(number);
            }
        }
        None
    }

    /// Reads a text.
    pub fn text(&mut self) -> Option<&'a str> {
        let length = self.length()?;
        core::str::from_utf8(self.slice(length)?).ok()
    }

    /// Reads this many bytes.
    pub fn slice(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    /// How many bytes are left.
    pub const fn remaining(&self) -> usize {
        self.0.len()
    }

    /// Reads the length of a list, map or table. It is none where the bytes that are left cannot have so many values.
    pub fn length(&mut self) -> Option<usize> {
        let length = usize::try_from(self.number()?).ok()?;
        (length <= self.0.len()).then_some(length)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn reads_what_it_writes(numbers: Vec<u64>, text: String, byte: u8, bytes: [u8; 4]) {
            let mut writer = Writer::new();
            for number in &numbers {
                writer.number(*number);
            }
            writer.text(&text);
            writer.byte(byte);
            writer.bytes(&bytes);
            let mut writer = Writer::from(writer.finish());
            writer.bytes(&bytes);
            let written = writer.finish();
            let mut reader = Reader::new(&written);
            prop_assert_eq!(reader.byte(), Some(VERSION));
            for number in numbers {
                prop_assert_eq!(reader.number(), Some(number));
            }
            prop_assert_eq!(reader.text(), Some(&*text));
            prop_assert_eq!(reader.byte(), Some(byte));
            prop_assert_eq!(reader.bytes(), Some(bytes));
            prop_assert_eq!(reader.remaining(), bytes.len());
            prop_assert_eq!(reader.slice(5), None);
            prop_assert_eq!(reader.slice(bytes.len()), Some(&bytes[..]));
            prop_assert!(reader.is_at_end());
        }

        /// No two forms of one number, and none of what a `u64` has no room for.
        #[test]
        fn a_number_that_is_read_is_written_alike(bytes in prop::collection::vec(any::<u8>(), 0..12)) {
            let mut reader = Reader::new(&bytes);
            if let Some(number) = reader.number() {
                let mut writer = Writer::new();
                writer.number(number);
                let written = writer.finish();
                let (_, written) = written.split_first().unwrap();
                prop_assert!(bytes.starts_with(written));
            }
        }
    }

    #[test]
    fn lengths_are_at_most_those_of_the_rest() {
        for (bytes, length) in [(&[0][..], Some(0)), (&[1, 0], Some(1)), (&[1], None)] {
            assert_eq!(Reader::new(bytes).length(), length);
        }
        assert_eq!(Reader::new(&[2, 0xff, 0xff]).text(), None);
    }
}
