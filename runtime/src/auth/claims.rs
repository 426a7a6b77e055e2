//! The claims of a token, read without leniency (RFC 7519, 4; RFC 9068, 2.2).

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

use super::error::{AccessTokenError, ClaimSource};
use super::strict;
use crate::config;
use crate::host::Timestamp;
use crate::principal::{Actor, UnknownClaims};

/// The maximum length of a text that names a person or a thing, in bytes.
const MAX_TEXT: usize = 1024;

/// The most scopes, roles, groups or audiences.
const MAX_ENTRIES: usize = 1000;

/// How many may act for each other.
const MAX_ACTORS: usize = 10;

/// The last second of the year 9999. What lies beyond is a mistake: milliseconds, most often.
const LAST_SECOND: f64 = 253_402_300_799.0;

/// Names the claims that the token replaces by a reference (OpenID Connect Core 1.0, 5.6.2).
const CLAIM_NAMES: &str = "_claim_names";

/// Replaces the claim `groups` in tokens of Microsoft Entra ID that come in a URL.
const HAS_GROUPS: &str = "hasgroups";
const GROUPS: &str = "groups";

/// The claims, with nothing believed yet.
#[derive(Debug)]
pub(super) struct Claims(Value);

/// A claim by its name, for the sentences about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim {
    name: &'static str,
    named: ClaimSource,
}

impl Claim {
    /// A claim that a standard names.
    pub(super) const fn standard(name: &'static str) -> Self {
        let named = ClaimSource::Standard;
        Self { name, named }
    }

    /// A claim that `claims` of the issuer names.
    const fn configured(name: &'static str) -> Self {
        let named = ClaimSource::Claims;
        Self { name, named }
    }

    /// The claim that `tenant` of the issuer names.
    pub(super) const fn tenant(name: &'static str) -> Self {
        let named = ClaimSource::Tenant;
        Self { name, named }
    }

    pub(super) const fn missing(self) -> AccessTokenError {
        AccessTokenError::MissingClaim {
            claim: self.name,
            named: self.named,
        }
    }

    const fn malformed(self, why: &'static str) -> AccessTokenError {
        AccessTokenError::MalformedClaim {
            claim: self.name,
            named: self.named,
            why,
        }
    }
}

/// What the claims say of the caller.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) subject: String,
    pub(super) client: Option<String>,
    pub(super) actors: Vec<Actor>,
    pub(super) scopes: Vec<String>,
    pub(super) roles: Vec<String>,
    pub(super) groups: Vec<String>,
    pub(super) unknown: UnknownClaims,
}

impl Claims {
    pub(super) fn parse(json: &[u8]) -> Result<Self, AccessTokenError> {
        strict::object(json, "claims").map(|members| Self(Value::Object(members)))
    }

    /// The text of a claim that has to be there.
    pub(super) fn required(&self, claim: Claim) -> Result<&str, AccessTokenError> {
        self.find(claim.name)
            .ok_or(claim.missing())
            .and_then(|value| text(claim, value))
    }

    /// The point in time that a claim names (RFC 7519, 2: NumericDate).
    pub(super) fn time(&self, name: &'static str) -> Result<Option<Timestamp>, AccessTokenError> {
        match present(self.0.get(name)) {
            None => Ok(None),
            Some(Value::Number(number)) => date(Claim::standard(name), number).map(Some),
            Some(_) => Err(Claim::standard(name).malformed("is not a number")),
        }
    }

    /// Whom the token is meant for (RFC 7519, 4.1.3).
    pub(super) fn audiences(&self) -> Result<Vec<&str>, AccessTokenError> {
        const CLAIM: Claim = Claim::standard("aud");
        match self.find(CLAIM.name).ok_or(CLAIM.missing())? {
            Value::Array(items) => bounded(CLAIM, items)?
                .iter()
                .map(|item| text(CLAIM, item))
                .collect(),
            other => Ok(vec![text(CLAIM, other)?]),
        }
    }

    /// Who is calling, by the claims that `names` lists.
    pub(super) fn identity(&self, names: &config::Claims) -> Result<Identity, AccessTokenError> {
        let referred = ClaimReferences::of(self)?;
        let wanted = Claim::configured(names.subject.first().copied().unwrap_or("sub"));
        let (claim, subject) = self
            .first(names.subject)
            .filter(|_| !referred.has_any(names.subject))
            .ok_or(wanted.missing())?;
        Ok(Identity {
            subject: text(claim, subject)?.to_owned(),
            client: self
                .first(names.client)
                .map(|(claim, value)| text(claim, value).map(str::to_owned))
                .transpose()?,
            actors: self
                .first(names.actor)
                .map_or(Ok(Vec::new()), |(claim, value)| actors(claim, value))?,
            scopes: self.list(names.scopes, words)?,
            roles: self.list(names.roles, whole)?,
            groups: self.list(names.groups, whole)?,
            unknown: UnknownClaims {
                client: referred.has_any(names.client),
                scopes: referred.has_any(names.scopes),
                roles: referred.has_any(names.roles),
                groups: referred.has_any(names.groups),
            },
        })
    }

