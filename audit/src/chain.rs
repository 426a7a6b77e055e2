//! The chain that an instance links its events into.
//!
//! Many instances write at once, each for a short while, with no store and no clock in common. So each has a chain of its
//! own: every event holds its chain's id, its sequence number and the hash of the one before it. The hash of an event is
//! SHA-256 over its canonical JSON (RFC 8785) without the members `hash` and `seal`, in hexadecimal.
//!
//! An instance that ends in good order [closes](Chain::close) its chain: the last event is of the kind `mcp.end`, and none
//! follows it. A chain without that event may have had more.

use std::rc::Rc;

use crate::digest::{hexadecimal, sha256};
use crate::event::{ChainLink, Event, EventType};
use crate::evidence::Seal;
use crate::time::Timestamp;

/// What is between an event and its seal.
const SEAL: &str = ",\"seal\":";

/// A chain that grows.
#[derive(Debug)]
pub struct Chain {
    id: String,
    next: u64,
    last: Option<String>,
}

/// An event in its chain. What is in it changes no more.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainedEvent {
    /// What is said.
    pub event: Event,
    /// SHA-256 of its canonical JSON, in hexadecimal.
    pub hash: String,
    /// Its canonical JSON, and its hash as the last member.
    pub json: String,
}

impl Chain {
    /// A chain without events; `id` is 16 random bytes.
    pub fn new(id: [u8; 16]) -> Self {
        Self {
            id: hexadecimal(&id),
            next: 0,
            last: None,
        }
    }

    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Puts an event at its end.
    pub fn link(&mut self, mut event: Event) -> Rc<ChainedEvent> {
        let linked = {
            event.chain = Some(ChainLink {
                id: self.id.clone(),
                previous: self.last.take(),
                sequence: self.next,
            });
            ChainedEvent::new(event)
        };
        self.next = self.next.saturating_add(1);
        self.last = Some(linked.hash.clone());
        Rc::new(linked)
    }

    /// Ends the chain with this event; `None` if the chain has no other event.
    ///
    /// Nothing may follow the event in its chain, so what is linked afterwards (a handler that was stopped after the server
    /// had ended) begins another chain. The id of that chain is the first half of the event's hash.
    pub fn close(&mut self, event: Event) -> Option<Rc<ChainedEvent>> {
        self.last.as_ref()?;
        let closing = self.link(event);
        *self = Self {
            id: closing.hash.chars().take(self.id.len()).collect(),
            next: 0,
            last: None,
        };
        Some(closing)
    }
}

impl ChainedEvent {
    /// An event with its hash.
    pub fn new(event: Event) -> Self {
        let bytes = event.to_canonical();
        let hash = sha256(&bytes);
        let mut json = String::from_utf8(bytes).unwrap_or_default();
        json.truncate(json.len().saturating_sub(1));
        json.push_str(",\"hash\":\"");
        json.push_str(&hash);
        json.push_str("\"}");
        Self { event, hash, json }
    }

    /// When it happened, as its `time` says.
    pub fn at(&self) -> Timestamp {
        Timestamp::from_rfc3339(&self.event.time).unwrap_or(Timestamp::from_millis(0))
    }

    /// An event as it was kept outside the instance, and its seal as JSON if it has one; `None` if it is none, or not unchanged.
    pub fn restore(line: &str) -> Option<(Self, Option<String>)> {
        let event: Event = serde_json::from_str(line).ok()?;
        let linked = Self::new(event);
        if linked.json == line {
            return Some((linked, None));
        }
        let rest = line.strip_prefix(linked.open())?;
        let seal = rest.strip_prefix(SEAL)?.strip_suffix('}')?;
        let parsed: Seal = serde_json::from_str(seal).ok()?;
        let seal = serde_json::to_string(&parsed)
            .ok()
            .filter(|written| written == seal)?;
        Some((linked, Some(seal)))
    }

    /// Whether it names `previous` as the event before it in its chain.
    pub fn follows(&self, previous: &Self) -> bool {
        let link = self.event.chain.as_ref();
        let named = link.and_then(|link| link.previous.as_ref());
        named.is_some_and(|named| *named == previous.hash)
    }

    /// Whether it gets a seal of its own when it leaves in a batch, in front of `next`.
    ///
    /// A seal covers the events before it as far as each names the one before. So the last event gets one, and each that is
    /// not named by the event behind it, because the events in between were lost. A report of lost events always gets one: it
    /// explains a gap only if it is signed, whether or not the receiver takes the rest of the batch.
    pub fn needs_seal(&self, next: Option<&Self>) -> bool {
        self.event.event == EventType::Loss || !next.is_some_and(|next| next.follows(self))
    }

    /// The name of its chain.
    pub fn chain(&self) -> &str {
        let link = self.event.chain.as_ref();
        link.map_or("", |link| &link.id)
    }

    /// The line that goes into a log, with `seal` as its last member.
    pub fn sealed(&self, seal: &str) -> String {
        format!("{}{SEAL}{seal}}}", self.open())
    }

    fn open(&self) -> &str {
        self.json.strip_suffix('}').unwrap_or(&self.json)
    }
}
