//! What a live policy says: from its file to the document, and from the document to sentences.

use std::borrow::Cow;
use std::path::Path;

use mcp_edge_clients::visible::visible;
use mcp_edge_config::{Entry, Setting, Settings, Value, arguments_schema, read_live_policy};
use mcp_edge_runtime::host::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::document::existing;
use crate::output::Failure;

/// The file `path` of a live policy for a server with these settings, as the document has it.
pub(super) fn of_file(path: &Path, server: &Settings) -> Result<Map<String, Json>, Failure> {
    let text = existing(path)?;
    let settings = read_live_policy(&text, server).map_err(|mistakes| {
        let sentences = mistakes.iter();
        let sentences = sentences.map(|mistake| format!("{}, {mistake}", path.display()));
        Failure::check(sentences.collect::<Vec<_>>().join("\n"))
    })?;
    Ok(of_settings(&settings))
}

fn of_settings(settings: &Settings) -> Map<String, Json> {
    let mut content = Map::new();
    for (path, setting) in settings {
        let (section, key) = match *path {
            "policy" => {
                content.insert("policy".to_owned(), rules(setting));
                continue;
            }
            "tokens.not_before.all" => ("revocations", "all"),
            "tokens.not_before.tenants" => ("revocations", "tenants"),
            "tokens.not_before.principals" => ("revocations", "principals"),
            path => path.split_once('.').unwrap_or((path, path)),
        };
        let section = content.entry(section).or_insert_with(|| json!({}));
        if let Some(members) = section.as_object_mut() {
            members.insert(key.to_owned(), value(&setting.value));
        }
    }
    content
}

fn rules(setting: &Setting) -> Json {
    match &setting.value {
        Value::Each(entries) => entries.iter().map(rule).collect(),
        _ => json!([]),
    }
}

fn rule(entry: &Entry) -> Json {
    let settings = entry.settings.iter();
    settings
        .map(|(path, setting)| ((*path).to_owned(), value(&setting.value)))
        .collect::<Map<_, _>>()
        .into()
}

/// The values that the parts of a live policy have.
fn value(value: &Value) -> Json {
    match value {
        Value::Word(text) => json!(text),
        Value::Words(texts) => json!(texts),
        Value::Flag(flag) => json!(flag),
        Value::Choice(choice) => json!(choice.name),
        Value::Time(millis) => json!(time(*millis)),
        Value::Times(times) => times
            .iter()
            .map(|(name, millis)| (name.clone(), json!(time(*millis))))
            .collect::<Map<_, _>>()
            .into(),
        Value::Arguments(schemas) => {
            serde_json::from_str(&arguments_schema(schemas)).unwrap_or_default()
        }
        _ => Json::Null,
    }
}

fn time(millis: u64) -> String {
    Timestamp::from_millis(millis).to_rfc3339()
}

/// Who may do what, one sentence for each thing that a document says, in its order. Documents that decide differently have
/// different sentences: no text is cut, and one that could be read as several is in quotes.
pub(super) fn sentences(content: &Json) -> Vec<String> {
    let rules = content["policy"].as_array().into_iter().flatten();
    let mut all: Vec<String> = rules.map(rule_sentence).collect();
    if all.is_empty() {
        all.push("No rule: no caller may do anything.".to_owned());
    }
    let approved = shown_texts(content["approvals"].get("tools"));
    all.extend(approved.map(|digest| format!("Approved: the tool with the definition {digest}.")));
    let revocations = &content["revocations"];
    if let Some(time) = revocations["all"].as_str() {
        all.push(format!(
            "Revoked: every token issued before {}.",
            visible(time)
        ));
    }
    for (member, whose) in [("tenants", "tenant"), ("principals", "principal")] {
        let times = revocations
            .get(member)
            .and_then(Json::as_object)
            .into_iter()
            .flatten();
        all.extend(times.map(|(name, time)| {
            format!(
                "Revoked: every token of the {whose} {} issued before {}.",
                word(name),
                visible(time.as_str().unwrap_or_default())
            )
        }));
    }
    for (member, what) in [
        ("tools", "tools that fit"),
        ("upstreams", "tools of upstreams that fit"),
        ("tenants", "callers of tenants that fit"),
    ] {
        let patterns = shown_texts(content["disabled"].get(member));
        all.extend(patterns.map(|pattern| format!("Switched off: {what} {pattern}.")));
    }
    all
}

/// The texts of a list.
pub(super) fn texts(list: Option<&Json>) -> impl Iterator<Item = String> {
    let texts = list.and_then(Json::as_array).into_iter().flatten();
    texts.filter_map(Json::as_str).map(str::to_owned)
}

