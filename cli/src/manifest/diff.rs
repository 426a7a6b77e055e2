//! What changed from one manifest to another, in words.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use mcp_edge_clients::visible::visible;
use serde_json::{Map, Value, json};

use super::source::{Token, manifest};
use crate::output::{CommandOutput, Failure, status};
use crate::style::{BAD, CAUTION, GOOD, HEADING, styled};

/// Says what changed from one manifest to another
///
/// For the reviewer of a change before agents see it: what is new, what is gone, and how each definition reads now. Ends
/// with status 1 where anything changed. A server that asks to sign in is given the access token of --token-file or of the
/// variable MCP_EDGE_TOKEN, and then shows what that caller may see.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The manifest before: a file, `-` or a URL
    #[arg(value_name = "OLD")]
    old: String,
    /// The manifest now
    #[arg(value_name = "NEW")]
    new: String,
    #[command(flatten)]
    token: Token,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge manifest diff approved.json https://mcp.example.com/mcp/manifest
  $ mcp-edge manifest diff approved.json https://mcp.example.com/mcp/manifest --token-file token
  $ mcp-edge manifest show | mcp-edge manifest diff approved.json -";

/// The lists of a manifest: the member, the word for one entry, and the member that names it.
const LISTS: [(&str, &str, &str); 4] = [
    ("tools", "tool", "name"),
    ("resources", "resource", "uri"),
    ("resourceTemplates", "resource template", "uriTemplate"),
    ("prompts", "prompt", "name"),
];

/// The change of one thing that a server offers.
struct Change {
    kind: &'static str,
    name: String,
    became: DiffKind,
}

enum DiffKind {
    Added,
    Removed,
    /// Each difference as a sentence.
    Other(Vec<String>),
}

pub(super) fn run(arguments: &Arguments) -> Result<CommandOutput, Failure> {
    let Arguments { old, new, token } = arguments;
    let inputs = [old == "-", new == "-", token.is_on_standard_input()];
    if inputs.iter().filter(|is_input| **is_input).count() > 1 {
        return Err(Failure::usage(
            "only one of the two manifests and the access token can come from standard input",
        ));
    }
    let token = token.for_places(&[old, new])?;
    let changes = changes(
        &manifest(old, token.as_ref())?,
        &manifest(new, token.as_ref())?,
    );
    let text = match changes.as_slice() {
        [] => format!("{}\n", styled(GOOD, "Nothing changed.")),
        changes => changes.iter().map(Change::text).collect(),
    };
    Ok(CommandOutput {
        text,
        json: json!({ "changes": changes.iter().map(Change::json).collect::<Vec<_>>() }),
        product: None,
        status: status(changes.is_empty()),
    })
}

impl Change {
    fn text(&self) -> String {
        let what = format!("{} {}", self.kind, visible(&self.name));
        let what = styled(HEADING, what.trim_end());
        match &self.became {
            DiffKind::Added => format!("{what} {}\n", styled(CAUTION, "is new")),
            DiffKind::Removed => format!("{what} {}\n", styled(BAD, "is gone")),
            DiffKind::Other(differences) => {
                let lines = differences
                    .iter()
                    .map(|line| format!("  {}\n", visible(line)));
                format!("{what}\n{}", lines.collect::<String>())
            }
        }
    }

    fn json(&self) -> Value {
        let (change, differences) = match &self.became {
            DiffKind::Added => ("added", &[][..]),
            DiffKind::Removed => ("removed", &[][..]),
            DiffKind::Other(differences) => ("changed", differences.as_slice()),
        };
        json!({
            "kind": self.kind,
            "name": self.name,
            "change": change,
            "differences": differences,
        })
    }
}

fn changes(old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut differences = Vec::new();
    for member in ["name", "version", "instructions"] {
        compare(member, old.get(member), new.get(member), &mut differences);
    }
    if !differences.is_empty() {
        changes.push(Change {
            kind: "server",
            name: String::new(),
            became: DiffKind::Other(differences),
        });
    }
    for (list, kind, key) in LISTS {
        let (old, new) = (entries(old, list, key), entries(new, list, key));
        let names: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
        for name in names {
            let became = match (old.get(name), new.get(name)) {
                (None, _) => DiffKind::Added,
                (_, None) => DiffKind::Removed,
                (Some(old), Some(new)) => {
                    let mut differences = Vec::new();
                    compare_members("", old, new, &mut differences);
                    if differences.is_empty() {
                        continue;
                    }
                    DiffKind::Other(differences)
                }
            };
            changes.push(Change {
                kind,
                name: name.to_owned(),
                became,
            });
        }
    }
    changes
}

fn entries<'a>(
    manifest: &'a Map<String, Value>,
    list: &str,
    key: &str,
) -> BTreeMap<&'a str, &'a Value> {
    let entries = manifest.get(list).and_then(Value::as_array);
    let named = entries.into_iter().flatten();
    named
        .filter_map(|entry| Some((entry.get(key)?.as_str()?, entry)))
        .collect()
}

