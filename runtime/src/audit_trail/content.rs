//! What callers and tools said: a digest of it, and the words themselves where the configuration asks for them.

use mcp_edge_audit::canonical;
use mcp_edge_audit::digest::sha256;
use mcp_edge_audit::event::Captured;
use mcp_edge_clients::visible::visible_json;
use regex_lite::Regex;
use serde_json::{Map, Value};

use super::bound::left_out;
use super::untrusted_text::{REDACTED, sanitize};
use crate::config::{Capture, Settings};
use crate::policy::Kind;
use crate::start::StartError;

/// The longest sentence of a handler's, in bytes.
const SENTENCE: usize = 16 << 10;
/// The longest name that a caller may give itself, in bytes.
const NAME: usize = 1 << 10;
/// How often a text may be percent-encoded over and over.
const ENCODED: usize = 4;

/// The contents that are in events.
pub(crate) struct CapturePolicy {
    digests: bool,
    /// What is redacted everywhere.
    everywhere: Vec<Regex>,
    shown: Vec<CaptureRule>,
}

/// One `[[capture]]`.
struct CaptureRule {
    settings: &'static Capture,
    pointers: Vec<Vec<String>>,
    patterns: Vec<Regex>,
}

/// Whose words they are: a tool, prompt or resource that the server has.
pub(crate) type CaptureTarget<'a> = Option<(Kind, &'a str)>;

impl CapturePolicy {
    pub(crate) fn start(settings: &'static Settings) -> Result<Self, StartError> {
        let shown = (1..).zip(settings.capture).map(|(number, contents)| {
            Ok(CaptureRule {
                settings: contents,
                pointers: contents
                    .redact_paths
                    .iter()
                    .map(|text| pointer(text))
                    .collect(),
                patterns: compile(
                    &format!("capture {number} redact_patterns"),
                    contents.redact_patterns,
                )?,
            })
        });
        Ok(Self {
            digests: settings.audit.digests,
            everywhere: compile("audit.redact_patterns", settings.audit.redact_patterns)?,
            shown: shown.collect::<Result<_, StartError>>()?,
        })
    }

    /// What an event contains of arguments.
    pub(crate) fn arguments(
        &self,
        whose: CaptureTarget<'_>,
        arguments: &Value,
    ) -> Option<Captured> {
        let shown = self.shown(whose, |contents| contents.arguments);
        self.said(shown, || canonical::to_vec(arguments), || arguments.clone())
    }

    /// What an event contains of a result: its members without `_meta`, which is no part of what was said.
    pub(crate) fn result(
        &self,
        whose: CaptureTarget<'_>,
        result: &Map<String, Value>,
    ) -> Option<Captured> {
        let shown = self.shown(whose, |contents| contents.result);
        let members = || result.iter().filter(|(name, _)| *name != "_meta");
        let own = |(name, value): (&String, &Value)| (name.clone(), value.clone());
        self.said(
            shown,
            || canonical::members(members()),
            || Value::Object(members().map(own).collect()),
        )
    }

    /// A sentence of a handler's, with everything redacted that is everywhere.
    pub(crate) fn sentence(&self, text: String) -> String {
        if text.len() > SENTENCE {
            return left_out(text.len());
        }
        redact(text, &self.everywhere())
    }

    /// What a caller calls itself. Nothing vouches for it, and it could be anything.
    pub(crate) fn name(&self, text: &str) -> String {
        if text.len() > NAME {
            return left_out(text.len());
        }
        sanitize(&redact(text.to_owned(), &self.everywhere()))
    }

    fn everywhere(&self) -> Vec<&Regex> {
        self.everywhere.iter().collect()
    }

    fn shown(
        &self,
        whose: CaptureTarget<'_>,
        asks: impl Fn(&Capture) -> bool,
    ) -> Option<&CaptureRule> {
        let (kind, name) = whose?;
        self.shown.iter().find(|shown| {
            let names = match kind {
                Kind::Tool => shown.settings.tools,
                Kind::Prompt => shown.settings.prompts,
                Kind::Resource => shown.settings.resources,
            };
            asks(shown.settings) && names.iter().any(|pattern| kind.fits(pattern, name))
        })
    }

