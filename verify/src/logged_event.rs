//! One event as it was found in a log.
//!
//! The line that a server wrote is hashed as it is; only what some system in transit has rewritten is parsed, put into
//! canonical JSON and hashed then.

use std::borrow::Cow;
use std::collections::BTreeSet;

use mcp_edge_audit::Event;
use mcp_edge_audit::event::{DeliveryReport, EventType, canonical_of};
use mcp_edge_audit::evidence::Seal;
use mcp_edge_clients::visible::is_invisible;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::digest::Digest;
use super::report::ChainVerdict;

/// An event as it was found, without its words.
#[derive(Debug)]
pub(super) struct LoggedEvent {
    pub(super) entry: Entry,
    pub(super) place: Option<Place>,
    /// The tenant of its principal, who is not anonymous; `None` without a particular caller.
    pub(super) tenant: Option<Option<String>>,
    /// Losses that it declares.
    pub(super) delivery: Option<DeliveryReport>,
    /// What is in it, if it is not what its hash was made of.
    pub(super) altered: Option<UnhashedMembers>,
    /// Whether a server writes such an event outside a chain.
    is_before_start: bool,
    /// What differs around it from what it says, with a sentence for each.
    pub(super) notes: Vec<(ChainVerdict, String)>,
}

/// What is in an event that is not what its hash was made of.
#[derive(Debug)]
pub(super) struct UnhashedMembers {
    /// The digest of all of it.
    pub(super) digest: Digest,
    /// Its canonical JSON before the member `chain`, and after it.
    pub(super) around_chain: (Box<str>, Box<str>),
}

/// What is kept of an event while a log is read.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    /// The hash that the line says it has.
    pub(super) hash: Digest,
    /// The hash of the event before it.
    pub(super) previous: Option<Digest>,
    pub(super) id: Box<str>,
    /// When it happened, as the event says it.
    pub(super) time: Box<str>,
    pub(super) seals: BTreeSet<Seal>,
    /// There is a seal that has not the form of one.
    pub(super) misshapen_seal: bool,
    /// It is about another tenant than it should be.
    pub(super) foreign: bool,
    /// It is not what its hash was made of.
    pub(super) altered: bool,
    /// It is the event that closes its chain.
    pub(super) closes: bool,
}

/// An event's place among the others, as it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) chain: String,
    pub(super) sequence: u64,
}

/// Why an event outside a chain is forged.
pub(super) const FORGED: &str = "a server writes an event outside a chain only while it cannot start, and such an event has no caller, no call and no result";

pub(super) const HASH: &str = ",\"hash\":\"";

/// The members of an event that a verifier looks at.
#[derive(Deserialize)]
struct Core<'a> {
    chain: Option<Link>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    time: Cow<'a, str>,
    #[serde(borrow, default)]
    event: Cow<'a, str>,
    principal: Option<Who>,
    delivery: Option<DeliveryReport>,
}

#[derive(Deserialize)]
struct Link {
    id: String,
    #[serde(default)]
    previous: Option<Digest>,
    sequence: u64,
}

#[derive(Deserialize)]
struct Who {
    #[serde(default)]
    anonymous: bool,
    #[serde(default)]
    tenant: Option<String>,
}

impl LoggedEvent {
    /// Whether it is in no chain, and no server writes such an event there.
    pub(super) fn is_forged(&self) -> bool {
        self.place.is_none() && !self.is_before_start
    }

    /// Whether it is what its hash was made of, and a server writes such an event at its place.
    pub(super) fn is_intact(&self) -> bool {
        self.altered.is_none() && !self.is_forged()
    }

    /// Reads a line as a server writes it, if its hash is that of what stands before it.
    pub(super) fn read(line: &str) -> Option<Self> {
        // No string of JSON holds these bytes: its quotation marks are escaped.
        let (content, rest) = line.split_at_checked(line.rfind(HASH)?)?;
        let (hash, tail) = rest.strip_prefix(HASH)?.split_at_checked(64)?;
        let hash = Digest::parse(hash)?;
        let seal = match tail {
            "\"}" => None,
            _ => {
                let seal = tail.strip_prefix("\",\"seal\":")?.strip_suffix('}')?;
                Some(seal_in(&serde_json::from_str(seal).ok()?)?)
            }
        };
        if Digest::of(&[content.as_bytes(), b"}"]) != hash {
            return None;
        }
        let core: Core<'_> = serde_json::from_str(line).ok()?;
        let found = Self::intact(core, hash, seal, false);
        Some(found.with_event(line))
    }

    /// Reads an event that some system may have rewritten; `None` if it is none.
    pub(super) fn restore(members: &Map<String, Value>) -> Option<Self> {
        if !is_event(members) {
            return None;
        }
        let claimed = members.get("hash").and_then(Value::as_str);
        let hash = claimed.and_then(Digest::parse).unwrap_or_default();
        let seal = members.get("seal");
        let well_shaped = seal.and_then(seal_in);
        let misshapen = seal.is_some() && well_shaped.is_none();
        let canonical = canonical_of(members);
        let digest = Digest::of(&[&canonical]);
        if digest == hash
            && let Ok(canonical) = std::str::from_utf8(&canonical)
            && let Ok(core) = serde_json::from_str::<Core<'_>>(canonical)
        {
            let found = Self::intact(core, hash, well_shaped, misshapen);
            return Some(found.with_event(canonical));
        }
        let claimed = Entry {
            hash,
            seals: well_shaped.into_iter().collect(),
            misshapen_seal: misshapen,
            ..Entry::default()
        };
        Some(Self::altered(members, digest, claimed))
    }