    /// The entries of the first claim of `names` that is there; `split` takes a text apart.
    fn list(
        &self,
        names: &[&'static str],
        split: fn(&str) -> Vec<&str>,
    ) -> Result<Vec<String>, AccessTokenError> {
        let Some((claim, value)) = self.first(names) else {
            return Ok(Vec::new());
        };
        let entries = match value {
            Value::String(text) => split(text),
            Value::Array(items) => bounded(claim, items)?
                .iter()
                .map(|item| text(claim, item))
                .collect::<Result<_, _>>()?,
            _ => return Err(claim.malformed("is neither a text nor a list of texts")),
        };
        bounded(claim, &entries)?
            .iter()
            .map(|entry| short(claim, entry).map(str::to_owned))
            .collect()
    }

    /// The first claim of those that `claims` of the issuer names.
    fn first(&self, names: &[&'static str]) -> Option<(Claim, &Value)> {
        names.iter().find_map(|name| {
            self.find(name)
                .map(|value| (Claim::configured(name), value))
        })
    }

    /// A claim by its name, or by a JSON pointer. `null` and an empty text say as little as nothing: service
    /// tokens of Cloudflare Access have an empty `sub`.
    fn find(&self, name: &str) -> Option<&Value> {
        let found = if name.starts_with('/') {
            self.0.pointer(name)
        } else {
            self.0.get(name)
        };
        present(found).filter(|value| *value != "")
    }
}

/// The claims that a token replaces by a reference.
struct ClaimReferences<'c> {
    names: Option<&'c Map<String, Value>>,
    groups: bool,
}

impl<'c> ClaimReferences<'c> {
    fn of(claims: &'c Claims) -> Result<Self, AccessTokenError> {
        let names = claims
            .find(CLAIM_NAMES)
            .map(|names| {
                names
                    .as_object()
                    .ok_or(Claim::standard(CLAIM_NAMES).malformed("is not an object"))
            })
            .transpose()?;
        let has_groups = claims
            .find(HAS_GROUPS)
            .is_some_and(|value| *value != false && *value != "false");
        // An empty list contradicts that there are groups, so it is not the list.
        let is_listed = claims
            .find(GROUPS)
            .is_some_and(|groups| groups.as_array().is_none_or(|list| !list.is_empty()));
        Ok(Self {
            names,
            groups: has_groups && !is_listed,
        })
    }

    /// Whether a claim of `names` is replaced, also where another of them is there: the one that is replaced could hold
    /// more, or something else.
    fn has_any(&self, names: &[&'static str]) -> bool {
        names.iter().any(|name| {
            let name = outermost(name);
            (self.groups && name == GROUPS)
                || self.names.is_some_and(|names| names.contains_key(&*name))
        })
    }
}

/// The claim that a name or a JSON pointer leads into: references replace whole claims.
fn outermost(name: &str) -> Cow<'_, str> {
    match name.strip_prefix('/') {
        None => Cow::Borrowed(name),
        Some(pointer) => {
            let first = pointer.split('/').next().unwrap_or_default();
            Cow::Owned(first.replace("~1", "/").replace("~0", "~"))
        }
    }
}

/// A claim that is `null` counts as absent.
fn present(claim: Option<&Value>) -> Option<&Value> {
    claim.filter(|value| !value.is_null())
}

fn words(text: &str) -> Vec<&str> {
    text.split(' ').filter(|word| !word.is_empty()).collect()
}

fn whole(text: &str) -> Vec<&str> {
    vec![text]
}

fn text(claim: Claim, value: &Value) -> Result<&str, AccessTokenError> {
    let text = value
        .as_str()
        .ok_or_else(|| claim.malformed("is not a text"))?;
    short(claim, text)
}

fn short(claim: Claim, text: &str) -> Result<&str, AccessTokenError> {
    match text.len() {
        0 => Err(claim.malformed("is empty")),
        1..=MAX_TEXT => Ok(text),
        _ => Err(claim.malformed("is longer than 1024 bytes")),
    }
}

fn bounded<T>(claim: Claim, items: &[T]) -> Result<&[T], AccessTokenError> {
    if items.len() > MAX_ENTRIES {
        return Err(claim.malformed("has more than 1000 entries"));
    }
    Ok(items)
}

fn date(claim: Claim, number: &Number) -> Result<Timestamp, AccessTokenError> {
    let seconds = number
        .as_f64()
        .filter(|seconds| seconds.is_finite() && seconds.abs() <= LAST_SECOND)
        .ok_or_else(|| claim.malformed("is no time in seconds before the year 10000"))?;
    // Whole seconds up to that year are exact in a double, and what lies before 1970 is as good as 1970.
    let millis = seconds.max(0.0) * 1000.0;
    Ok(Timestamp::from_millis(millis as u64))
}

/// The actor, and those it acts for in turn, the outermost first.
fn actors(claim: Claim, outermost: &Value) -> Result<Vec<Actor>, AccessTokenError> {
    let mut actors = Vec::new();
    let mut next = Some(outermost);
    while let Some(value) = next {
        if actors.len() == MAX_ACTORS {
            return Err(claim.malformed("has more than 10 actors"));
        }
        let members = value
            .as_object()
            .ok_or_else(|| claim.malformed("is not an object"))?;
        actors.push(actor(claim, members)?);
        next = present(members.get("act"));
    }
    Ok(actors)
}

fn actor(claim: Claim, members: &Map<String, Value>) -> Result<Actor, AccessTokenError> {
    let subject =
        present(members.get("sub")).ok_or_else(|| claim.malformed("has an actor without `sub`"))?;
    Ok(Actor {
        subject: text(claim, subject)?.to_owned(),
        issuer: present(members.get("iss"))
            .map(|issuer| text(claim, issuer).map(str::to_owned))
            .transpose()?,
    })
}
