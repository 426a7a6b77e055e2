//! The header: where the sections are.

use std::ops::Range;

use super::{DecodeError, VERSION};

const MAGIC: [u8; 7] = *b"mcp-cat";

/// The first bytes of a catalog. They give the places of its sections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    index: Range<u64>,
    search: Range<u64>,
    shared: Range<u64>,
    operations: Range<u64>,
}

impl Header {
    /// The length of a header in bytes.
    pub const LENGTH: usize = 24;

    /// Reads the first [`LENGTH`](Self::LENGTH) bytes of a catalog.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (magic, rest) = bytes.split_first_chunk().ok_or(DecodeError::NotACatalog)?;
        if *magic != MAGIC {
            return Err(DecodeError::NotACatalog);
        }
        let (version, mut rest) = rest.split_first().ok_or(DecodeError::NotACatalog)?;
        if *version != VERSION {
            return Err(DecodeError::Version(*version));
        }
        let mut lengths = [0; 4];
        for length in &mut lengths {
            let (bytes, after) = rest
                .split_first_chunk()
                .ok_or(DecodeError::Damaged("header"))?;
            *length = u32::from_le_bytes(*bytes);
            rest = after;
        }
        if rest.is_empty() {
            Ok(Self::of(lengths))
        } else {
            Err(DecodeError::Damaged("header"))
        }
    }

    fn of(lengths: [u32; 4]) -> Self {
        // Four lengths of 32 bits do not exceed 64 bits.
        let mut start = Self::LENGTH as u64;
        let [index, search, shared, operations] = lengths.map(|length| {
            let end = start.saturating_add(u64::from(length));
            let range = start..end;
            start = end;
            range
        });
        Self {
            index,
            search,
            shared,
            operations,
        }
    }

    /// The header of sections with these lengths: index, search, shared and operations.
    pub(super) fn encode(lengths: [u32; 4]) -> Vec<u8> {
        let mut bytes = Vec::from(MAGIC);
        bytes.push(VERSION);
        for length in lengths {
            bytes.extend_from_slice(&length.to_le_bytes());
        }
        bytes
    }

    /// The place of the index in the catalog, in bytes.
    pub fn index_range(&self) -> Range<u64> {
        self.index.clone()
    }

    /// The place of the search index in the catalog, in bytes.
    pub fn search_range(&self) -> Range<u64> {
        self.search.clone()
    }

    pub(super) fn shared_range(&self) -> Range<u64> {
        self.shared.clone()
    }

    pub(super) fn operations_range(&self) -> Range<u64> {
        self.operations.clone()
    }

    /// The length of the whole catalog in bytes.
    pub fn total_length(&self) -> u64 {
        self.operations.end
    }
}