    /// Judges an event that is in no chain by all of its members.
    fn with_event(mut self, line: &str) -> Self {
        if self.place.is_none() {
            let event = serde_json::from_str::<Event>(line).ok();
            self.is_before_start = event.is_some_and(|event| {
                // Other members than those that the type has would be missing in it.
                event.is_before_start() && Digest::of(&[&event.to_canonical()]) == self.entry.hash
            });
        }
        self
    }

    fn intact(core: Core<'_>, hash: Digest, seal: Option<Seal>, misshapen_seal: bool) -> Self {
        let previous = core.chain.as_ref().and_then(|link| link.previous);
        let tenant = core
            .principal
            .filter(|who| !who.anonymous)
            .map(|who| who.tenant);
        Self {
            entry: Entry {
                hash,
                previous,
                id: core.id.into(),
                time: core.time.into(),
                seals: seal.into_iter().collect(),
                misshapen_seal,
                closes: core.event == EventType::End.as_str(),
                ..Entry::default()
            },
            place: core.chain.map(|link| Place {
                chain: link.id,
                sequence: link.sequence,
            }),
            tenant,
            delivery: core
                .delivery
                .filter(|_| core.event == EventType::Loss.as_str()),
            altered: None,
            is_before_start: false,
            notes: Vec::new(),
        }
    }

    fn altered(members: &Map<String, Value>, digest: Digest, claimed: Entry) -> Self {
        let text = |name| {
            members
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let link = members.get("chain").and_then(Value::as_object);
        let previous = link
            .and_then(|link| link.get("previous"))
            .and_then(Value::as_str)
            .and_then(Digest::parse);
        Self {
            entry: Entry {
                previous,
                id: text("id").into(),
                time: text("time").into(),
                altered: true,
                ..claimed
            },
            place: link.and_then(Place::of),
            tenant: None,
            delivery: None,
            altered: Some(UnhashedMembers {
                digest,
                around_chain: around_chain(members),
            }),
            is_before_start: false,
            notes: Vec::new(),
        }
    }
}

/// The canonical JSON of what is hashed of an event before its member `chain`, and after it.
fn around_chain(members: &Map<String, Value>) -> (Box<str>, Box<str>) {
    let part = |is_part: &dyn Fn(&str) -> bool| {
        let part = members.iter().filter(|(name, _)| is_part(name));
        let part: Map<_, _> = part.map(|(name, of)| (name.clone(), of.clone())).collect();
        let text = String::from_utf8(canonical_of(&part)).unwrap_or_default();
        let inner = text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'));
        inner.unwrap_or_default().into()
    };
    (part(&|name| name < "chain"), part(&|name| name > "chain"))
}

/// A seal, if it has its three members and no other: what else is in it is not signed.
fn seal_in(seal: &Value) -> Option<Seal> {
    let members = seal.as_object().filter(|members| members.len() == 3)?;
    Seal::deserialize(members).ok()
}

impl Place {
    fn of(link: &Map<String, Value>) -> Option<Self> {
        Some(Self {
            chain: link.get("id")?.as_str()?.to_owned(),
            sequence: link.get("sequence")?.as_u64()?,
        })
    }
}

/// The members that, with a time, only events have together. What envelopes have of an event has no time of its own.
const TELLING: [&str; 14] = [
    "client_address",
    "client_info",
    "decision",
    "duration_ms",
    "era",
    "name_sha256",
    "outcome",
    "principal",
    "quarantined",
    "request_bytes",
    "response_bytes",
    "revision",
    "rule",
    "token_error",
];
/// How many of them make an object an event to a reader.
const ENOUGH: usize = 4;

/// Whether a reader takes an object for an event, however much of it was changed: it has a kind of events, however that is
/// written, or a place in a chain, or several of the members that events have.
pub(super) fn is_event(members: &Map<String, Value>) -> bool {
    let is_linked = members
        .get("chain")
        .and_then(Value::as_object)
        .is_some_and(|link| link.contains_key("id") || link.contains_key("sequence"));
    let known = TELLING.iter().filter(|name| members.contains_key(**name));
    is_linked
        || members.get("event").is_some_and(is_kind)
        || (members.contains_key("time") && known.count() >= ENOUGH)
}

/// Whether a value reads as the kind of an event, with whatever letters and blanks in it.
fn is_kind(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            let is_seen = |char: &char| !char.is_whitespace() && !is_invisible(*char);
            let seen: String = text.chars().filter(is_seen).collect();
            let seen = seen.to_ascii_lowercase();
            EventType::ALL
                .iter()
                .any(|known| seen.starts_with(known.as_str()))
        }
        Value::Array(items) => items.iter().any(is_kind),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use mcp_edge_audit::event::MEMBERS;

    use super::TELLING;

    /// A member that was renamed tells nothing any more.
    #[test]
    fn what_tells_of_an_event_is_in_events() {
        for name in TELLING {
            assert!(MEMBERS.contains(&name), "{name}");
        }
    }
}
