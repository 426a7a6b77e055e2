//! The text of a client's file with a server in it, and everything else as it was.

mod json;
mod toml;

use mcp_edge_clients::{Block, Format};

/// What there is to write.
#[derive(Debug, PartialEq)]
pub(crate) enum Edit {
    Added(String),
    /// In place of another of the same name.
    Replaced(String),
    /// Nothing: the server is there, under this name.
    AlreadyThere(String),
}

/// Why a file is left as it is.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum EditError {
    #[error("it is not {format} ({reason}); correct that, or add the server by hand")]
    Unreadable {
        format: &'static str,
        reason: String,
    },
    #[error("its {0} holds no servers but something else; correct that, or add the server by hand")]
    NotATable(&'static str),
    #[error("it has {0} more than once; leave one of them")]
    Twice(&'static str),
    #[error("it has another server named {0}; --force replaces that one")]
    OtherServer(String),
}

/// The members in which clients have the address of a server. Some know several.
const URLS: [&str; 3] = ["url", "httpUrl", "serverUrl"];

/// `before`, the text of a file if there is one, with the server of `block` in it under `name`.
pub(crate) fn edited(
    before: Option<&str>,
    name: &str,
    block: &Block,
    force: bool,
) -> Result<Edit, EditError> {
    let before = match before {
        Some(text) if !text.trim().is_empty() => text,
        _ => return Ok(Edit::Added(block.text.clone())),
    };
    match block.format {
        Format::Toml => toml::edited(before, name, block, force),
        Format::Json | Format::Jsonc => json::edited(before, name, block, force),
        // A file that holds one server is written whole.
        _ if before == block.text => Ok(Edit::AlreadyThere(name.to_owned())),
        _ if force => Ok(Edit::Replaced(block.text.clone())),
        _ => Err(EditError::OtherServer(name.to_owned())),
    }
}

/// The address of the server.
fn url(block: &Block) -> Option<&str> {
    let url = block.members.iter().find(|(name, _)| URLS.contains(name));
    url.map(|(_, url)| url.as_str())
}

/// What a file has of servers, and what becomes of it.
enum Found {
    Nothing,
    /// The server itself, under this name.
    Same(String),
    /// Another one that has its name.
    Other,
}

/// What is found among `servers`, each with its name and the addresses in it.
fn find(
    servers: impl Iterator<Item = (String, Vec<String>)>,
    name: &str,
    url: Option<&str>,
) -> Found {
    let mut found = Found::Nothing;
    for (known, urls) in servers {
        if urls.iter().any(|known| Some(known.as_str()) == url) {
            return Found::Same(known);
        }
        if known == name {
            found = Found::Other;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use mcp_edge_clients::{Client, Scope, Server};

    use super::*;

    fn block(client: &str) -> Block {
        let server = Server::new(
            "com.example/fraud-rules",
            None,
            "https://fraud.example.com/mcp",
            true,
        )
        .unwrap();
        let connection = Client::find(client)
            .unwrap()
            .connection(&server, Scope::User);
        connection.block.unwrap()
    }

    #[test]
    fn an_empty_file_gets_the_whole_block() {
        for client in ["cursor", "codex", "continue"] {
            let block = block(client);
            for before in [None, Some(""), Some(" \n")] {
                let edit = edited(before, "fraud-rules", &block, false);
                assert_eq!(edit, Ok(Edit::Added(block.text.clone())), "{client}");
            }
        }
    }

    #[test]
    fn a_file_for_one_server_is_replaced_whole_or_not_at_all() {
        let block = block("continue");
        let with = |before: &str, force| edited(Some(before), "fraud-rules", &block, force);
        assert_eq!(
            with(&block.text, false),
            Ok(Edit::AlreadyThere("fraud-rules".into()))
        );
        let other = "name: mine\n";
        assert_eq!(
            with(other, false),
            Err(EditError::OtherServer("fraud-rules".into()))
        );
        assert_eq!(with(other, true), Ok(Edit::Replaced(block.text.clone())));
    }
}
