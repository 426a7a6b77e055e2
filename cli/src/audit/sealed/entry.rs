//! Entries: events as they stand in a sealed log.

use std::collections::HashMap;

use mcp_edge_runtime::audit::event::canonical_of;
use serde_json::{Map, Value, json};

use super::SealError;
use crate::audit::chain::printable;
use crate::audit::envelope::{self, FromLog};
use crate::audit::found::Found;

/// The longest entry: C2SP's tlog-tiles gives its length 16 bits.
const LONGEST: usize = 0xffff;

/// An event as it stands in a sealed log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    chain: String,
    sequence: u64,
    id: String,
    bytes: Vec<u8>,
}

/// An event with its canonical JSON.
struct Written {
    found: Found,
    canonical: Vec<u8>,
}

impl FromLog for Written {
    fn from_line(line: &str) -> Option<Self> {
        let found = Found::read(line)?;
        // The line is what its hash was made of, so its beginning is canonical.
        let (content, _) = line.split_at_checked(line.rfind(",\"hash\":\"")?)?;
        let canonical = [content.as_bytes(), b"}"].concat();
        Some(Self { found, canonical })
    }

    fn from_members(members: &Map<String, Value>) -> Option<Self> {
        Some(Self {
            found: Found::restore(members)?,
            canonical: canonical_of(members),
        })
    }
}

impl Entry {
    /// The event's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the tree hashes: the line of the event without its seal or, where that is longer than an entry may be, only the
    /// event's hash and id.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn of(written: Written) -> Result<Self, SealError> {
        let Written { found, canonical } = written;
        let id = found.entry.id.to_string();
        if found.altered.is_some() {
            return Err(SealError::Refused(format!(
                "event {} is not what its hash was made of; `mcp-edge audit verify` says more, and only a log that verifies is sealed",
                printable(&id)
            )));
        }
        let hash = found.entry.hash.to_string();
        let mut bytes = canonical;
        bytes.pop();
        bytes.extend_from_slice(format!(",\"hash\":\"{hash}\"}}").as_bytes());
        if bytes.len() > LONGEST {
            bytes = json!({ "hash": hash, "id": id }).to_string().into_bytes();
        }
        let (chain, sequence) = match found.place {
            Some(place) => (place.chain, place.sequence),
            None => (String::new(), 0),
        };
        Ok(Self {
            chain,
            sequence,
            id,
            bytes,
        })
    }
}

/// The entries of all events in a text, each once: by chain, sequence number and id, those in no chain first.
pub fn entries(text: &str) -> Result<Vec<Entry>, SealError> {
    let mut by_id: HashMap<String, Entry> = HashMap::new();
    for line in text.lines() {
        let mut written = Vec::new();
        envelope::unwrap(line, &mut |event: Written| written.push(event));
        for event in written {
            let entry = Entry::of(event)?;
            match by_id.get(&entry.id) {
                Some(known) if *known != entry => {
                    return Err(SealError::Refused(format!(
                        "two different events have the id {}; `mcp-edge audit verify` says more",
                        printable(&entry.id)
                    )));
                }
                Some(_) => {}
                None => drop(by_id.insert(entry.id.clone(), entry)),
            }
        }
    }
    let mut entries: Vec<_> = by_id.into_values().collect();
    entries.sort_unstable();
    Ok(entries)
}
