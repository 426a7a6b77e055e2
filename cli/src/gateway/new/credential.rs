//! The credential that a document asks for, as a setting.

use std::collections::BTreeSet;

use http::HeaderName;
use mcp_edge_catalog::request::is_forbidden_header;
use serde_json::Value as Json;

use super::document::{Facts, Listed};
use super::quoted::quoted;
use crate::style::shown;

/// One scheme, as far as an upstream can have it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Credential {
    Header(String),
    Query(String),
    Token,
    Basic,
    /// No setting has it.
    None(String),
}

/// The lines of `[upstreams.NAME]` about the credential. Secrets are named after `upstream`.
pub(super) fn lines(facts: &Facts<'_>, operations: &[&Listed<'_>], upstream: &str) -> Vec<String> {
    let name = upstream.to_ascii_uppercase().replace('-', "_");
    let alternatives: Vec<Vec<(&str, Credential)>> = operations
        .iter()
        .flat_map(|operation| operation.security.into_iter().flatten())
        .filter_map(Json::as_object)
        .map(|schemes| {
            let schemes = schemes.keys();
            schemes
                .map(|scheme| (&**scheme, credential(facts.scheme(scheme))))
                .collect()
        })
        .collect();
    let is_usable = |alternative: &&Vec<(&str, Credential)>| {
        !alternative.is_empty() && is_one_authorization(alternative)
    };
    let chosen = alternatives.iter().find(is_usable);
    let mut lines = Vec::new();
    let mut headers = Vec::new();
    let mut query = Vec::new();
    let one = |of: &[String], index: usize, end: &str| match (of.len(), index) {
        (1, _) => format!("{name}_{end}"),
        (_, index) => format!("{name}_{end}_{}", index.saturating_add(1)),
    };
    for (_, credential) in chosen.into_iter().flatten() {
        match credential {
            Credential::Header(header) => headers.push(header.clone()),
            Credential::Query(parameter) => query.push(parameter.clone()),
            Credential::Token => lines.push(format!("token = {{ secret = \"{name}_TOKEN\" }}")),
            Credential::Basic => lines.extend([
                format!("username = {{ variable = \"{name}_USERNAME\" }}"),
                format!("password = {{ secret = \"{name}_PASSWORD\" }}"),
            ]),
            Credential::None(_) => {}
        }
    }
    for (key, of, end) in [("headers", &headers, "KEY"), ("query", &query, "QUERY_KEY")] {
        let entries: Vec<_> = of
            .iter()
            .enumerate()
            .map(|(index, item)| {
                format!(
                    "{} = {{ secret = \"{}\" }}",
                    quoted(item),
                    one(of, index, end)
                )
            })
            .collect();
        if !entries.is_empty() {
            lines.push(format!("{key} = {{ {} }}", entries.join(", ")));
        }
    }
    if !lines.is_empty() {
        lines.insert(
            0,
            "# The secrets that the document asks for: names of secrets of the host, never the secrets themselves.".to_owned(),
        );
    }
    let used: BTreeSet<&str> = chosen
        .into_iter()
        .flatten()
        .map(|(name, _)| *name)
        .collect();
    let others: BTreeSet<_> = alternatives.iter().flatten().collect();
    let others = others.into_iter().filter(|(name, _)| !used.contains(name));
    for (scheme, credential) in others.take(8) {
        let why = match credential {
            Credential::None(why) => why,
            _ if chosen.is_some() => "another way to sign in, which is not used",
            _ => "not used",
        };
        lines.push(format!(
            "# The document's scheme {}: {why}.",
            shown(&quoted(scheme))
        ));
    }
    lines
}

/// Whether an upstream can have all of these: each of them, and `Authorization` once.
fn is_one_authorization(alternative: &[(&str, Credential)]) -> bool {
    let mut authorizations = 0_usize;
    for (_, credential) in alternative {
        match credential {
            Credential::None(_) => return false,
            Credential::Token | Credential::Basic => {
                authorizations = authorizations.saturating_add(1)
            }
            Credential::Header(header) if header.eq_ignore_ascii_case("authorization") => {
                authorizations = authorizations.saturating_add(1);
            }
            Credential::Header(_) | Credential::Query(_) => {}
        }
    }
    authorizations <= 1
}

