//! How one server is added to one client.

use base64ct::{Base64, Encoding};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::block::{Block, object};
use crate::client::{Client, FileLocation, Scope};
use crate::file::File;
use crate::interpolate::filled;
use crate::server::ServerInfo;

/// How one server is added to one client, in each of the ways that the client has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Connection {
    /// What the client calls the server.
    pub name: String,
    /// The file that holds it.
    pub file: Option<File>,
    /// The entry in the file.
    pub block: Option<Block>,
    /// A line for a POSIX shell that adds it.
    pub command: Option<String>,
    /// A link that opens the client and has it ask whether to add the server.
    pub link: Option<String>,
    /// What there is to do besides, or instead where the client has only a dialog; a sentence each.
    pub steps: Vec<String>,
}

/// What `encodeURIComponent` keeps, without what is not safe between quotes.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

impl Client {
    /// How `server` is added to this client.
    pub fn connection(&self, server: &ServerInfo, scope: Scope) -> Connection {
        let value = |word: &str| value(self, server, word);
        let place = self.places.iter().find(|place| place.scope == scope);
        let command = self.commands.iter().find(|command| command.scope == scope);
        let link = self.link.filter(|_| scope == Scope::User);
        let steps = self.steps.iter();
        Connection {
            name: server.name().to_owned(),
            file: place.map(|place| file(place, server)),
            block: self.shape.as_ref().map(|shape| shape.block(server)),
            command: command.and_then(|command| {
                let words: Vec<_> = command
                    .words
                    .iter()
                    .map(|word| filled(word, value))
                    .collect();
                shlex::try_join(words.iter().map(String::as_str)).ok()
            }),
            link: link.map(|template| {
                filled(template, |word| {
                    let value = value(word)?;
                    Some(utf8_percent_encode(&value, KEPT).to_string())
                })
            }),
            steps: steps
                .filter(|step| step.when.is(server, scope))
                .map(|step| filled(step.text, value))
                .collect(),
        }
    }
}

fn file(place: &FileLocation, server: &ServerInfo) -> File {
    File {
        folder: place.folder,
        path: filled(place.path, |word| {
            (word == "name").then(|| server.name().to_owned())
        }),
    }
}

/// What `{word}` stands for.
fn value(client: &Client, server: &ServerInfo, word: &str) -> Option<String> {
    let members = || client.shape.as_ref().map(|shape| shape.members(server));
    Some(match word {
        "name" => server.name().to_owned(),
        "title" => server.title().to_owned(),
        "url" => server.url().to_owned(),
        "entry in Base64" => Base64::encode_string(object(&members()?).to_string().as_bytes()),
        "entry with name" => {
            let name = ("name", server.name().to_owned());
            let members: Vec<_> = [name].into_iter().chain(members()?).collect();
            object(&members).to_string()
        }
        _ => return None,
    })
}
