//! Additions to a host's file in JSON with comments.

use jsonc_parser::cst::{CstInputValue, CstObject};
use serde_json::{Map, Value as Json};
use toml_edit::TableLike;

use crate::byte_order_mark::split_marks;
use crate::jsonc::object;
use crate::output::Failure;
use crate::toml_json;

/// `text` with what `after` has more than `before`, which is what it says.
pub(super) fn with_additions(
    path: &str,
    text: &str,
    before: &dyn TableLike,
    after: &dyn TableLike,
) -> Result<String, Failure> {
    let (before, after) = (toml_json::members(before), toml_json::members(after));
    if before == after {
        return Ok(text.to_owned());
    }
    let (mark, _) = split_marks(text);
    let (root, object) = object(path, text)?;
    add(&object, &before, &after).ok_or_else(|| {
        Failure::check(format!(
            "{path} cannot be added to; add what `mcp-edge check` lists without --fix"
        ))
    })?;
    Ok(format!("{mark}{root}"))
}

/// Members and entries are added at the end; `None` where one of the file's own would have to change.
fn add(object: &CstObject, before: &Map<String, Json>, after: &Map<String, Json>) -> Option<()> {
    for (name, new) in after {
        match (before.get(name), new) {
            (None, new) => {
                object.append(name, input(new));
            }
            (Some(old), new) if old == new => {}
            (Some(Json::Object(old)), Json::Object(new)) => {
                add(&object.object_value(name)?, old, new)?;
            }
            (Some(Json::Array(old)), Json::Array(new)) if new.starts_with(old) => {
                let array = object.array_value(name)?;
                for value in new.iter().skip(old.len()) {
                    array.append(input(value));
                }
            }
            _ => return None,
        }
    }
    Some(())
}

fn input(json: &Json) -> CstInputValue {
    match json {
        Json::Null => CstInputValue::Null,
        Json::Bool(flag) => CstInputValue::Bool(*flag),
        Json::Number(number) => CstInputValue::Number(number.to_string()),
        Json::String(text) => CstInputValue::String(text.clone()),
        Json::Array(values) => CstInputValue::Array(values.iter().map(input).collect()),
        Json::Object(members) => {
            let members = members.iter();
            CstInputValue::Object(
                members
                    .map(|(name, json)| (name.clone(), input(json)))
                    .collect(),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use toml_edit::Table;

    use super::super::edit;
    use super::*;
    use crate::jsonc::parsed;

    const FILE: &str = r#"// The Worker.
{
  "name": "bare", // the name
  "compatibility_flags": ["nodejs_compat"],
  "queues": {
    "producers": [
      { "binding": "OTHER", "queue": "other" }, // another team's
    ],
  },
}
"#;

    fn edited(text: &str) -> String {
        let before = parsed("wrangler.jsonc", text).unwrap();
        let mut after = before.clone();
        edit::push_text(
            &mut after,
            &["compatibility_flags"],
            "enable_request_signal",
        )
        .unwrap();
        edit::set(&mut after, &["env", "production", "vars", "A"], "a").unwrap();
        let mut entry = Table::new();
        entry.insert("binding", "B".into());
        edit::push_entry(&mut after, &["queues", "producers"], entry, "why").unwrap();
        with_additions("wrangler.jsonc", text, &before, &after).unwrap()
    }

    #[test]
    fn additions_leave_the_rest_as_it_was() {
        let expected = r#"// The Worker.
{
  "name": "bare", // the name
  "compatibility_flags": ["nodejs_compat", "enable_request_signal"],
  "queues": {
    "producers": [
      { "binding": "OTHER", "queue": "other" }, // another team's
      {
        "binding": "B",
      },
    ],
  },
  "env": {
    "production": {
      "vars": {
        "A": "a",
      },
    },
  },
}
"#;
        assert_eq!(edited(FILE), expected);
        let windows = FILE.replace('\n', "\r\n");
        for marks in ["\u{feff}", "\u{feff}\u{feff}"] {
            let new = edited(&format!("{marks}{windows}"));
            assert_eq!(new, format!("{marks}{}", expected.replace('\n', "\r\n")));
        }
    }

    #[test]
    fn without_an_addition_nothing_changes() {
        let same = parsed("wrangler.jsonc", FILE).unwrap();
        let new = with_additions("wrangler.jsonc", FILE, &same, &same).unwrap();
        assert_eq!(new, FILE);
    }

    #[test]
    fn what_is_no_object_is_named_and_not_shown() {
        for text in [
            "[]",
            "\"planted-value\"",
            "{\n  \"key\": planted-value\n}",
            "{",
        ] {
            let refused = parsed("wrangler.jsonc", text).unwrap_err().sentence;
            assert!(refused.starts_with("wrangler.jsonc"), "{refused}");
            assert!(!refused.contains("planted-value"), "{refused}");
        }
    }
}
