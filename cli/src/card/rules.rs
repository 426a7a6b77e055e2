//! What a Server Card must be (SEP-2127).

use mcp_edge_runtime::discovery::card::{SCHEMA, fits, is_name, is_version};
use serde_json::{Map, Value as Json};

/// What is wrong with `card`, as sentences; nothing where it is valid.
pub(crate) fn faults(card: &Json) -> String {
    let mut faults = CardProblems(Vec::new());
    let Some(members) = card.as_object() else {
        return "the card must be a JSON object.".to_owned();
    };
    faults.card(&Part {
        place: String::new(),
        members,
    });
    faults.0.join(" ")
}

struct CardProblems(Vec<String>);

/// An object within the card, and where it is.
struct Part<'a> {
    place: String,
    members: &'a Map<String, Json>,
}

impl Part<'_> {
    fn place(&self, name: &str) -> String {
        match self.place.as_str() {
            "" => name.to_owned(),
            place => format!("{place}.{name}"),
        }
    }
}

impl CardProblems {
    fn card(&mut self, card: &Part<'_>) {
        self.needs(card, &["$schema", "name", "version", "description"]);
        self.text(card, "$schema", |text| text == SCHEMA, SCHEMA);
        self.text(card, "name", is_name, "a namespace, a slash and a name");
        self.text(card, "version", is_version, "one version and no range");
        for name in ["title", "description"] {
            self.text(card, name, fits, "1 to 100 characters long");
        }
        self.text(card, "websiteUrl", is_uri, "a URI");
        if let Some(repository) = self.object(card, "repository") {
            self.needs(&repository, &["url", "source"]);
            self.text(&repository, "url", is_uri, "a URI");
            for name in ["source", "subfolder", "id"] {
                self.any_text(&repository, name);
            }
        }
        for icon in self.objects(card, "icons") {
            self.needs(&icon, &["src"]);
            self.text(&icon, "src", is_uri, "a URI");
            self.any_text(&icon, "mimeType");
            self.texts(&icon, "sizes");
            self.one_of(&icon, "theme", &["light", "dark"]);
        }
        for remote in self.objects(card, "remotes") {
            self.remote(&remote);
        }
        self.object(card, "_meta");
    }

    fn remote(&mut self, remote: &Part<'_>) {
        self.needs(remote, &["type", "url"]);
        self.one_of(remote, "type", &["streamable-http", "sse"]);
        self.text(remote, "url", is_remote, "an http or https URL");
        self.texts(remote, "supportedProtocolVersions");
        for header in self.objects(remote, "headers") {
            self.needs(&header, &["name"]);
            self.any_text(&header, "name");
            self.input(&header);
            self.inputs(&header);
        }
        self.inputs(remote);
    }

    /// What a person is asked for, by the names of places in a URL or a header.
    fn inputs(&mut self, part: &Part<'_>) {
        let Some(variables) = self.object(part, "variables") else {
            return;
        };
        for name in variables.members.keys() {
            if let Some(input) = self.object(&variables, name) {
                self.input(&input);
            }
        }
    }

    fn input(&mut self, input: &Part<'_>) {
        for name in ["description", "default", "placeholder", "value"] {
            self.any_text(input, name);
        }
        for name in ["isRequired", "isSecret"] {
            self.expect(input, name, Json::is_boolean, "true or false");
        }
        self.one_of(
            input,
            "format",
            &["string", "number", "boolean", "filepath"],
        );
        self.texts(input, "choices");
    }

    fn needs(&mut self, part: &Part<'_>, names: &[&str]) {
        let missing = names
            .iter()
            .filter(|name| !part.members.contains_key(**name));
        let missing = missing.map(|name| format!("`{}` is missing.", part.place(name)));
        self.0.extend(missing);
    }

    fn expect(&mut self, part: &Part<'_>, name: &str, fits: impl Fn(&Json) -> bool, must: &str) {
        let is_wrong = part.members.get(name).is_some_and(|value| !fits(value));
        if is_wrong {
            self.0
                .push(format!("`{}` must be {must}.", part.place(name)));
        }
    }

    fn text(&mut self, part: &Part<'_>, name: &str, fits: fn(&str) -> bool, must: &str) {
        self.expect(part, name, |value| value.as_str().is_some_and(fits), must);
    }

    fn any_text(&mut self, part: &Part<'_>, name: &str) {
        self.expect(part, name, Json::is_string, "a text");
    }

    fn one_of(&mut self, part: &Part<'_>, name: &str, words: &[&str]) {
        let fits = |value: &Json| value.as_str().is_some_and(|word| words.contains(&word));
        self.expect(part, name, fits, &format!("one of {}", words.join(", ")));
    }

    fn texts(&mut self, part: &Part<'_>, name: &str) {
        let fits = |value: &Json| {
            let texts = value.as_array();
            texts.is_some_and(|texts| texts.iter().all(Json::is_string))
        };
        self.expect(part, name, fits, "a list of texts");
    }

