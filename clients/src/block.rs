//! The entry of one server in a client's file.

use serde_json::{Map, Value as Json};

use crate::server::ServerInfo;

/// The entry of one server in a client's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// A whole file that holds this server only.
    pub text: String,
    /// How the file is written.
    pub format: Format,
    /// The member of the file, or its table, in which each server has a member of its own under its name.
    pub table: &'static str,
    /// What the server's own member holds.
    pub members: Vec<(&'static str, String)>,
}

/// How the file of a client is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// JSON (RFC 8259).
    Json,
    /// JSON in which the client takes comments.
    Jsonc,
    /// TOML 1.0.
    Toml,
    /// YAML 1.2, a file for each server.
    Yaml,
}

impl Format {
    /// What the format is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Jsonc => "JSON with comments",
            Self::Toml => "TOML",
            Self::Yaml => "YAML",
        }
    }
}

/// The shape of a client's file.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) format: Format,
    pub(crate) table: &'static str,
    /// What Streamable HTTP is called, where the client has to be told.
    pub(crate) transport: Option<&'static str>,
    /// The member with the server's address.
    pub(crate) url: &'static str,
}

impl Shape {
    pub(crate) fn members(&self, server: &ServerInfo) -> Vec<(&'static str, String)> {
        let transport = self.transport.map(|name| ("type", name.to_owned()));
        let url = (self.url, server.url().to_owned());
        transport.into_iter().chain([url]).collect()
    }

    pub(crate) fn block(&self, server: &ServerInfo) -> Block {
        let members = self.members(server);
        let text = match self.format {
            Format::Json | Format::Jsonc => json(self.table, server.name(), &members),
            Format::Toml => toml(self.table, server.name(), &members),
            Format::Yaml => yaml(self.table, server.name(), &members),
        };
        Block {
            text,
            format: self.format,
            table: self.table,
            members,
        }
    }
}

/// A JSON object of `members`.
pub(crate) fn object(members: &[(&'static str, String)]) -> Json {
    let members = members
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Json::from(value.as_str())));
    Json::Object(members.collect::<Map<_, _>>())
}

fn json(table: &str, name: &str, members: &[(&'static str, String)]) -> String {
    let servers = Map::from_iter([(name.to_owned(), object(members))]);
    let file = Map::from_iter([(table.to_owned(), Json::Object(servers))]);
    format!("{:#}\n", Json::Object(file))
}

fn toml(table: &str, name: &str, members: &[(&'static str, String)]) -> String {
    let mut text = format!("[{table}.{name}]\n");
    for (member, value) in members {
        text.push_str(&format!("{member} = {}\n", quoted(value)));
    }
    text
}

fn yaml(table: &str, name: &str, members: &[(&'static str, String)]) -> String {
    let name = quoted(name);
    let mut text =
        format!("name: {name}\nversion: 0.0.1\nschema: v1\n{table}:\n  - name: {name}\n");
    for (member, value) in members {
        text.push_str(&format!("    {member}: {}\n", quoted(value)));
    }
    text
}

/// As JSON quotes it, which the double quotes of TOML and YAML take as well for what a server's name and address can hold.
fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}
