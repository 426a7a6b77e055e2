//! What a handler has been told and has done, and what it is waiting for.

use std::collections::BTreeMap;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// The part of the memory that travels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Journal {
    entries: Vec<Entry>,
    /// The questions that were open when the request ended, by their key, with their digests.
    asked: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kind: Kind,
    name: String,
    occurrence: u32,
    /// What the entry is an answer to; empty for a step.
    digest: String,
    value: Value,
    /// Whether this run of the handler has come by it.
    #[serde(skip)]
    visited: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Ask,
    Step,
}

/// A question that has no answer yet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PendingQuestion {
    /// What goes into `inputRequests`.
    pub(crate) request: Value,
    /// The digest of the question itself, without a remark on an answer that did not fit.
    pub(crate) digest: String,
}

/// The memory of one handler during one request.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    journal: Journal,
    /// The answers that came with this request.
    answers: Map<String, Value>,
    waiting: BTreeMap<String, PendingQuestion>,
    counts: BTreeMap<(Kind, String), u32>,
    pub(crate) flow: Option<String>,
    pub(crate) round: u32,
    /// Whether the rounds before this one ran another build, which may rightly have gone another way.
    deployed: bool,
}

impl Memory {
    /// Takes in the answers that came with this request.
    pub(crate) fn answered(&mut self, answers: Map<String, Value>) {
        self.answers = answers;
    }

    /// Takes up what an earlier round of the same request left.
    pub(crate) fn resume(&mut self, flow: String, round: u32, journal: Journal, deployed: bool) {
        self.flow = Some(flow);
        self.round = round;
        self.journal = journal;
        self.deployed = deployed;
    }

    /// How often this name has been used before in this run, counting this use in.
    pub(crate) fn occur(&mut self, kind: Kind, name: &str) -> u32 {
        let count = self.counts.entry((kind, name.to_owned())).or_default();
        let occurrence = *count;
        *count = occurrence.saturating_add(1);
        occurrence
    }

    /// What the journal holds for this use of a name, if it is still an answer to `digest`.
    pub(crate) fn restore_journal(
        &mut self,
        kind: Kind,
        name: &str,
        occurrence: u32,
        digest: &str,
    ) -> Option<Value> {
        let place = self.journal.entries.iter().position(|entry| {
            entry.kind == kind && entry.name == name && entry.occurrence == occurrence
        })?;
        let entry = self.journal.entries.get_mut(place)?;
        if entry.digest == digest {
            entry.visited = true;
            return Some(entry.value.clone());
        }
        self.journal.entries.remove(place);
        None
    }

    pub(crate) fn record(
        &mut self,
        kind: Kind,
        name: &str,
        occurrence: u32,
        digest: &str,
        value: Value,
    ) {
        self.journal.entries.push(Entry {
            kind,
            name: name.to_owned(),
            occurrence,
            digest: digest.to_owned(),
            value,
            visited: true,
        });
    }

    /// The client's answer to the question under `key`, unless what it was asked was another question.
    pub(crate) fn answer(&self, key: &str, digest: &str) -> Option<&Value> {
        let other = self
            .journal
            .asked
            .get(key)
            .is_some_and(|asked| asked != digest);
        if other { None } else { self.answers.get(key) }
    }

    pub(crate) fn wait(&mut self, key: &str, waiting: PendingQuestion) {
        self.waiting.insert(key.to_owned(), waiting);
    }

    pub(crate) fn stop_waiting(&mut self, key: &str) {
        self.waiting.remove(key);
    }

    pub(crate) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// How many bytes the journal takes.
    pub(crate) fn size(&self) -> usize {
        serde_json::to_vec(&self.journal).map_or(usize::MAX, |bytes| bytes.len())
    }

    /// Entries that this run of the handler never came by: it took another way than the one before.
    pub(crate) fn unvisited(&self) -> impl Iterator<Item = &str> {
        self.journal
            .entries
            .iter()
            .filter(|entry| !entry.visited && !self.deployed)
            .map(|entry| entry.name.as_str())
    }

    /// Ends the round: the open questions, and the journal that their answers will come back with.
    pub(crate) fn suspend(&mut self) -> (Map<String, Value>, Journal) {
        let mut questions = Map::new();
        self.journal.asked.clear();
        for (key, waiting) in std::mem::take(&mut self.waiting) {
            self.journal.asked.insert(key.clone(), waiting.digest);
            questions.insert(key, waiting.request);
        }
        (questions, std::mem::take(&mut self.journal))
    }
}

/// A short digest of something that must be recognised later, by this build or another.
pub(crate) fn digest(value: &Value) -> String {
    let hash = Sha256::digest(value.to_string().as_bytes());
    let short: Vec<u8> = hash.into_iter().take(16).collect();
    Base64UrlUnpadded::encode_string(&short)
}