    fn said(
        &self,
        shown: Option<&CaptureRule>,
        canonical: impl FnOnce() -> Vec<u8>,
        value: impl FnOnce() -> Value,
    ) -> Option<Captured> {
        let said = Captured {
            content: shown.map(|shown| shown.write(value(), &self.everywhere)),
            sha256: self.digests.then(|| sha256(&canonical())),
        };
        (said != Captured::default()).then_some(said)
    }
}

impl CaptureRule {
    fn write(&self, mut value: Value, everywhere: &[Regex]) -> String {
        // Before anything else looks at it: what is redacted costs time for every letter.
        let bytes = canonical::to_vec(&value).len();
        if bytes > self.settings.max_bytes {
            return left_out(bytes);
        }
        self.hide_in_texts(&mut value);
        for pointer in &self.pointers {
            hide(&mut value, pointer);
        }
        let patterns: Vec<&Regex> = self.patterns.iter().chain(everywhere).collect();
        if !patterns.is_empty() {
            redact_all(&mut value, &|text| redact(text, &patterns));
        }
        let text = String::from_utf8(canonical::to_vec(&value)).unwrap_or_default();
        visible_json(&text).into_owned()
    }

    /// A result contains structured content once more as a text, and for callers of old revisions there only: what is
    /// hidden in the one is hidden in the other.
    fn hide_in_texts(&self, value: &mut Value) {
        let texts = value
            .get_mut("content")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
            .filter_map(|content| content.get_mut("text"));
        for text in texts {
            let Some(Ok(structured)) = text.as_str().map(serde_json::from_str::<Value>) else {
                continue;
            };
            let original = Value::from(Map::from_iter([(STRUCTURED.to_owned(), structured)]));
            let mut hidden = original.clone();
            for pointer in &self.pointers {
                hide(&mut hidden, pointer);
            }
            if hidden != original {
                let hidden = canonical::to_vec(hidden.get(STRUCTURED).unwrap_or(&hidden));
                *text = Value::from(String::from_utf8(hidden).unwrap_or_default());
            }
        }
    }
}

/// Where a tool's result has its structured content (2026-07-28, `CallToolResult`).
const STRUCTURED: &str = "structuredContent";

/// The parts of a JSON pointer (RFC 6901).
fn pointer(text: &str) -> Vec<String> {
    let parts = text.split('/').skip(1);
    parts
        .map(|part| part.replace("~1", "/").replace("~0", "~"))
        .collect()
}

/// Redacts what a pointer points to. `*` is every member of an object and every item of an array.
fn hide(value: &mut Value, pointer: &[String]) {
    let Some((part, rest)) = pointer.split_first() else {
        *value = Value::from(REDACTED);
        return;
    };
    match value {
        Value::Object(members) if part == "*" => {
            members.values_mut().for_each(|member| hide(member, rest));
        }
        Value::Array(items) if part == "*" => items.iter_mut().for_each(|item| hide(item, rest)),
        Value::Object(members) => {
            if let Some(member) = members.get_mut(part) {
                hide(member, rest);
            }
        }
        Value::Array(items) => {
            let item = part
                .parse()
                .ok()
                .and_then(|place: usize| items.get_mut(place));
            if let Some(item) = item {
                hide(item, rest);
            }
        }
        _ => {}
    }
}

