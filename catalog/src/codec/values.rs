//! JSON values in bytes.
//!
//! The three high bits of a value's first byte are its kind, and the five low bits a number `n`; where these are all set, `n` is
//! 31 more than the number that follows.
//!
//! | kind | value |
//! |---|---|
//! | 0 | `null`, `false`, `true` for `n` from 0 to 2; for 3, a float of 8 bytes, little-endian |
//! | 1, 2 | the integer `n`; the integer `-1 - n` |
//! | 3, 4 | a text of `n` bytes; the text `n` of the dictionary |
//! | 5 | an array of `n` values |
//! | 6 | an object of `n` members in ascending order: a name, and a value |
//! | 7 | the value at the offset `n` of the shared section, which is less than that of the value that has it |
//!
//! A name is a number: an even one is twice the number of a text of the dictionary, an odd one twice the length of the text that
//! follows, plus one.

use mcp_edge_settings::wire::{Reader, Writer};
use serde_json::{Map, Number, Value};

use super::dictionary::Dictionary;

/// The maximum depth of a JSON value in a catalog, in levels.
pub const MAX_DEPTH: usize = 128;
/// The maximum size of all texts and JSON values of an operation: a byte of text is one unit, a value itself sixteen.
pub const MAX_UNITS: usize = 2 << 20;

const UNITS_OF_A_VALUE: usize = 16;

pub(super) const CONSTANT: u8 = 0;
pub(super) const UNSIGNED: u8 = 1;
pub(super) const NEGATIVE: u8 = 2;
pub(super) const TEXT: u8 = 3;
pub(super) const WORD: u8 = 4;
pub(super) const ARRAY: u8 = 5;
pub(super) const OBJECT: u8 = 6;
pub(super) const SHARED: u8 = 7;

pub(super) const NULL: u64 = 0;
pub(super) const FALSE: u64 = 1;
pub(super) const TRUE: u64 = 2;
pub(super) const FLOAT: u64 = 3;

const LOW: u8 = 0x1f;

/// Writes the first byte of a value, and the rest of its number.
pub(super) fn write_head(writer: &mut Writer, kind: u8, number: u64) {
    let kind = kind << 5;
    match number.checked_sub(u64::from(LOW)) {
        Some(rest) => {
            writer.byte(kind | LOW);
            writer.number(rest);
        }
        None => writer.byte(kind | u8::try_from(number).unwrap_or(LOW)),
    }
}

fn read_head(reader: &mut Reader<'_>) -> Option<(u8, u64)> {
    let byte = reader.byte()?;
    let number = match byte & LOW {
        LOW => reader.number()?.checked_add(u64::from(LOW))?,
        number => u64::from(number),
    };
    Some((byte >> 5, number))
}

/// A part of the shared section.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    /// Its offset from the start of the section.
    pub(super) start: u64,
    pub(super) bytes: &'a [u8],
}

/// Reads the values of one operation.
pub(super) struct Values<'a> {
    dictionary: &'a Dictionary,
    pieces: Vec<Piece<'a>>,
    units: usize,
}

impl<'a> Values<'a> {
    pub(super) fn new(dictionary: &'a Dictionary, pieces: Vec<Piece<'a>>) -> Self {
        Self {
            dictionary,
            pieces,
            units: MAX_UNITS,
        }
    }

    /// Reads a value.
    pub(super) fn value(&mut self, reader: &mut Reader<'a>) -> Option<Value> {
        self.value_at(reader, MAX_DEPTH, u64::MAX)
    }

    /// Reads a text.
    pub(super) fn text(&mut self, reader: &mut Reader<'a>) -> Option<String> {
        match self.value_at(reader, 0, u64::MAX)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    fn spend(&mut self, units: usize) -> Option<()> {
        self.units = self.units.checked_sub(units)?;
        Some(())
    }

    fn string(&mut self, text: &str) -> Option<String> {
        self.spend(text.len())?;
        Some(text.to_owned())
    }

    /// Reads a value of at most `depth` levels below it, which refers to shared values before `limit` only.
    fn value_at(&mut self, reader: &mut Reader<'a>, depth: usize, limit: u64) -> Option<Value> {
        self.spend(UNITS_OF_A_VALUE)?;
        match read_head(reader)? {
            (SHARED, offset) if offset < limit => {
                let mut reader = self.shared(offset)?;
                let (kind, number) = read_head(&mut reader)?;
                self.rest(kind, number, &mut reader, depth, offset)
            }
            (kind, number) => self.rest(kind, number, reader, depth, limit),
        }
    }

    /// Reads what follows the first bytes of a value that is not a reference.
    fn rest(
        &mut self,
        kind: u8,
        number: u64,
        reader: &mut Reader<'a>,
        depth: usize,
        limit: u64,
    ) -> Option<Value> {
        Some(match kind {
            CONSTANT => match number {
                NULL => Value::Null,
                FALSE => Value::Bool(false),
                TRUE => Value::Bool(true),
                FLOAT => Value::Number(Number::from_f64(f64::from_le_bytes(reader.bytes()?))?),
                _ => return None,
            },
            UNSIGNED => Value::from(number),
            NEGATIVE => Value::from((-1_i64).checked_sub(i64::try_from(number).ok()?)?),
            TEXT => {
                let text = reader.slice(usize::try_from(number).ok()?)?;
                Value::String(self.string(std::str::from_utf8(text).ok()?)?)
            }
            WORD => {
                let word = self.dictionary.word(number)?;
                Value::String(self.string(word)?)
            }
            ARRAY => {
                let depth = depth.checked_sub(1)?;
                let mut items = Vec::new();
                for _ in 0..number {
                    items.push(self.value_at(reader, depth, limit)?);
                }
                Value::Array(items)
            }
            OBJECT => {
                let depth = depth.checked_sub(1)?;
                let mut members = Map::new();
                let mut previous: Option<String> = None;
                for _ in 0..number {
                    let name = self.name(reader)?;
                    if previous.is_some_and(|previous| previous >= name) {
                        return None;
                    }
                    let value = self.value_at(reader, depth, limit)?;
                    previous = Some(name.clone());
                    members.insert(name, value);
                }
                Value::Object(members)
            }
            // A reference to a reference is not a value.
            _ => return None,
        })
    }

    fn name(&mut self, reader: &mut Reader<'a>) -> Option<String> {
        let number = reader.number()?;
        let half = number >> 1;
        let name = if number & 1 == 0 {
            self.dictionary.word(half)?
        } else {
            std::str::from_utf8(reader.slice(usize::try_from(half).ok()?)?).ok()?
        };
        self.string(name)
    }

    fn shared(&self, offset: u64) -> Option<Reader<'a>> {
        let after = self.pieces.partition_point(|piece| piece.start <= offset);
        let piece = self.pieces.get(after.checked_sub(1)?)?;
        let skipped = usize::try_from(offset.checked_sub(piece.start)?).ok()?;
        Some(Reader::new(piece.bytes.get(skipped..)?))
    }
}
