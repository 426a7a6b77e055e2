//! Writes a value in each style at each place (OpenAPI 3.1, Style Values and Style Examples).

use serde_json::Value;

use super::{MAX_DEEP_OBJECT_DEPTH, headers, names, path, percent, value};
use crate::{Encoding, Location, Style};

pub(super) const SEPARATOR_RULE: &str = "must have items and names without the character that separates them: the server would read one item as two";
pub(super) const NAME_RULE: &str = "must have member names that are not empty, do not contain `[`, `]` or control characters, and are not read as another parameter";
const DEPTH_RULE: &str = "must be at most 8 levels deep";

/// The place of a value in a request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'a> {
    Path {
        allow_slash: bool,
        /// As for the query, in `matrix` style.
        taken: &'a [&'a str],
    },
    /// The query, or a form.
    Query {
        /// The names of the place: the members of an argument must not be read as one of them.
        taken: &'a [&'a str],
    },
    Header,
    Cookie,
}

/// Whether a place has a style (OpenAPI 3.1, Style Values).
pub(super) fn has_style(location: Location, encoding: Encoding) -> bool {
    let Encoding::Style { style, .. } = encoding else {
        return true;
    };
    match location {
        Location::Path => matches!(style, Style::Simple | Style::Label | Style::Matrix),
        Location::Query => !matches!(style, Style::Simple | Style::Label | Style::Matrix),
        Location::Header => style == Style::Simple,
        Location::Cookie => style == Style::Form,
    }
}

/// The layout of a value's parts.
struct Layout {
    /// The text before the first.
    prefix: &'static str,
    /// The text between two.
    separator: &'static str,
    /// The place of the parameter's name.
    named: Named,
    /// Whether members are written `name=value`, and not as two parts.
    pairs: bool,
}

#[derive(PartialEq)]
enum Named {
    Never,
    /// Before the first part.
    Once,
    /// Before each, but for members, which have their own.
    Each,
}

/// The table of the styles. `None` is `deepObject`, whose parts are not in a row.
fn layout(style: Style, explode: bool) -> Option<Layout> {
    use Named::{Each, Never, Once};
    let (prefix, separator, named) = match (style, explode) {
        (Style::Simple, _) => ("", ",", Never),
        (Style::Label, false) => (".", ",", Never),
        (Style::Label, true) => (".", ".", Never),
        (Style::Matrix, false) => (";", ",", Once),
        (Style::Matrix, true) => (";", ";", Each),
        (Style::Form, false) => ("", ",", Once),
        (Style::SpaceDelimited, false) => ("", "%20", Once),
        (Style::PipeDelimited, false) => ("", "%7C", Once),
        (Style::Form | Style::SpaceDelimited | Style::PipeDelimited, true) => ("", "&", Each),
        (Style::DeepObject, _) => return None,
    };
    Some(Layout {
        prefix,
        separator,
        named,
        pairs: explode,
    })
}

/// Writes a parameter; `None` if its value is an empty array or object, which no style has a form for. The error is the rule that
/// the value breaks.
pub(super) fn write(
    name: &str,
    encoding: Encoding,
    place: Place<'_>,
    value: &Value,
) -> Result<Option<String>, &'static str> {
    let writer = Writer {
        place,
        allow_reserved: false,
    };
    match encoding {
        Encoding::Json => {
            let text = writer.text(&value.to_string())?;
            Ok(Some(match place {
                Place::Path { .. } | Place::Header => text,
                Place::Query { .. } | Place::Cookie => format!("{}={text}", writer.name(name)),
            }))
        }
        Encoding::Style {
            style,
            explode,
            allow_reserved,
        } => {
            let writer = Writer {
                place,
                allow_reserved,
            };
            // A header is one value, and two cookies with one name are one too many.
            let explode = explode && !matches!(place, Place::Cookie);
            match layout(style, explode) {
                Some(layout) => writer.row(name, &layout, value),
                None => writer.deep(name, value),
            }
        }
    }
}

struct Writer<'a> {
    place: Place<'a>,
    allow_reserved: bool,
}

