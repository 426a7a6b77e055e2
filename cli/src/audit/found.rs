//! One event as it was found in a log.
//!
//! The line that a server wrote is hashed as it stands; only what some system on the way has written anew is parsed, put into
//! canonical JSON and hashed then.

use std::borrow::Cow;

use mcp_edge_runtime::audit::event::{Delivery, canonical_of};
use mcp_edge_runtime::audit::evidence::Seal;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::digest::Digest;

/// An event as it was found, without its words.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) entry: Entry,
    pub(super) place: Option<Place>,
    /// The tenant of its principal, who is not anonymous; `None` if nobody in particular is behind it.
    pub(super) tenant: Option<Option<String>>,
    /// Losses that it declares.
    pub(super) delivery: Option<Delivery>,
    /// Everything in it and the digest of that, if it is not what its hash was made of.
    pub(super) altered: Option<(Map<String, Value>, Digest)>,
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
    pub(super) seals: Vec<Seal>,
    /// There is a seal that has not the form of one.
    pub(super) misshapen_seal: bool,
    /// It is about another tenant than it should be.
    pub(super) foreign: bool,
    /// It is not what its hash was made of.
    pub(super) altered: bool,
}

/// An event's place among the others, as it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) chain: String,
    pub(super) sequence: u64,
}

const HASH: &str = ",\"hash\":\"";

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
    delivery: Option<Delivery>,
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

impl Found {
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
                Some(serde_json::from_str::<Seal>(seal).ok()?)
            }
        };
        if Digest::of(&[content.as_bytes(), b"}"]) != hash {
            return None;
        }
        let core: Core<'_> = serde_json::from_str(line).ok()?;
        Some(Self::intact(core, hash, seal, false))
    }

    /// Reads an event that some system may have written anew; `None` if it is none.
    pub(super) fn restore(members: &Map<String, Value>) -> Option<Self> {
        if !is_event(members) {
            return None;
        }
        let claimed = members.get("hash").and_then(Value::as_str);
        let hash = claimed.and_then(Digest::parse).unwrap_or_default();
        let seal = members.get("seal");
        let well_shaped = seal.and_then(|seal| Seal::deserialize(seal).ok());
        let misshapen = seal.is_some() && well_shaped.is_none();
        let canonical = canonical_of(members);
        let content = Digest::of(&[&canonical]);
        if content == hash
            && let Ok(core) = serde_json::from_slice::<Core<'_>>(&canonical)
        {
            return Some(Self::intact(core, hash, well_shaped, misshapen));
        }
        let claimed = Entry {
            hash,
            seals: well_shaped.into_iter().collect(),
            misshapen_seal: misshapen,
            ..Entry::default()
        };
        Some(Self::altered(members, content, claimed))
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
                ..Entry::default()
            },
            place: core.chain.map(|link| Place {
                chain: link.id,
                sequence: link.sequence,
            }),
            tenant,
            delivery: core.delivery.filter(|_| core.event == "mcp.loss"),
            altered: None,
        }
    }

    fn altered(members: &Map<String, Value>, content: Digest, claimed: Entry) -> Self {
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
            altered: Some((members.clone(), content)),
        }
    }
}

impl Place {
    fn of(link: &Map<String, Value>) -> Option<Self> {
        Some(Self {
            chain: link.get("id")?.as_str()?.to_owned(),
            sequence: link.get("sequence")?.as_u64()?,
        })
    }
}

/// Whether an object means to be an event of ours, however much of it was changed: it is in a chain or has a hash, and says
/// what kind of event it is.
fn is_event(members: &Map<String, Value>) -> bool {
    let is_kind = |kind: &str| kind.starts_with("mcp.");
    let has_kind = members
        .get("event")
        .and_then(Value::as_str)
        .is_some_and(is_kind);
    let is_linked = members
        .get("chain")
        .and_then(Value::as_object)
        .is_some_and(|link| link.contains_key("sequence"));
    let has_hash = members
        .get("hash")
        .and_then(Value::as_str)
        .is_some_and(|hash| Digest::parse(hash).is_some());
    usize::from(has_kind)
        .saturating_add(usize::from(is_linked))
        .saturating_add(usize::from(has_hash))
        >= 2
}