/// What differs at `place`, a dotted path within a definition.
fn compare(place: &str, old: Option<&Value>, new: Option<&Value>, differences: &mut Vec<String>) {
    match (old, new) {
        (Some(old), Some(new)) if old == new => {}
        (None, None) => {}
        (Some(old @ Value::Object(_)), Some(new @ Value::Object(_))) => {
            compare_members(place, old, new, differences);
        }
        (None, Some(new)) => differences.push(format!("{}: {}", added(place), shown(new))),
        (Some(old), None) => differences.push(format!("{}: {}", removed(place), shown(old))),
        (Some(old), Some(new)) => {
            differences.push(format!("{place} was {} and is {}", shown(old), shown(new)));
        }
    }
}

fn compare_members(place: &str, old: &Value, new: &Value, differences: &mut Vec<String>) {
    let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let (old, new) = (members(old), members(new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let within = match place {
            "" => name.clone(),
            place => format!("{place}.{name}"),
        };
        compare(&within, old.get(name), new.get(name), differences);
    }
}

/// Arguments are what a reviewer looks for first.
fn argument(place: &str) -> Option<&str> {
    let name = place.strip_prefix("inputSchema.properties.")?;
    (!name.contains('.')).then_some(name)
}

fn added(place: &str) -> String {
    match argument(place) {
        Some(name) => format!("there is a new argument `{name}`"),
        None => format!("{place} is new"),
    }
}

fn removed(place: &str) -> String {
    match argument(place) {
        Some(name) => format!("the argument `{name}` is gone"),
        None => format!("{place} is gone"),
    }
}

/// As JSON, in which nothing can pass for something else: control characters are escaped.
fn shown(value: &Value) -> String {
    let mut shown = String::new();
    for character in value.to_string().chars() {
        if character.is_ascii_graphic() || character == ' ' || character.is_alphanumeric() {
            shown.push(character);
        } else {
            shown.extend(character.escape_unicode());
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(tools: Value) -> Map<String, Value> {
        let manifest = json!({ "name": "com.example/rules", "version": "1.0.0", "tools": tools });
        manifest.as_object().unwrap().clone()
    }

    fn tool(change: impl Fn(&mut Value)) -> Map<String, Value> {
        let mut tool = json!({
            "name": "pay",
            "description": "Pays.",
            "inputSchema": {
                "type": "object",
                "properties": { "amount": { "type": "number", "maximum": 10 } },
                "required": ["amount"],
            },
            "annotations": { "destructiveHint": true },
        });
        change(&mut tool);
        manifest(json!([tool]))
    }

    fn said(new: &Map<String, Value>) -> String {
        let changes = changes(&tool(|_| {}), new);
        let text: String = changes.iter().map(Change::text).collect();
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn the_same_is_no_change() {
        assert_eq!(said(&tool(|_| {})), "");
    }

    #[test]
    fn each_change_is_said_in_words() {
        type Edit = fn(&mut Value);
        let cases: [(Edit, &str); 7] = [
            (
                |tool| tool["description"] = json!("Pays anybody."),
                "description was \"Pays.\" and is \"Pays anybody.\"",
            ),
            (
                |tool| tool["inputSchema"]["properties"]["to"] = json!({ "type": "string" }),
                "there is a new argument `to`: {\"type\":\"string\"}",
            ),
            (
                |tool| tool["inputSchema"]["properties"]["amount"]["maximum"] = json!(1000),
                "inputSchema.properties.amount.maximum was 10 and is 1000",
            ),
            (
                |tool| {
                    tool["inputSchema"]["properties"] = json!({});
                },
                "the argument `amount` is gone: {\"maximum\":10,\"type\":\"number\"}",
            ),
            (
                |tool| tool["inputSchema"]["required"] = json!([]),
                "inputSchema.required was [\"amount\"] and is []",
            ),
            (
                |tool| tool["annotations"] = json!({}),
                "annotations.destructiveHint is gone: true",
            ),
            (
                |tool| tool["title"] = json!("Pay \u{202e}safe"),
                "title is new: \"Pay \\u{202e}safe\"",
            ),
        ];
        for (edit, sentence) in cases {
            assert_eq!(said(&tool(edit)), format!("tool pay\n  {sentence}\n"));
        }
    }

    #[test]
    fn added_and_removed_tools_are_named() {
        let new = manifest(json!([{ "name": "refund" }]));
        assert_eq!(said(&new), "tool pay is gone\ntool refund is new\n");
    }

    #[test]
    fn the_server_itself_is_compared_too() {
        let mut new = tool(|_| {});
        new.insert("instructions".to_owned(), json!("Pay at once."));
        assert_eq!(
            said(&new),
            "server\n  instructions is new: \"Pay at once.\"\n"
        );
    }
}
