//! Entries: events as they are in a sealed log.

use std::collections::HashMap;

use serde_json::json;

use super::LogError;
use crate::chain::printable;
use crate::envelope::{self, Content, Opened};
use crate::logged_event::{FORGED, HASH};

/// The longest entry: C2SP's tlog-tiles gives its length 16 bits.
const MAX_ENTRY_BYTES: usize = 0xffff;

/// An event as it is in a sealed log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    chain: String,
    sequence: u64,
    id: String,
    bytes: Vec<u8>,
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

    fn of(opened: Opened<'_>) -> Result<Self, LogError> {
        let Opened { found, line } = opened;
        let id = found.entry.id.to_string();
        if found.altered.is_some() {
            return Err(LogError::Refused(format!(
                "event {} is not what its hash was made of; `mcp-edge audit verify` says more, and only a log that verifies is sealed",
                printable(&id)
            )));
        }
        if found.is_forged() {
            return Err(LogError::Refused(format!(
                "event {} is in no chain: {FORGED}; `mcp-edge audit verify` says more, and only a log that verifies is sealed",
                printable(&id)
            )));
        }
        let hash = found.entry.hash.to_string();
        let content = line.rfind(HASH).and_then(|end| line.get(..end));
        let mut bytes = format!("{}{HASH}{hash}\"}}", content.unwrap_or_default()).into_bytes();
        if bytes.len() > MAX_ENTRY_BYTES {
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
pub fn entries(text: &str) -> Result<Vec<Entry>, LogError> {
    let mut by_id: HashMap<String, Entry> = HashMap::new();
    for line in text.lines() {
        let mut found = Vec::new();
        let content = envelope::unwrap(line, &mut |opened| found.push(Entry::of(opened)));
        if content == Content::Damaged {
            return Err(LogError::Refused(format!(
                "a line of {} bytes holds an event that was cut off or damaged; `mcp-edge audit verify` says more, and only a log that verifies is sealed",
                line.len()
            )));
        }
        for entry in found {
            let entry = entry?;
            match by_id.get(&entry.id) {
                Some(known) if *known != entry => {
                    return Err(LogError::Refused(format!(
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