    fn object<'a>(&mut self, part: &Part<'a>, name: &str) -> Option<Part<'a>> {
        self.expect(part, name, Json::is_object, "an object");
        Some(Part {
            place: part.place(name),
            members: part.members.get(name)?.as_object()?,
        })
    }

    fn objects<'a>(&mut self, part: &Part<'a>, name: &str) -> Vec<Part<'a>> {
        self.expect(part, name, Json::is_array, "a list");
        let entries = part.members.get(name).and_then(Json::as_array);
        let mut parts = Vec::new();
        for (position, entry) in entries.into_iter().flatten().enumerate() {
            let place = format!("{}[{position}]", part.place(name));
            match entry.as_object() {
                Some(members) => parts.push(Part { place, members }),
                None => self.0.push(format!("`{place}` must be an object.")),
            }
        }
        parts
    }
}

/// As the schema's `format` has it: something with a scheme.
fn is_uri(text: &str) -> bool {
    text.parse::<http::Uri>()
        .is_ok_and(|uri| uri.scheme().is_some())
}

/// The beginning of a URL may be left to a variable: `{base}/mcp`.
fn is_remote(text: &str) -> bool {
    let has_scheme = ["https://", "http://"].iter().any(|scheme| {
        let rest = text.strip_prefix(scheme);
        rest.is_some_and(|rest| !rest.is_empty())
    });
    let begins_with_a_variable = text
        .strip_prefix('{')
        .and_then(|rest| rest.split_once('}'))
        .is_some_and(|(name, _)| {
            name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        });
    (has_scheme || begins_with_a_variable) && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn card() -> Json {
        json!({
            "$schema": "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json",
            "name": "com.example/weather",
            "version": "1.2.0",
            "title": "Weather",
            "description": "Forecasts and alerts for any location.",
            "repository": { "url": "https://git.example.com/weather", "source": "git" },
            "icons": [{ "src": "https://example.com/icon.png", "sizes": ["48x48"], "theme": "dark" }],
            "remotes": [{
                "type": "streamable-http",
                "url": "https://{region}.example.com/mcp",
                "headers": [{ "name": "X-Key", "isSecret": true, "variables": { "key": { "format": "string" } } }],
                "variables": { "region": { "choices": ["eu", "us"] } },
                "supportedProtocolVersions": ["2026-07-28"],
            }],
            "_meta": { "com.example/more": 1 },
            "unknown": true,
        })
    }

    #[test]
    fn a_card_of_every_member_is_valid() {
        assert_eq!(faults(&card()), "");
    }

    #[test]
    fn what_the_standard_forbids_is_named() {
        for (pointer, value, place) in [
            ("/$schema", json!("https://example.com/schema"), "$schema"),
            ("/name", json!("weather"), "name"),
            ("/name", json!("com.example/we/ather"), "name"),
            ("/version", json!("v".repeat(256)), "version"),
            ("/version", json!("^1.2"), "version"),
            ("/version", json!("1.x"), "version"),
            ("/description", json!(""), "description"),
            ("/description", json!("d".repeat(101)), "description"),
            ("/title", json!(""), "title"),
            (
                "/repository",
                json!({ "url": "https://git.example.com" }),
                "repository",
            ),
            ("/icons/0/theme", json!("blue"), "icons[0].theme"),
            ("/remotes/0/type", json!("stdio"), "remotes[0].type"),
            (
                "/remotes/0/url",
                json!("ftp://example.com"),
                "remotes[0].url",
            ),
            ("/remotes/0/headers/0", json!({}), "remotes[0].headers[0]"),
            (
                "/remotes/0/variables/region/format",
                json!("date"),
                "remotes[0].variables.region.format",
            ),
            ("/_meta", json!([]), "_meta"),
        ] {
            let mut card = card();
            match card.pointer_mut(pointer) {
                Some(place) => *place = value,
                None => {
                    let (parent, name) = pointer.rsplit_once('/').unwrap();
                    card.pointer_mut(parent).unwrap()[name] = value;
                }
            }
            let faults = faults(&card);
            assert!(faults.contains(place), "{pointer}: {faults}");
        }
        for member in ["$schema", "name", "version", "description"] {
            let mut card = card();
            card.as_object_mut().unwrap().remove(member);
            assert!(faults(&card).contains(member), "{member}");
        }
        assert!(!faults(&json!([])).is_empty());
    }

    /// The official examples are not part of this repository; where they are at hand, they are judged as they say.
    #[test]
    fn the_official_examples_are_judged_as_they_say() {
        let folder = std::env::var_os("MCP_EDGE_SCHEMAS").map_or_else(
            || {
                std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join("../../shared/reference/schemas")
            },
            std::path::PathBuf::from,
        );
        let folder = folder.join("server-card-examples/ServerCard");
        if !folder.is_dir() {
            eprintln!(
                "the official examples of cards are not judged; set MCP_EDGE_SCHEMAS to the folder of the schemas"
            );
            return;
        }
        for (kind, is_valid) in [("valid", true), ("invalid", false)] {
            for entry in std::fs::read_dir(folder.join(kind)).unwrap() {
                let path = entry.unwrap().path();
                let card = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
                let faults = faults(&card);
                assert_eq!(faults.is_empty(), is_valid, "{}: {faults}", path.display());
            }
        }
    }
}
