//! What settings hold.

use std::collections::BTreeMap;
use std::time::Duration;

use mcp_edge_settings::choice::Choice;

use crate::network::Network;
use crate::presets::Preset;

/// What is set, by [`Key::path`](crate::Key::path). What is not set has its default.
pub type Settings = BTreeMap<&'static str, Setting>;

/// One setting that a file makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// What it is set to.
    pub value: Value,
    /// The line on which its value begins, from 1.
    pub line: usize,
    /// Its full key: `environments.staging.limits.page_size`.
    pub at: String,
}

/// What a setting holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Of [`Kind::Text`](crate::Kind::Text).
    Text(Text),
    /// Of [`Kind::Texts`](crate::Kind::Texts).
    Texts(Vec<Text>),
    /// Of [`Kind::Word`](crate::Kind::Word).
    Word(String),
    /// Of [`Kind::Words`](crate::Kind::Words).
    Words(Vec<String>),
    /// Of [`Kind::Networks`](crate::Kind::Networks).
    Networks(Vec<Network>),
    /// Of [`Kind::Choice`](crate::Kind::Choice).
    Choice(&'static Choice),
    /// Of [`Kind::Choices`](crate::Kind::Choices).
    Choices(Vec<&'static Choice>),
    /// Of [`Kind::Flag`](crate::Kind::Flag) and [`Kind::Driver`](crate::Kind::Driver).
    Flag(bool),
    /// Of [`Kind::Number`](crate::Kind::Number).
    Number(u64),
    /// Of [`Kind::Secret`](crate::Kind::Secret) and [`Kind::Evidence`](crate::Kind::Evidence): the name.
    Secret(String),
    /// Of [`Kind::Duration`](crate::Kind::Duration).
    Duration(Duration),
    /// Of [`Kind::Time`](crate::Kind::Time): milliseconds since the Unix epoch.
    Time(u64),
    /// Of [`Kind::Times`](crate::Kind::Times): milliseconds since the Unix epoch.
    Times(BTreeMap<String, u64>),
    /// Of [`Kind::Secrets`](crate::Kind::Secrets): the name of each secret.
    Secrets(BTreeMap<String, String>),
    /// Of [`Kind::TextsByName`](crate::Kind::TextsByName).
    TextsByName(BTreeMap<String, Text>),
    /// Of [`Kind::WordsByName`](crate::Kind::WordsByName).
    WordsByName(BTreeMap<String, String>),
    /// Of [`Kind::Values`](crate::Kind::Values).
    Values(BTreeMap<String, serde_json::Value>),
    /// Of [`Kind::Includes`](crate::Kind::Includes).
    Includes(BTreeMap<String, Vec<String>>),
    /// Of [`Kind::Preset`](crate::Kind::Preset).
    Preset(&'static Preset),
    /// Of [`Kind::Keys`](crate::Kind::Keys).
    Keys(Keys),
    /// Of [`Kind::Tenant`](crate::Kind::Tenant).
    Tenant(Tenant),
    /// Of [`Kind::Arguments`](crate::Kind::Arguments): the schema of each argument, as JSON.
    Arguments(BTreeMap<String, serde_json::Value>),
    /// Of [`Kind::Named`](crate::Kind::Named).
    Named(BTreeMap<String, Entry>),
    /// Of [`Kind::Each`](crate::Kind::Each).
    Each(Vec<Entry>),
}

/// A text in the file, or in a variable of the host: `{ variable = "NAME" }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// The text itself.
    Literal(String),
    /// The name of the host's variable that holds it.
    Variable(String),
}

/// Where an issuer's public keys come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keys {
    /// The issuer's metadata names them.
    Discovery,
    /// A JSON Web Key Set at a URL.
    Url(Text),
    /// The JSON Web Key Set itself.
    Set(Text),
}

/// Which tenant a token belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tenant {
    /// Always this one.
    Fixed(String),
    /// The one that this claim names.
    Claim(String),
}

/// One table of which a file may hold many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it sets.
    pub settings: Settings,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// Its full key: `environments.staging.issuers.okta`, `policy[2]`.
    pub at: String,
}

/// The JSON Schema that says the same of all arguments as `arguments` says of each; each must be there.
pub fn arguments_schema(arguments: &BTreeMap<String, serde_json::Value>) -> String {
    let names: Vec<_> = arguments.keys().collect();
    serde_json::json!({ "type": "object", "required": names, "properties": arguments }).to_string()
}
