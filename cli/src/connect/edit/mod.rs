//! The text of a client's file with a server in it, and everything else as it was.

mod json;
mod splice;
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
    splice::spliced(before.unwrap_or_default(), |before| {
        if before.trim().is_empty() {
            return Ok(Edit::Added(block.text.clone()));
        }
        match block.format {
            Format::Toml => toml::edited(before, name, block, force),
            Format::Json | Format::Jsonc => json::edited(before, name, block, force),
            // A file that holds one server is written whole.
            _ if names(before, url(block)) => Ok(Edit::AlreadyThere(name.to_owned())),
            _ if force => Ok(Edit::Replaced(block.text.clone())),
            _ => Err(EditError::OtherServer(name.to_owned())),
        }
    })
}

/// Whether a file in YAML gives one of its servers this address.
fn names(text: &str, url: Option<&str>) -> bool {
    let mut lines = text.lines().filter_map(|line| {
        let (member, value) = line.trim().trim_start_matches("- ").split_once(':')?;
        let value = value.trim().trim_matches(['"', '\'']);
        URLS.contains(&member.trim()).then_some(value)
    });
    lines.any(|value| Some(value) == url)
}

/// The address of the server.
fn url(block: &Block) -> Option<&str> {
    let url = block.members.iter().find(|(name, _)| URLS.contains(name));
    url.map(|(_, url)| url.as_str())
}

/// What a file has of servers, and the result of an edit.
enum ExistingEntry {
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
) -> ExistingEntry {
    let mut found = ExistingEntry::Nothing;
    for (known, urls) in servers {
        if urls.iter().any(|known| Some(known.as_str()) == url) {
            return ExistingEntry::Same(known);
        }
        if known == name {
            found = ExistingEntry::Other;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use mcp_edge_clients::{Authentication, Client, Scope, ServerInfo};

    use super::*;

    fn block(client: &str) -> Block {
        let server = ServerInfo::new(
            "com.example/fraud-rules",
            None,
            "https://fraud.example.com/mcp",
            Authentication::SignIn,
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
                let Ok(Edit::Added(text)) = edit else {
                    panic!("{client}: {edit:?}");
                };
                assert_eq!(text.trim(), block.text.trim(), "{client}");
            }
        }
    }

    const FILES: [(&str, &str, &str); 5] = [
        (
            "codex",
            "# Mine.\nmodel = \"o\"  # the good one\nlong = \"\"\"\na\nb\"\"\"\n\n[mcp_servers.zebra] # old\ncommand = 'zebra'\n\n[profiles.a]\nmodel = 'p'\n",
            "[mcp_servers.fraud-rules]",
        ),
        (
            "codex",
            "mcp_servers = { zebra = { command = 'zebra' } } # one line\n",
            "fraud-rules",
        ),
        (
            "gemini-cli",
            "// Mine.\n{\n\t\"theme\": \"dark\", /* yes */\n\t\"mcpServers\": {\n\t\t\"zebra\": {}\n\t}\n}\n",
            "fraud-rules",
        ),
        (
            "claude-code",
            "{\"history\": [1.50,  2],\n\n \"other\": null}",
            "mcpServers",
        ),
        ("cursor", "{\n}\n", "mcpServers"),
    ];

    /// Line ends, a byte order mark, comments and whatever else is in a file stay byte for byte: what is added is one piece.
    #[test]
    fn one_piece_is_added_and_every_other_byte_stays() {
        for (client, before, added) in FILES {
            let block = block(client);
            let mixed = before.replacen('\n', "\r\n", 1);
            let crlf = before.replace('\n', "\r\n");
            for mark in ["", "\u{feff}", "\u{feff}\u{feff}"] {
                for before in [before, &crlf, &mixed] {
                    let before = format!("{mark}{before}");
                    let edit = edited(Some(&before), "fraud-rules", &block, false);
                    let Ok(Edit::Added(after)) = edit else {
                        panic!("{before:?}: {edit:?}");
                    };
                    let grown = after.len() - before.len();
                    let is_one_piece = (0..=before.len()).any(|at| {
                        before.as_bytes()[..at] == after.as_bytes()[..at]
                            && before.as_bytes()[at..] == after.as_bytes()[at + grown..]
                    });
                    assert!(is_one_piece, "{before:?}\n{after:?}");
                    assert!(after.contains(added), "{after:?}");
                    if before.ends_with("\r\n") && !before.replace("\r\n", "").contains('\n') {
                        let alone = after.replace("\r\n", "");
                        assert!(!alone.contains('\n'), "{after:?}");
                    }
                    assert_eq!(
                        edited(Some(&after), "fraud-rules", &block, false),
                        Ok(Edit::AlreadyThere("fraud-rules".into()))
                    );
                }
            }
        }
    }

    #[test]
    fn a_replaced_server_is_all_that_changes() {
        let before = "\u{feff}# Mine.\r\n[mcp_servers.fraud-rules]\r\nurl = 'https://b.example/'\r\n\r\n[profiles.a] # last\r\nmodel = 'p'\r\n";
        let edit = edited(Some(before), "fraud-rules", &block("codex"), true);
        let Ok(Edit::Replaced(after)) = edit else {
            panic!("{edit:?}");
        };
        assert_eq!(
            after,
            before.replace("'https://b.example/'", "\"https://fraud.example.com/mcp\"")
        );
    }

    #[test]
    fn a_file_for_one_server_is_replaced_whole_or_not_at_all() {
        let block = block("continue");
        let with = |before: &str, force| edited(Some(before), "fraud-rules", &block, force);
        assert_eq!(
            with(&block.text, false),
            Ok(Edit::AlreadyThere("fraud-rules".into()))
        );
        let own = "name: mine\r\nmcpServers:\r\n  - url: 'https://fraud.example.com/mcp'\r\n    requestOptions: {}\r\n";
        assert_eq!(
            with(own, true),
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
