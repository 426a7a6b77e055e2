//! The form of `tests/vectors/resumption-tokens.json`; `tests/vectors/README.md` explains it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vectors {
    pub format: u32,
    pub audience: String,
    pub keyring: String,
    pub keys: Vec<Key>,
    pub principals: BTreeMap<String, Principal>,
    pub requests: BTreeMap<String, Request>,
    pub mint: Vec<Mint>,
    pub open: Vec<Open>,
    pub changes: Vec<Changes>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    pub id: String,
    pub secret: String,
    pub mac: String,
    pub seal: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Principal {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    pub canonical: String,
    pub digest: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    pub issuer: String,
    pub subject: String,
    pub tenant: Option<String>,
    pub client: Option<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub method: String,
    pub params: Value,
    pub canonical: String,
    pub digest: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    Session,
    Cursor,
    RequestState,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mint {
    pub name: String,
    pub purpose: Purpose,
    /// The JSON text, as the token carries it.
    pub content: String,
    pub principal: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    pub now: u64,
    pub lifetime: u64,
    pub random: String,
    pub token: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    pub name: String,
    pub purpose: Purpose,
    pub principal: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    pub now: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyring: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub epochs: Vec<Epoch>,
    pub token: String,
    pub expect: Expect,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Epoch {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    pub before: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    Opened {
        content: Value,
        id: String,
        issued: u64,
        expires: u64,
    },
    Refused(String),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// The name of an `open` case that opens.
    pub of: String,
    pub rule: Rule,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Each of the low seven bits of each character flipped.
    TextBits,
    /// Each bit of each segment's bytes flipped, and the segment encoded again.
    SegmentBits,
    /// Each proper prefix.
    Prefixes,
}

pub fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/resumption-tokens.json")
}

pub fn read() -> Vectors {
    let text = std::fs::read_to_string(path()).expect("the vectors are in the repository");
    serde_json::from_str(&text).expect("the vectors have the form that their README gives")
}
