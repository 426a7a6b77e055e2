//! The claims of a token, read without leniency (RFC 7519, 4; RFC 9068, 2.2).

use serde_json::{Map, Number, Value};

use super::principal::Actor;
use super::rejected::Rejected;
use super::strict;
use crate::config;
use crate::host::Timestamp;

/// The longest text that names somebody or something, in bytes.
const MAX_TEXT: usize = 1024;

/// The most scopes, roles, groups or audiences.
const MAX_ENTRIES: usize = 1000;

/// How many may act for each other.
const MAX_ACTORS: usize = 10;

/// The last second of the year 9999. What lies beyond is a mistake: milliseconds, most often.
const LAST_SECOND: f64 = 253_402_300_799.0;

/// The claims, with nothing believed yet.
#[derive(Debug)]
pub(super) struct Claims(Value);

/// What the claims say of the caller.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) subject: String,
    pub(super) client: Option<String>,
    pub(super) actors: Vec<Actor>,
    pub(super) scopes: Vec<String>,
    pub(super) roles: Vec<String>,
    pub(super) groups: Vec<String>,
}

impl Claims {
    pub(super) fn parse(json: &[u8]) -> Result<Self, Rejected> {
        strict::object(json, "claims").map(|members| Self(Value::Object(members)))
    }

    /// The text of a claim that has to be there.
    pub(super) fn required(&self, name: &'static str) -> Result<&str, Rejected> {
        self.find(name)
            .ok_or(Rejected::MissingClaim(name))
            .and_then(|value| text(name, value))
    }

    /// The point in time that a claim names (RFC 7519, 2: NumericDate).
    pub(super) fn time(&self, name: &'static str) -> Result<Option<Timestamp>, Rejected> {
        match present(self.0.get(name)) {
            None => Ok(None),
            Some(Value::Number(number)) => date(name, number).map(Some),
            Some(_) => Err(malformed(name, "is not a number")),
        }
    }

    /// Whom the token is meant for (RFC 7519, 4.1.3).
    pub(super) fn audiences(&self) -> Result<Vec<&str>, Rejected> {
        const NAME: &str = "aud";
        match self.find(NAME).ok_or(Rejected::MissingClaim(NAME))? {
            Value::Array(items) => bounded(NAME, items)?
                .iter()
                .map(|item| text(NAME, item))
                .collect(),
            other => Ok(vec![text(NAME, other)?]),
        }
    }

    /// Who is calling, by the claims that `names` lists.
    pub(super) fn identity(&self, names: &config::Claims) -> Result<Identity, Rejected> {
        let (subject_name, subject) = self.first(names.subject).ok_or(Rejected::MissingClaim(
            names.subject.first().copied().unwrap_or("sub"),
        ))?;
        Ok(Identity {
            subject: text(subject_name, subject)?.to_owned(),
            client: self
                .first(names.client)
                .map(|(name, value)| text(name, value).map(str::to_owned))
                .transpose()?,
            actors: self
                .first(names.actor)
                .map_or(Ok(Vec::new()), |(name, value)| actors(name, value))?,
            scopes: self.list(names.scopes, words)?,
            roles: self.list(names.roles, whole)?,
            groups: self.list(names.groups, whole)?,
        })
    }

    /// The entries of the first claim of `names` that is there; `split` takes a text apart.
    fn list(
        &self,
        names: &[&'static str],
        split: fn(&str) -> Vec<&str>,
    ) -> Result<Vec<String>, Rejected> {
        let Some((name, value)) = self.first(names) else {
            return Ok(Vec::new());
        };
        let entries = match value {
            Value::String(text) => split(text),
            Value::Array(items) => bounded(name, items)?
                .iter()
                .map(|item| text(name, item))
                .collect::<Result<_, _>>()?,
            _ => return Err(malformed(name, "is neither a text nor a list of texts")),
        };
        bounded(name, &entries)?
            .iter()
            .map(|entry| short(name, entry).map(str::to_owned))
            .collect()
    }

    fn first(&self, names: &[&'static str]) -> Option<(&'static str, &Value)> {
        names
            .iter()
            .find_map(|name| self.find(name).map(|value| (*name, value)))
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

fn text<'v>(name: &'static str, value: &'v Value) -> Result<&'v str, Rejected> {
    let text = value
        .as_str()
        .ok_or_else(|| malformed(name, "is not a text"))?;
    short(name, text)
}

fn short<'v>(name: &'static str, text: &'v str) -> Result<&'v str, Rejected> {
    match text.len() {
        0 => Err(malformed(name, "is empty")),
        1..=MAX_TEXT => Ok(text),
        _ => Err(malformed(name, "is longer than 1024 bytes")),
    }
}

fn bounded<'v, T>(name: &'static str, items: &'v [T]) -> Result<&'v [T], Rejected> {
    if items.len() > MAX_ENTRIES {
        return Err(malformed(name, "has more than 1000 entries"));
    }
    Ok(items)
}

fn date(name: &'static str, number: &Number) -> Result<Timestamp, Rejected> {
    let seconds = number
        .as_f64()
        .filter(|seconds| seconds.is_finite() && seconds.abs() <= LAST_SECOND)
        .ok_or_else(|| malformed(name, "is no time in seconds before the year 10000"))?;
    // Whole seconds up to that year are exact in a double, and what lies before 1970 is as good as 1970.
    let millis = seconds.max(0.0) * 1000.0;
    Ok(Timestamp::from_millis(millis as u64))
}

/// The actor, and those it acts for in turn, the outermost first.
fn actors(name: &'static str, outermost: &Value) -> Result<Vec<Actor>, Rejected> {
    let mut actors = Vec::new();
    let mut next = Some(outermost);
    while let Some(value) = next {
        if actors.len() == MAX_ACTORS {
            return Err(malformed(name, "has more than 10 actors"));
        }
        let members = value
            .as_object()
            .ok_or_else(|| malformed(name, "is not an object"))?;
        actors.push(actor(name, members)?);
        next = present(members.get("act"));
    }
    Ok(actors)
}

fn actor(name: &'static str, members: &Map<String, Value>) -> Result<Actor, Rejected> {
    let subject =
        present(members.get("sub")).ok_or_else(|| malformed(name, "has an actor without `sub`"))?;
    Ok(Actor {
        subject: text(name, subject)?.to_owned(),
        issuer: present(members.get("iss"))
            .map(|issuer| text(name, issuer).map(str::to_owned))
            .transpose()?,
    })
}

fn malformed(claim: &'static str, why: &'static str) -> Rejected {
    Rejected::MalformedClaim { claim, why }
}