impl Writer<'_> {
    fn text(&self, text: &str) -> Result<String, &'static str> {
        match self.place {
            Place::Path { allow_slash, .. } => path::encode(text, allow_slash),
            Place::Query { .. } if self.allow_reserved => Ok(percent::encode_reserved(text)),
            Place::Query { .. } => Ok(percent::encode(text)),
            Place::Header => headers::check_value(text).map(str::to_owned),
            Place::Cookie => headers::check_cookie(text).map(str::to_owned),
        }
    }

    /// The name of the parameter.
    fn name(&self, name: &str) -> String {
        match self.place {
            Place::Path { .. } | Place::Query { .. } => percent::encode(name),
            Place::Header | Place::Cookie => name.to_owned(),
        }
    }

    /// Writes the parts of a value one after another.
    fn row(
        &self,
        name: &str,
        layout: &Layout,
        value: &Value,
    ) -> Result<Option<String>, &'static str> {
        let written_name = self.name(name);
        let parts = match value {
            Value::Array(items) => {
                let items = items.iter().filter(|item| !item.is_null());
                let mut parts = Vec::new();
                for item in items {
                    let item = self.item(item, layout)?;
                    parts.push(match layout.named {
                        Named::Each => format!("{written_name}={item}"),
                        _ => item,
                    });
                }
                parts
            }
            Value::Object(members) => {
                let mut parts = Vec::new();
                for (member, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                    let member = self.member(name, member, layout)?;
                    let value = self.item(value, layout)?;
                    if layout.pairs {
                        parts.push(format!("{member}={value}"));
                    } else {
                        parts.extend([member, value]);
                    }
                }
                parts
            }
            value => {
                let text = self.text(&value::text(value))?;
                vec![match layout.named {
                    Named::Each => format!("{written_name}={text}"),
                    _ => text,
                }]
            }
        };
        if parts.is_empty() {
            return Ok(None);
        }
        let parts = parts.join(layout.separator);
        Ok(Some(match layout.named {
            Named::Once => format!("{}{written_name}={parts}", layout.prefix),
            _ => format!("{}{parts}", layout.prefix),
        }))
    }

    /// Writes one of several parts.
    fn item(&self, value: &Value, layout: &Layout) -> Result<String, &'static str> {
        // The separator of a row is one of the reserved characters.
        let writer = Self {
            place: self.place,
            allow_reserved: self.allow_reserved && layout.separator == "&",
        };
        let text = writer.text(&value::text(value))?;
        if text.contains(layout.separator) {
            return Err(SEPARATOR_RULE);
        }
        Ok(text)
    }

    /// Writes the name of a member.
    fn member(&self, name: &str, member: &str, layout: &Layout) -> Result<String, &'static str> {
        if layout.named == Named::Each {
            // The member is a parameter itself.
            if member.is_empty() || member.starts_with([' ', '[', '.']) || has_controls(member) {
                return Err(NAME_RULE);
            }
            self.check_name(name, member)?;
        }
        let writer = Self {
            place: self.place,
            allow_reserved: false,
        };
        let text = writer.text(member)?;
        if text.contains(layout.separator) || text.contains('=') {
            return Err(SEPARATOR_RULE);
        }
        Ok(text)
    }

    /// Checks that `written`, which members of the parameter `name` are called in the request, is not read as another parameter.
    fn check_name(&self, name: &str, written: &str) -> Result<(), &'static str> {
        let (Place::Query { taken } | Place::Path { taken, .. }) = self.place else {
            return Ok(());
        };
        match names::is_taken(name, written, taken) {
            true => Err(NAME_RULE),
            false => Ok(()),
        }
    }

    /// Writes `name[member]=value` for each value in an object, however deep. OpenAPI does not define arrays in it: here an array
    /// is `name[]=value` for each item, and `name[0][member]=value` if items are arrays or objects themselves.
    fn deep(&self, name: &str, value: &Value) -> Result<Option<String>, &'static str> {
        let mut parts = Vec::new();
        self.deep_parts(name, value, MAX_DEEP_OBJECT_DEPTH, &mut parts)?;
        let mut written = Vec::new();
        for (part, text) in parts {
            self.check_name(name, &part)?;
            written.push(format!("{}={text}", percent::encode(&part)));
        }
        Ok((!written.is_empty()).then(|| written.join("&")))
    }

    fn deep_parts(
        &self,
        name: &str,
        value: &Value,
        depth: usize,
        parts: &mut Vec<(String, String)>,
    ) -> Result<(), &'static str> {
        let below = depth.checked_sub(1).ok_or(DEPTH_RULE);
        match value {
            Value::Null => {}
            Value::Array(items) => {
                let has_indices = items.iter().any(|item| item.is_array() || item.is_object());
                for (place, item) in items.iter().enumerate() {
                    let index = if has_indices {
                        place.to_string()
                    } else {
                        String::new()
                    };
                    self.deep_parts(&format!("{name}[{index}]"), item, below?, parts)?;
                }
            }
            Value::Object(members) => {
                for (member, value) in members {
                    check_member(member)?;
                    let name = format!("{name}[{member}]");
                    self.deep_parts(&name, value, below?, parts)?;
                }
            }
            value => parts.push((name.to_owned(), self.text(&value::text(value))?)),
        }
        Ok(())
    }
}

/// Some servers end a name at a control character.
fn has_controls(name: &str) -> bool {
    name.contains(char::is_control)
}

/// Checks the name of a member that is written in brackets.
pub(super) fn check_member(name: &str) -> Result<(), &'static str> {
    if name.is_empty() || name.contains(['[', ']']) || has_controls(name) {
        Err(NAME_RULE)
    } else {
        Ok(())
    }
}
