//! One client, as the table has it.

use crate::block::Shape;
use crate::file::Folder;
use crate::server::{Authentication, ServerInfo};

/// An MCP client, and how a server is added to it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Client {
    /// Its name on command lines.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The page of its documentation from which all of this is.
    pub documentation: &'static str,
    /// The day on which a copy of that page was looked at.
    pub checked: &'static str,
    /// The day that the copy itself names, where it is an older one.
    pub as_of: Option<&'static str>,
    pub(crate) places: &'static [FileLocation],
    pub(crate) shape: Option<Shape>,
    pub(crate) commands: &'static [Command],
    pub(crate) link: Option<&'static str>,
    pub(crate) steps: &'static [Instruction],
}

/// For whom a client has a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// For one person, in everything they do.
    User,
    /// For everybody who works in one folder.
    Project,
}

/// A file in which the client keeps servers of a scope.
#[derive(Debug)]
pub(crate) struct FileLocation {
    pub(crate) scope: Scope,
    pub(crate) folder: Folder,
    pub(crate) path: &'static str,
}

/// A command line of the client that adds a server in a scope, word by word.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) scope: Scope,
    pub(crate) words: &'static [&'static str],
}

/// Something for people to do.
#[derive(Debug)]
pub(crate) struct Instruction {
    pub(crate) when: When,
    pub(crate) text: &'static str,
}

#[derive(Debug)]
pub(crate) enum When {
    Always,
    /// Clients get an access token from an authorization server that the server names.
    SigningIn,
    /// The server asks for none.
    Open,
    /// The server asks for one and names no authorization server.
    Token,
    Project,
}

impl When {
    pub(crate) fn is(&self, server: &ServerInfo, scope: Scope) -> bool {
        match self {
            Self::Always => true,
            Self::SigningIn => server.access() == Authentication::SignIn,
            Self::Open => server.access() == Authentication::Open,
            Self::Token => server.access() == Authentication::Token,
            Self::Project => scope == Scope::Project,
        }
    }
}

impl Client {
    /// Whether the client keeps servers of `scope` in a file.
    pub fn has_file(&self, scope: Scope) -> bool {
        self.places.iter().any(|place| place.scope == scope)
    }
}
