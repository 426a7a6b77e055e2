//! Files of clients in JSON, with comments or without.

use jsonc_parser::cst::{CstInputValue, CstObject, CstObjectProp, CstRootNode};
use mcp_edge_clients::Block;

use super::{Edit, EditError, ExistingEntry, URLS, find, url};
use crate::jsonc::READ;

pub(crate) fn edited(
    before: &str,
    name: &str,
    block: &Block,
    force: bool,
) -> Result<Edit, EditError> {
    let root = CstRootNode::parse(before, &READ).map_err(|error| EditError::Unreadable {
        format: block.format.name(),
        reason: error.to_string(),
    })?;
    let unreadable = || EditError::Unreadable {
        format: block.format.name(),
        reason: "it holds something else than one object".to_owned(),
    };
    let file = root.object_value_or_create().ok_or_else(unreadable)?;
    // Which of both a client reads is not known.
    if named(&file, block.table).count() > 1 {
        return Err(EditError::Twice(block.table));
    }
    let servers = file
        .object_value_or_create(block.table)
        .ok_or(EditError::NotATable(block.table))?;
    let entry = CstInputValue::Object(
        block
            .members
            .iter()
            .map(|(member, value)| ((*member).to_owned(), value.as_str().into()))
            .collect(),
    );
    let text = || root.to_string();
    match find(
        servers.properties().iter().filter_map(read),
        name,
        url(block),
    ) {
        ExistingEntry::Same(name) => Ok(Edit::AlreadyThere(name)),
        ExistingEntry::Nothing => {
            servers.append(name, entry);
            Ok(Edit::Added(text()))
        }
        ExistingEntry::Other if force => {
            // Whole: headers that were meant for the other server must not reach this one.
            named(&servers, name).for_each(|server| server.set_value(entry.clone()));
            Ok(Edit::Replaced(text()))
        }
        ExistingEntry::Other => Err(EditError::OtherServer(name.to_owned())),
    }
}

fn named(object: &CstObject, name: &str) -> impl Iterator<Item = CstObjectProp> {
    let properties = object.properties().into_iter();
    properties.filter(move |property| property.decoded_name().as_deref() == Some(name))
}

/// A server's name, and the addresses in it.
fn read(server: &CstObjectProp) -> Option<(String, Vec<String>)> {
    let value = server.value().and_then(|value| value.to_serde_value());
    let url = |member| Some(value.as_ref()?.get(member)?.as_str()?.to_owned());
    Some((
        server.decoded_name()?,
        URLS.into_iter().filter_map(url).collect(),
    ))
}

#[cfg(test)]
mod tests {
    use mcp_edge_clients::Format;
    use proptest::prelude::*;
    use serde_json::{Map, Value as Json, json};

    use super::*;

    const URL: &str = "https://fraud.example.com/mcp";

    fn with(before: &str, force: bool) -> Result<Edit, EditError> {
        let block = Block {
            text: String::new(),
            format: Format::Jsonc,
            table: "servers",
            members: vec![("type", "http".into()), ("url", URL.into())],
        };
        edited(before, "fraud-rules", &block, force)
    }

    fn added(before: &str) -> String {
        match with(before, false) {
            Ok(Edit::Added(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn comments_order_and_indentation_stay() {
        let before = "\
// My servers.
{
    \"inputs\": [], /* none yet */
    \"servers\": {
        // The old one.
        \"zebra\": { \"type\": \"stdio\", \"command\": \"zebra\" }, // last
    },
    \"a\": 1.50
}
";
        let after = "\
// My servers.
{
    \"inputs\": [], /* none yet */
    \"servers\": {
        // The old one.
        \"zebra\": { \"type\": \"stdio\", \"command\": \"zebra\" }, // last
        \"fraud-rules\": {
            \"type\": \"http\",
            \"url\": \"https://fraud.example.com/mcp\",
        },
    },
    \"a\": 1.50
}
";
        assert_eq!(added(before), after);
        assert_eq!(
            with(after, false),
            Ok(Edit::AlreadyThere("fraud-rules".into()))
        );
    }

    #[test]
    fn a_file_of_comments_gets_an_object() {
        let after = added("// nothing yet\n");
        assert!(after.starts_with("// nothing yet\n"));
        let root = CstRootNode::parse(&after, &READ).unwrap();
        let expected = json!({ "servers": { "fraud-rules": { "type": "http", "url": URL } } });
        assert_eq!(root.to_serde_value(), Some(expected));
    }

    #[test]
    fn a_server_is_known_by_its_address_whatever_its_name() {
        for member in URLS {
            let before =
                json!({ "servers": { "fraud": { member: URL, "headers": {} } } }).to_string();
            assert_eq!(with(&before, true), Ok(Edit::AlreadyThere("fraud".into())));
        }
    }

    #[test]
    fn another_server_of_the_name_is_replaced_whole_and_only_by_force() {
        let before = r#"{"servers": {"fraud-rules": {"url": "https://b.example/", "headers": {"a": "b"}}, "c": {}}}"#;
        assert_eq!(
            with(before, false),
            Err(EditError::OtherServer("fraud-rules".into()))
        );
        let Ok(Edit::Replaced(after)) = with(before, true) else {
            panic!("{:?}", with(before, true));
        };
        let after: Json = serde_json::from_str(&after).unwrap();
        assert_eq!(
            after,
            json!({ "servers": { "fraud-rules": { "type": "http", "url": URL }, "c": {} } })
        );
    }

    #[test]
    fn what_is_not_understood_is_not_touched() {
        for before in [
            "{",
            "{'a': 1}",
            "{a: 1}",
            "{\"a\": 1} {}",
            "[]",
            "\"servers\"",
            "null",
        ] {
            let edit = with(before, true);
            assert!(
                matches!(edit, Err(EditError::Unreadable { .. })),
                "{before}: {edit:?}"
            );
        }
        for before in [r#"{"servers": []}"#, r#"{"servers": null}"#] {
            assert_eq!(with(before, true), Err(EditError::NotATable("servers")));
        }
        let twice = r#"{"servers": {}, "s\u0065rvers": {}}"#;
        assert_eq!(with(twice, true), Err(EditError::Twice("servers")));
        let deep = "[".repeat(100_000);
        assert!(with(&deep, true).is_err());
    }

    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            ".*".prop_map(Json::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::btree_map(".*", inner, 0..4)
                    .prop_map(|members| Json::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn everything_else_stays(
            members in prop::collection::btree_map(".*", any_json(), 0..4),
            servers in prop::option::of(prop::collection::btree_map(".*", any_json(), 0..4)),
            pretty: bool,
        ) {
            let mut file: Map<String, Json> = members.into_iter().filter(|(name, _)| name != "servers").collect();
            if let Some(servers) = servers {
                let servers = servers.into_iter().filter(|(name, _)| name != "fraud-rules");
                file.insert("servers".into(), Json::Object(servers.collect()));
            }
            let mut file = Json::Object(file);
            let before = if pretty { format!("{file:#}") } else { file.to_string() };
            let after: Json = serde_json::from_str(&added(&before)).unwrap();
            file["servers"]["fraud-rules"] = json!({ "type": "http", "url": URL });
            prop_assert_eq!(after, file);
        }
    }
}
