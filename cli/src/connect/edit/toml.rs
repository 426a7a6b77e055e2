//! Files of clients in TOML.

use mcp_edge_clients::Block;
use toml_edit::{DocumentMut, InlineTable, Item, Table, Value};

use super::{Edit, EditError, ExistingEntry, URLS, find, url};

pub(crate) fn edited(
    before: &str,
    name: &str,
    block: &Block,
    force: bool,
) -> Result<Edit, EditError> {
    let mut file: DocumentMut = before.parse().map_err(|error: toml_edit::TomlError| {
        // Without the lines that it is about, in which there may be secrets.
        EditError::Unreadable {
            format: block.format.name(),
            reason: error.message().to_owned(),
        }
    })?;
    let servers = file.entry(block.table).or_insert_with(|| {
        let mut servers = Table::new();
        // Its own line would say nothing.
        servers.set_implicit(true);
        Item::Table(servers)
    });
    let known = servers.as_table_like().into_iter();
    let known = known.flat_map(|servers| servers.iter());
    let found = find(
        known.map(|(name, server)| (name.to_owned(), urls(server))),
        name,
        url(block),
    );
    match found {
        ExistingEntry::Same(name) => return Ok(Edit::AlreadyThere(name)),
        ExistingEntry::Other if !force => return Err(EditError::OtherServer(name.to_owned())),
        ExistingEntry::Other | ExistingEntry::Nothing => {}
    }
    let members = block.members.iter();
    match servers {
        Item::Table(servers) => {
            let members =
                members.map(|(member, value)| (*member, toml_edit::value(value.as_str())));
            let mut server: Table = members.collect();
            // The comments above its line are not part of the other server.
            if let Some(other) = servers.get(name).and_then(Item::as_table) {
                *server.decor_mut() = other.decor().clone();
            }
            // Whole: headers that were meant for another server must not reach this one.
            servers.insert(name, Item::Table(server));
        }
        Item::Value(Value::InlineTable(servers)) => {
            let members = members.map(|(member, value)| (*member, value.as_str()));
            servers.insert(name, Value::InlineTable(members.collect::<InlineTable>()));
        }
        _ => return Err(EditError::NotATable(block.table)),
    }
    let text = file.to_string();
    Ok(match found {
        ExistingEntry::Other => Edit::Replaced(text),
        _ => Edit::Added(text),
    })
}

fn urls(server: &Item) -> Vec<String> {
    let url = |member| Some(server.get(member)?.as_str()?.to_owned());
    URLS.into_iter().filter_map(url).collect()
}

#[cfg(test)]
mod tests {
    use mcp_edge_clients::Format;

    use super::*;

    const URL: &str = "https://fraud.example.com/mcp";

    fn with(before: &str, force: bool) -> Result<Edit, EditError> {
        let block = Block {
            text: String::new(),
            format: Format::Toml,
            table: "mcp_servers",
            members: vec![("url", URL.into())],
        };
        edited(before, "fraud-rules", &block, force)
    }

    fn added(before: &str) -> String {
        match with(before, false) {
            Ok(Edit::Added(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    const ENTRY: &str = "[mcp_servers.fraud-rules]\nurl = \"https://fraud.example.com/mcp\"\n";

    #[test]
    fn comments_and_order_stay() {
        let before = "\
# Mine.
model = \"o\"   # the good one

[mcp_servers.zebra] # old
command = \"zebra\"

[profiles.a]
model = 'p'
";
        let after = added(before);
        for line in before.lines() {
            assert!(after.contains(line), "{line} is not in\n{after}");
        }
        assert!(after.contains(ENTRY), "{after}");
        assert_eq!(
            with(&after, false),
            Ok(Edit::AlreadyThere("fraud-rules".into()))
        );
        assert_eq!(added("model = 'o'\n"), format!("model = 'o'\n\n{ENTRY}"));
    }

    #[test]
    fn every_way_to_write_the_table_is_understood() {
        for before in [
            "mcp_servers = {}\n",
            "mcp_servers = { zebra = { command = 'zebra' } }\n",
            "mcp_servers.zebra.command = 'zebra'\n",
            "[mcp_servers]\nzebra = { command = 'zebra' }\n",
            "[mcp_servers]\n",
        ] {
            let after = added(before);
            let read: DocumentMut = after.parse().expect(&after);
            assert_eq!(
                read["mcp_servers"]["fraud-rules"]["url"].as_str(),
                Some(URL),
                "{after}"
            );
            let kept = read["mcp_servers"].get("zebra").is_some();
            assert_eq!(kept, before.contains("zebra"), "{after}");
        }
    }

    #[test]
    fn another_server_of_the_name_is_replaced_whole_and_only_by_force() {
        let before = "[mcp_servers.fraud-rules]\nurl = 'https://b.example/'\n[mcp_servers.fraud-rules.http_headers]\na = 'b'\n";
        assert_eq!(
            with(before, false),
            Err(EditError::OtherServer("fraud-rules".into()))
        );
        assert_eq!(with(before, true), Ok(Edit::Replaced(ENTRY.into())));
    }

    #[test]
    fn a_server_is_known_by_its_address_whatever_its_name() {
        let before = format!("[mcp_servers.fraud]\nurl = '{URL}'\nenabled = false\n");
        assert_eq!(with(&before, true), Ok(Edit::AlreadyThere("fraud".into())));
    }

    #[test]
    fn what_is_not_understood_is_not_touched_and_not_shown() {
        for before in ["[mcp_servers", "a = 1\na = 2\n", "token = 'abc\n"] {
            let Err(error @ EditError::Unreadable { .. }) = with(before, true) else {
                panic!("{before}");
            };
            assert!(!error.to_string().contains("abc"), "{error}");
        }
        for before in ["mcp_servers = 1\n", "[[mcp_servers]]\n"] {
            assert_eq!(with(before, true), Err(EditError::NotATable("mcp_servers")));
        }
    }
}
