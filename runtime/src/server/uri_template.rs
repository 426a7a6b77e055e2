//! URI templates, read backwards: from a URI to the variables (RFC 6570, levels 1 and 2 without
//! fragments: `{name}` and `{+name}`).

use std::fmt;

use serde_json::{Map, Value};

use crate::uri;

/// A template that has been checked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UriTemplate {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    /// In its normal form.
    Literal(String),
    /// `reserved`: a `{+name}`, which may span `/` and other reserved characters.
    Variable { name: String, reserved: bool },
}

/// Why a template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateError {
    #[error("a `{{` has no `}}`")]
    Unclosed,
    #[error("a `}}` has no `{{`")]
    Unopened,
    #[error("a `%` is followed by two hexadecimal digits, as in `%20`")]
    Percent,
    #[error("`{{{0}}}` is not supported; use {{name}} or {{+name}}")]
    Unsupported(String),
    #[error("it has no variable; use a resource with a fixed URI instead")]
    NoVariable,
    #[error("`{{{0}}}` follows another variable with nothing between them")]
    Adjacent(String),
    #[error("`{{{0}}}` is in it twice")]
    Twice(String),
}

impl UriTemplate {
    pub(crate) fn parse(template: &str) -> Result<Self, TemplateError> {
        let mut parts: Vec<Part> = Vec::new();
        let mut rest = template;
        while let Some((literal, after)) = rest.split_once('{') {
            let (expression, after) = after.split_once('}').ok_or(TemplateError::Unclosed)?;
            if !literal.is_empty() {
                parts.push(self::literal(literal)?);
            }
            let (name, reserved) = match expression.strip_prefix('+') {
                Some(name) => (name, true),
                None => (expression, false),
            };
            let named = !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if !named {
                return Err(TemplateError::Unsupported(expression.to_owned()));
            }
            if matches!(parts.last(), Some(Part::Variable { .. })) {
                return Err(TemplateError::Adjacent(expression.to_owned()));
            }
            let twice = parts
                .iter()
                .any(|part| matches!(part, Part::Variable { name: seen, .. } if seen == name));
            if twice {
                return Err(TemplateError::Twice(name.to_owned()));
            }
            parts.push(Part::Variable {
                name: name.to_owned(),
                reserved,
            });
            rest = after;
        }
        if parts.is_empty() {
            return Err(TemplateError::NoVariable);
        }
        if !rest.is_empty() {
            parts.push(literal(rest)?);
        }
        Ok(Self { parts })
    }

    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable { name, .. } => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// The variables of a URI in its normal form that fits; each takes as little as it can, the last one the rest.
    pub(crate) fn variables_of(&self, uri: &str) -> Option<Map<String, Value>> {
        let mut variables = Map::new();
        let mut rest = uri;
        let mut parts = self.parts.iter().peekable();
        while let Some(part) = parts.next() {
            match part {
                Part::Literal(literal) => rest = rest.strip_prefix(literal.as_str())?,
                Part::Variable { name, reserved } => {
                    let (value, after) = match parts.peek() {
                        Some(Part::Literal(literal)) => {
                            let last = parts.len() == 1;
                            let at = if last {
                                rest.len().checked_sub(literal.len())?
                            } else {
                                rest.find(literal.as_str())?
                            };
                            rest.split_at_checked(at)?
                        }
                        _ => (rest, ""),
                    };
                    if value.is_empty() || (!reserved && value.contains(['/', '?', '#'])) {
                        return None;
                    }
                    variables.insert(name.clone(), Value::from(uri::decode(value)?));
                    rest = after;
                }
            }
        }
        rest.is_empty().then_some(variables)
    }
}

/// As it is written in its normal form.
impl fmt::Display for UriTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Literal(literal) => f.write_str(literal),
            Part::Variable { name, reserved } => {
                write!(f, "{{{}{name}}}", if *reserved { "+" } else { "" })
            }
        })
    }
}

fn literal(text: &str) -> Result<Part, TemplateError> {
    if text.contains('}') {
        return Err(TemplateError::Unopened);
    }
    let literal = uri::normal(text).ok_or(TemplateError::Percent)?;
    Ok(Part::Literal(literal.into_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn variables(template: &str, uri: &str) -> Option<Value> {
        UriTemplate::parse(template)
            .unwrap()
            .variables_of(uri)
            .map(Value::Object)
    }

    #[test]
    fn a_variable_is_the_text_in_its_place() {
        assert_eq!(
            variables("test://template/{id}/data", "test://template/123/data"),
            Some(json!({"id": "123"}))
        );
        assert_eq!(
            variables("a://{x}/{y}", "a://1/2"),
            Some(json!({"x": "1", "y": "2"}))
        );
        assert_eq!(
            variables("a://{x}", "a://caf%C3%A9"),
            Some(json!({"x": "café"}))
        );
        assert_eq!(
            variables("file:///{+path}", "file:///a/b.txt"),
            Some(json!({"path": "a/b.txt"}))
        );
    }

    #[test]
    fn what_does_not_fit_is_nothing() {
        for uri in ["a://", "b://1", "a://1/2", "a://1?x", "a://%zz", "a://%ff"] {
            assert_eq!(variables("a://{x}", uri), None, "{uri}");
        }
        assert_eq!(variables("a://{x}/data", "a:///data"), None);
        assert_eq!(variables("a://{x}/data", "a://1/data/data"), None);
    }

    #[test]
    fn templates_that_cannot_be_read_backwards_are_refused() {
        for template in [
            "a://{x",
            "a://{?x}",
            "a://{}",
            "a://x",
            "a://{x}{y}",
            "a://{x}/{x}",
            "a://x}/{y}",
            "a://{x}/100%",
        ] {
            assert!(UriTemplate::parse(template).is_err(), "{template}");
        }
    }

    #[test]
    fn literals_are_in_their_normal_form() {
        let template = UriTemplate::parse("docs://Straße/a b/%7e{id}/{+path}").unwrap();
        let text = "docs://Stra%C3%9Fe/a%20b/~{id}/{+path}";
        assert_eq!(template.to_string(), text);
        assert_eq!(UriTemplate::parse(text).unwrap(), template);
        let uri = "docs://Stra%C3%9Fe/a%20b/~1/x%20y/z";
        let expected = json!({ "id": "1", "path": "x y/z" });
        assert_eq!(template.variables_of(uri), expected.as_object().cloned());
    }

    proptest! {
        #[test]
        fn never_panics(template in ".{0,20}", uri in ".{0,20}") {
            if let Ok(template) = UriTemplate::parse(&template) {
                let _ = template.variables_of(&uri);
            }
        }

        #[test]
        fn finds_the_values_of_an_expanded_template(x in "[a-z0-9]{1,8}", y in "[a-z0-9]{1,8}") {
            let template = UriTemplate::parse("a://{x}/{y}.json").unwrap();
            let found = template.variables_of(&format!("a://{x}/{y}.json")).unwrap();
            prop_assert_eq!(Value::Object(found), json!({"x": x, "y": y}));
        }
    }
}