/// Redacts every text in `value`: strings, numbers as they are written in the event, and the names of members.
fn redact_all(value: &mut Value, redact: &impl Fn(String) -> String) {
    match value {
        Value::String(text) => *text = redact(std::mem::take(text)),
        Value::Number(number) => {
            let written = canonical::to_vec(&Value::Number(number.clone()));
            let written = String::from_utf8(written).unwrap_or_default();
            let redacted = redact(written.clone());
            if redacted != written {
                *value = Value::from(redacted);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redact_all(item, redact)),
        Value::Object(members) => {
            let redacted = std::mem::take(members)
                .into_iter()
                .map(|(name, mut value)| {
                    redact_all(&mut value, redact);
                    (redact(name), value)
                });
            *members = redacted.collect();
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// Redacts what fits one of `patterns`. A text that is encoded, in which something is found encoded or not, is left out as
/// a whole: a part of what was found could be next to it in the other form.
fn redact(text: String, patterns: &[&Regex]) -> String {
    if patterns.is_empty() {
        return text;
    }
    let Some(mut plain) = decode(&text) else {
        return replace(text, patterns);
    };
    let is_found = |text: &str| patterns.iter().any(|pattern| pattern.is_match(text));
    let mut found = is_found(&text);
    for _ in 0..ENCODED {
        found = found || is_found(&plain);
        match decode(&plain) {
            _ if found => break,
            Some(decoded) => plain = decoded,
            None => return text,
        }
    }
    REDACTED.to_owned()
}

fn replace(text: String, patterns: &[&Regex]) -> String {
    patterns
        .iter()
        .fold(text, |text, pattern| match pattern.find(&text) {
            Some(_) => pattern.replace_all(&text, REDACTED).into_owned(),
            None => text,
        })
}

/// A text without its percent-encoding (RFC 3986, 2.1) and without escapes as JSON and most languages write them; `None` if
/// it has none.
fn decode(text: &str) -> Option<String> {
    let mut decoded = Vec::new();
    let mut is_encoded = false;
    let mut rest = text;
    while let Some(place) = rest.find(['%', '\\']) {
        let (before, encoded) = rest.split_at_checked(place)?;
        decoded.extend_from_slice(before.as_bytes());
        if let Some((byte, after)) = digits(encoded, "%", 2) {
            decoded.push(u8::try_from(byte).unwrap_or(b'?'));
            (is_encoded, rest) = (true, after);
        } else if let Some((code, after)) = digits(encoded, "\\u", 4) {
            let letter = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            decoded.extend_from_slice(letter.to_string().as_bytes());
            (is_encoded, rest) = (true, after);
        } else {
            let (sign, after) = encoded.split_at_checked(1)?;
            decoded.extend_from_slice(sign.as_bytes());
            rest = after;
        }
    }
    decoded.extend_from_slice(rest.as_bytes());
    is_encoded.then(|| String::from_utf8_lossy(&decoded).into_owned())
}

/// The number that so many hexadecimal digits after `sign` are, and what follows them.
fn digits<'a>(text: &'a str, sign: &str, count: usize) -> Option<(u32, &'a str)> {
    let (digits, after) = text.strip_prefix(sign)?.split_at_checked(count)?;
    let all = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let number = u32::from_str_radix(digits, 16).ok().filter(|_| all)?;
    Some((number, after))
}

fn compile(key: &str, patterns: &[&str]) -> Result<Vec<Regex>, StartError> {
    let compiled = patterns.iter().map(|pattern| {
        Regex::new(pattern).map_err(|error| StartError::Setting {
            key: key.to_owned(),
            why: format!("`{pattern}` is no pattern: {error}"),
        })
    });
    compiled.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BASE: Capture = Capture {
        tools: &["pay*"],
        arguments: true,
        result: true,
        ..Capture::DEFAULT
    };
    const PAY: CaptureTarget<'static> = Some((Kind::Tool, "pay_out"));

    fn words(
        digests: bool,
        everywhere: &'static [&'static str],
        contents: Capture,
    ) -> CapturePolicy {
        let mut settings = Settings::DEFAULT;
        settings.audit.digests = digests;
        settings.audit.redact_patterns = everywhere;
        settings.capture = vec![contents].leak();
        CapturePolicy::start(Box::leak(Box::new(settings))).unwrap()
    }

    /// What is recorded of `arguments` with these pointers and patterns.
    fn shown(
        hide: &'static [&'static str],
        redact: &'static [&'static str],
        arguments: &Value,
    ) -> Value {
        let contents = Capture {
            redact_paths: hide,
            redact_patterns: redact,
            ..BASE
        };
        let said = words(false, &[], contents)
            .arguments(PAY, arguments)
            .unwrap();
        serde_json::from_str(&said.content.unwrap()).unwrap()
    }

    #[test]
    fn a_digest_is_of_the_canonical_json_before_anything_is_redacted() {
        let arguments = json!({ "b": [1.0, "\u{e9}", null], "a": { "card": "4111111111111111" } });
        let canonical = "{\"a\":{\"card\":\"4111111111111111\"},\"b\":[1,\"\u{e9}\",null]}";
        let contents = Capture {
            redact_paths: &["/a"],
            redact_patterns: &[r"\d+"],
            ..BASE
        };
        let said = words(true, &["."], contents)
            .arguments(PAY, &arguments)
            .unwrap();
        assert_eq!(said.sha256, Some(sha256(canonical.as_bytes())));
        assert!(!said.content.unwrap().contains("4111"));
    }

    #[test]
    fn a_digest_of_a_result_leaves_its_metadata_out() {
        let result = json!({ "content": [], "_meta": { "a": 1 } });
        let said = words(true, &[], BASE)
            .result(PAY, result.as_object().unwrap())
            .unwrap();
        assert_eq!(said.sha256, Some(sha256(b"{\"content\":[]}")));
        assert_eq!(said.content.as_deref(), Some("{\"content\":[]}"));
    }

    #[test]
    fn words_are_in_an_event_only_where_configured() {
        let none = [
            None,
            Some((Kind::Tool, "refund")),
            Some((Kind::Prompt, "pay_out")),
            Some((Kind::Resource, "pay_out")),
        ];
        for whose in none {
            assert_eq!(words(false, &[], BASE).arguments(whose, &json!({})), None);
        }
        let only_result = Capture {
            arguments: false,
            ..BASE
        };
        assert_eq!(
            words(false, &[], only_result).arguments(PAY, &json!({})),
            None
        );
        assert!(
            words(false, &[], only_result)
                .result(PAY, &Map::new())
                .is_some()
        );
    }

    #[test]
    fn pointers_hide_what_they_point_to() {
        let arguments = json!({
            "card": { "number": "4111", "holder": "Ada" },
            "items": [{ "ssn": 1, "x": 1 }, { "ssn": [2], "x": 2 }],
            "a/b": { "m~n": "s", "": "t" },
            "*": "u",
        });
        for (pointer, hidden) in [
            ("/card/number", vec!["/card/number"]),
            ("/card", vec!["/card"]),
            ("/items/*/ssn", vec!["/items/0/ssn", "/items/1/ssn"]),
            ("/items/1/x", vec!["/items/1/x"]),
            ("/items/*", vec!["/items/0", "/items/1"]),
            ("/a~1b/m~0n", vec!["/a~1b/m~0n"]),
            ("/a~1b/", vec!["/a~1b/"]),
            ("/*/number", vec!["/card/number"]),
            ("/absent", vec![]),
            ("/card/number/deeper", vec![]),
            ("/items/2/x", vec![]),
            ("/items/-", vec![]),
        ] {
            let mut expected = arguments.clone();
            for place in hidden {
                *expected.pointer_mut(place).unwrap() = REDACTED.into();
            }
            let hide = vec![pointer].leak();
            assert_eq!(shown(hide, &[], &arguments), expected, "{pointer}");
        }
    }

    #[test]
    fn patterns_are_redacted_in_every_text() {
        const CARD: &[&str] = &[r"\b\d{13,19}\b"];
        let arguments = json!({
            "text": "card 4111111111111111, twice: 4111111111111111",
            "number": 4_111_111_111_111_111_u64,
            "4111111111111111": [{ "deep": "x4111111111111111" }, "4111111111111111"],
            "short": "411111111111",
        });
        assert_eq!(
            shown(&[], CARD, &arguments),
            json!({
                "text": "card [redacted], twice: [redacted]",
                "number": "[redacted]",
                "[redacted]": [{ "deep": "x4111111111111111" }, "[redacted]"],
                "short": "411111111111",
            })
        );
    }

    /// What a number looks like in the event counts, however it was sent.
    #[test]
    fn numbers_are_redacted_as_they_are_written() {
        for sent in [
            "4111111111111111",
            "4.111111111111111e15",
            "41111111111111110e0",
        ] {
            let number: Value = serde_json::from_str(sent).unwrap();
            assert_eq!(
                shown(&[], &[r"^41{12,}0?$"], &number),
                json!("[redacted]"),
                "{sent}"
            );
        }
    }

    #[test]
    fn encoding_hides_nothing() {
        const CARD: &[&str] = &[r"4\d{15}", "pa\u{df}wort"];
        for (sent, left) in [
            ("rules://%34111111111111111/a%20b", REDACTED),
            ("%2534111111111111111", REDACTED),
            ("pa%C3%9Fwort", REDACTED),
            ("%34%31%31%31111111111111", REDACTED),
            (r#"{"card":"\u0034111111111111111"}"#, REDACTED),
            (r"%5Cu0034111111111111111", REDACTED),
            ("4111111111111111 a%20b", REDACTED),
            ("100% of a%20b", "100% of a%20b"),
            (
                r"C:\users %zz4111111111111111%3",
                r"C:\users %zz[redacted]%3",
            ),
        ] {
            assert_eq!(shown(&[], CARD, &json!(sent)), json!(left), "{sent}");
        }
        // Half of it in one form and half in the other.
        assert_eq!(
            shown(&[], &[r"secret-\w+"], &json!("secret-ab%63def")),
            json!(REDACTED)
        );
        // Encoded once more than anybody has a reason to.
        let over_and_over = format!("%{}34111111111111111", "25".repeat(5));
        assert_eq!(shown(&[], CARD, &json!(over_and_over)), json!(REDACTED));
        let escaped: Value = serde_json::from_str(r#""\u0034111\u003111111111111""#).unwrap();
        assert_eq!(shown(&[], CARD, &escaped), json!(REDACTED));
    }

    #[test]
    fn what_is_too_long_is_left_out() {
        let contents = Capture {
            max_bytes: 64,
            redact_patterns: &["a+"],
            ..BASE
        };
        let words = words(false, &[], contents);
        let content = |length| {
            let said = words.arguments(PAY, &json!("a".repeat(length))).unwrap();
            said.content.unwrap()
        };
        assert_eq!(content(62), "\"[redacted]\"");
        assert_eq!(content(63), "[65 bytes]");
    }

    /// A tool's structured content is in its result twice, and for callers of old revisions as a text only.
    #[test]
    fn what_is_hidden_is_hidden_in_its_text_too() {
        let contents = Capture {
            redact_paths: &["/structuredContent/card/number"],
            ..BASE
        };
        let words = words(false, &[], contents);
        let structured = json!({ "card": { "number": "4111", "holder": "Ada" } });
        let hidden = json!({ "card": { "number": REDACTED, "holder": "Ada" } });
        let text = |value: &Value| json!([{ "type": "text", "text": value.to_string() }]);
        for (result, expected) in [
            (
                json!({ "content": text(&structured), "structuredContent": structured }),
                json!({ "content": [{ "type": "text", "text": String::from_utf8(canonical::to_vec(&hidden)).unwrap() }], "structuredContent": hidden }),
            ),
            (
                json!({ "content": text(&structured) }),
                json!({ "content": [{ "type": "text", "text": String::from_utf8(canonical::to_vec(&hidden)).unwrap() }] }),
            ),
            (
                json!({ "content": [{ "type": "text", "text": "{ \"other\": 1 }" }, { "type": "text", "text": "no JSON" }] }),
                json!({ "content": [{ "type": "text", "text": "{ \"other\": 1 }" }, { "type": "text", "text": "no JSON" }] }),
            ),
        ] {
            let said = words.result(PAY, result.as_object().unwrap()).unwrap();
            let content: Value = serde_json::from_str(&said.content.unwrap()).unwrap();
            assert_eq!(content, expected);
        }
    }

    #[test]
    fn sentences_and_names_are_redacted_and_bounded() {
        let words = words(false, &["hunter2"], BASE);
        assert_eq!(
            words.sentence("no hunter2 here".to_owned()),
            "no [redacted] here"
        );
        assert_eq!(words.name("hunter2 1.0"), "[redacted] 1.0");
        assert_eq!(words.name("sk_live_51H8xkd83jd93jd8"), "[redacted]");
        assert_eq!(words.sentence("hunter2".repeat(10_000)), "[70000 bytes]");
        assert_eq!(words.name(&"a ".repeat(1000)), "[2000 bytes]");
    }

    #[test]
    fn an_invalid_pattern_fails_the_start() {
        let mut settings = Settings::DEFAULT;
        settings.audit.redact_patterns = &["("];
        let error = CapturePolicy::start(Box::leak(Box::new(settings)))
            .err()
            .unwrap();
        assert!(
            error
                .to_string()
                .starts_with("audit.redact_patterns in mcp.toml: "),
            "{error}"
        );
    }
}