fn shown_texts(list: Option<&Json>) -> impl Iterator<Item = String> {
    texts(list).map(|text| word(&text).into_owned())
}

/// A text as a word of a sentence.
fn word(text: &str) -> Cow<'_, str> {
    match text.contains([' ', ',', '"', '\\']) {
        true => format!("{:?}", visible(text)).into(),
        false => visible(text),
    }
}

/// The conditions on the caller: the key, and the word for it.
const WHO: [(&str, &str); 6] = [
    ("issuers", "issuer"),
    ("tenants", "tenant"),
    ("subjects", "subject"),
    ("clients", "client"),
    ("roles", "role"),
    ("groups", "group"),
];
const WHAT: [(&str, &str); 3] = [
    ("tools", "tool"),
    ("prompts", "prompt"),
    ("resources", "resource"),
];

fn rule_sentence(rule: &Json) -> String {
    let name = visible(rule["name"].as_str().unwrap_or_default());
    let is_denying = rule["effect"] == "deny";
    let listed = |kinds: &[(&str, &str)], between: &str| {
        let lists = kinds.iter().filter_map(|(member, word)| {
            let all: Vec<_> = shown_texts(rule.get(member)).collect();
            (!all.is_empty()).then(|| format!("{word} {}", all.join(" or ")))
        });
        lists.collect::<Vec<_>>().join(between)
    };
    let mut who = listed(&WHO, " and ");
    if who.is_empty() {
        who = match (is_denying, rule["anonymous"] == true) {
            (true, _) | (_, true) => "anyone".to_owned(),
            (false, false) => "anyone with a token".to_owned(),
        };
    }
    let scopes: Vec<_> = shown_texts(rule.get("scopes")).collect();
    if !scopes.is_empty() {
        who += &format!(" with the scopes {}", scopes.join(" "));
    }
    if rule["step_up"] == false {
        who += ", who is not asked for missing scopes,";
    }
    let mut what = listed(&WHAT, ", ");
    if what.is_empty() {
        what = "everything".to_owned();
    }
    for (member, yes, no) in [
        ("read_only", "read-only", "not read-only"),
        ("destructive", "destructive", "not destructive"),
    ] {
        match rule.get(member).and_then(Json::as_bool) {
            Some(true) => what += &format!(", if {yes}"),
            Some(false) => what += &format!(", if {no}"),
            None => {}
        }
    }
    if !rule["arguments"].is_null() {
        what += &format!(
            ", if the arguments fit {}",
            visible(&rule["arguments"].to_string())
        );
    }
    let may = if is_denying {
        "must not use"
    } else {
        "may use"
    };
    format!("{name}: {who} {may} {what}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_says_who_may_do_what() {
        let server = mcp_edge_config::read(
            "[server]\nurl = \"https://mcp.example.com/mcp\"\n[issuers.okta]\nissuer = \"https://example.okta.com\"\nalgorithms = [\"RS256\"]",
        )
        .unwrap()
        .base;
        let file = r#"
            [[policy]]
            name = "no deletion on weekends"
            effect = "deny"
            destructive = true
            [[policy]]
            roles = ["analyst", "auditor"]
            issuers = ["okta"]
            scopes = ["fraud:read"]
            tools = ["read_*"]
            arguments = { amount = { maximum = 1000 } }
            [[policy]]
            anonymous = true
            resources = ["docs://*"]
            [approvals]
            tools = ["sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"]
            [disabled]
            upstreams = ["orders"]
            [tokens.not_before]
            tenants = { acme = 2026-11-20T09:00:00Z }
        "#;
        let content = of_settings(&read_live_policy(file, &server).unwrap());
        let sentences = sentences(&content.into());
        let [weekend, analysts, anyone, approved, revoked, disabled] = sentences.as_slice() else {
            panic!("{sentences:#?}");
        };
        assert_eq!(
            weekend,
            "no deletion on weekends: anyone must not use everything, if destructive."
        );
        assert!(
            analysts.starts_with(
                "policy 2: issuer okta and role analyst or auditor with the scopes fraud:read may use tool read_*, if the arguments fit {"
            ),
            "{analysts}"
        );
        assert_eq!(anyone, "policy 3: anyone may use resource docs://*.");
        assert!(approved.starts_with("Approved: the tool with the definition sha256:0123"));
        assert_eq!(
            revoked,
            "Revoked: every token of the tenant acme issued before 2026-11-20T09:00:00.000Z."
        );
        assert_eq!(
            disabled,
            "Switched off: tools of upstreams that fit orders."
        );
    }
}