fn credential(scheme: Option<&Json>) -> Credential {
    let Some(scheme) = scheme else {
        return Credential::None("the document does not define it".to_owned());
    };
    let text = |name: &str| scheme.get(name).and_then(Json::as_str).unwrap_or_default();
    let none = |why: &str| Credential::None(why.to_owned());
    match (text("type"), text("in")) {
        ("apiKey", "header") => {
            let header = text("name").to_ascii_lowercase();
            let is_own = header == "authorization" || !is_forbidden_header(&header);
            match HeaderName::from_bytes(header.as_bytes()).is_ok() && is_own {
                true => Credential::Header(text("name").to_owned()),
                false => none("a gateway does not set this header"),
            }
        }
        ("apiKey", "query") if !text("name").is_empty() => {
            Credential::Query(text("name").to_owned())
        }
        ("apiKey", "cookie") => {
            none("a gateway sends no credential as a cookie; ask for a key in a header")
        }
        ("http", _) if text("scheme").eq_ignore_ascii_case("bearer") => Credential::Token,
        ("http", _) if text("scheme").eq_ignore_ascii_case("basic") => Credential::Basic,
        ("oauth2" | "openIdConnect", _) => none(
            "OAuth 2.0. The gateway never sends the caller's token to an API. Ask the API's operator for a secret that does not expire, \
             and set token = { secret = … }, or place a proxy in front that signs in with client credentials",
        ),
        ("mutualTLS", _) => none(
            "a client certificate, which the host presents: a Worker by an mTLS binding, a process by a proxy in front of the API",
        ),
        _ => none("of a kind that a gateway does not have"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lines_of(schemes: &Json, security: &Json) -> Vec<String> {
        let document = json!({
            "paths": { "/a": { "get": { "security": security } } },
            "components": { "securitySchemes": schemes },
        });
        let facts = Facts::of(&document);
        let operations = facts.operations();
        let operations: Vec<_> = operations.iter().collect();
        let lines = lines(&facts, &operations, "or-ders");
        let lines = lines
            .into_iter()
            .filter(|line| !line.starts_with("# The secrets"));
        lines.collect()
    }

    #[test]
    fn credentials_are_named_and_never_written() {
        let schemes = json!({
            "key": { "type": "apiKey", "in": "header", "name": "X-Api-Key" },
            "id": { "type": "apiKey", "in": "header", "name": "X-Client-Id" },
            "q": { "type": "apiKey", "in": "query", "name": "api key" },
            "c": { "type": "apiKey", "in": "cookie", "name": "session" },
            "host": { "type": "apiKey", "in": "header", "name": "Host" },
            "bearer": { "type": "http", "scheme": "Bearer" },
            "basic": { "type": "http", "scheme": "basic" },
            "oauth": { "type": "oauth2", "flows": {} },
            "evil\n[x]": { "type": "oauth2" },
        });
        for (security, expected) in [
            (
                json!([{ "key": [] }]),
                vec![r#"headers = { "X-Api-Key" = { secret = "OR_DERS_KEY" } }"#],
            ),
            (
                json!([{ "key": [], "id": [] }]),
                vec![
                    r#"headers = { "X-Client-Id" = { secret = "OR_DERS_KEY_1" }, "X-Api-Key" = { secret = "OR_DERS_KEY_2" } }"#,
                ],
            ),
            (
                json!([{ "q": [] }]),
                vec![r#"query = { "api key" = { secret = "OR_DERS_QUERY_KEY" } }"#],
            ),
            (
                json!([{ "bearer": [] }]),
                vec![r#"token = { secret = "OR_DERS_TOKEN" }"#],
            ),
            (
                json!([{ "basic": [] }]),
                vec![
                    r#"username = { variable = "OR_DERS_USERNAME" }"#,
                    r#"password = { secret = "OR_DERS_PASSWORD" }"#,
                ],
            ),
            (json!([]), vec![]),
            (json!([{}]), vec![]),
        ] {
            let mut found = lines_of(&schemes, &security);
            found.sort();
            let mut expected: Vec<_> = expected.into_iter().map(str::to_owned).collect();
            expected.sort();
            let same = found.len() == expected.len()
                && found.iter().zip(&expected).all(|(found, expected)| {
                    // The order of schemes in one alternative is that of the reader of JSON.
                    let sorted = |text: &str| {
                        let mut bytes = text.as_bytes().to_vec();
                        bytes.sort_unstable();
                        bytes
                    };
                    sorted(found) == sorted(expected)
                });
            assert!(same, "{security}: {found:#?}");
        }
        let oauth = lines_of(&schemes, &json!([{ "oauth": [] }, { "bearer": [] }]));
        assert_eq!(oauth.len(), 2, "{oauth:?}");
        assert!(oauth[0].starts_with("token ="), "{oauth:?}");
        assert!(
            oauth[1].contains("never sends the caller's token"),
            "{oauth:?}"
        );
        for name in ["c", "host", "evil\n[x]", "absent"] {
            let [line] = lines_of(&schemes, &json!([{ name: [] }]))
                .try_into()
                .unwrap();
            let line: String = line;
            assert!(line.starts_with("# ") && !line.contains('\n'), "{line}");
        }
    }
}
