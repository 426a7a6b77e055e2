//! The dictionary of short texts that operations have in common: names of members, types, formats.

use mcp_edge_settings::wire::{Reader, Writer};

/// The maximum number of texts. All are read at start.
pub(super) const MAX_WORDS: usize = 4096;
/// The maximum length of a text in bytes. Longer ones are shared.
pub(super) const MAX_WORD_BYTES: usize = 40;

/// Texts with numbers.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    /// One after another.
    text: Box<str>,
    /// The end of each.
    ends: Box<[usize]>,
}

impl Dictionary {
    /// Reads a dictionary.
    pub(super) fn decode(reader: &mut Reader<'_>) -> Option<Self> {
        let count = reader.length()?;
        let mut end = 0_usize;
        let mut ends = Vec::new();
        for _ in 0..count {
            end = end.checked_add(usize::try_from(reader.number()?).ok()?)?;
            ends.push(end);
        }
        let text = std::str::from_utf8(reader.slice(end)?).ok()?;
        ends.iter()
            .all(|end| text.is_char_boundary(*end))
            .then(|| Self {
                text: text.into(),
                ends: ends.into(),
            })
    }

    /// Writes these texts as a dictionary.
    pub(super) fn encode(words: &[&str], writer: &mut Writer) {
        writer.length(words.len());
        for word in words {
            writer.length(word.len());
        }
        for word in words {
            writer.bytes(word.as_bytes());
        }
    }

    /// The text with this number.
    pub(super) fn word(&self, number: u64) -> Option<&str> {
        let number = usize::try_from(number).ok()?;
        let start = match number.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start..*self.ends.get(number)?)
    }
}
