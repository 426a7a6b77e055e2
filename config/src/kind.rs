//! What a setting may hold.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::DateTime;
use toml::de::{DeTable, DeValue};

use crate::dotted::quoted;
use crate::{address, span};

/// What a setting may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An absolute `http` or `https` URL without query and fragment.
    Url,
    /// A list of web origins, or `*`.
    Origins,
    /// A list of host names with or without a port.
    Hosts,
    /// A whole number in a range, both ends included.
    Number {
        /// The smallest that is accepted.
        least: u64,
        /// The greatest that is accepted.
        most: u64,
    },
    /// The name of a host's secret: `{ secret = "NAME" }`.
    Secret,
    /// A length of time in a range, both ends included: `"90s"`.
    Duration {
        /// The shortest that is accepted.
        least: Duration,
        /// The longest that is accepted.
        most: Duration,
    },
    /// A point in time (RFC 3339).
    Time,
    /// Points in time, by the name of the tenant or principal that they hold for.
    Times(Holder),
}

/// What a point in time can hold for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A tenant, by its name.
    Tenant,
    /// A principal, by its issuer and subject with a space between.
    Principal,
}

/// What a setting holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Of [`Kind::Url`].
    Url {
        /// The URL as it was written.
        url: String,
        /// Its path, which begins with a slash.
        path: String,
    },
    /// Of [`Kind::Origins`] and [`Kind::Hosts`].
    Texts(Vec<String>),
    /// Of [`Kind::Number`].
    Number(u64),
    /// Of [`Kind::Secret`]: the name.
    Secret(String),
    /// Of [`Kind::Duration`].
    Duration(Duration),
    /// Of [`Kind::Time`]: milliseconds since the Unix epoch.
    Time(u64),
    /// Of [`Kind::Times`]: milliseconds since the Unix epoch.
    Times(BTreeMap<String, u64>),
}

/// Why a value was refused, as the rest of a sentence that begins with its key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Objection {
    /// What to add to the key: `[2]`.
    pub(crate) within: String,
    /// Where in the file that is, if not where the value begins.
    pub(crate) offset: Option<usize>,
    pub(crate) says: String,
}

impl Objection {
    /// The same about a part of the value, named `within` and found at `offset`.
    fn inside(self, within: String, offset: usize) -> Self {
        Self {
            within,
            offset: Some(offset),
            ..self
        }
    }
}

impl From<String> for Objection {
    fn from(says: String) -> Self {
        Self {
            within: String::new(),
            offset: None,
            says,
        }
    }
}

impl From<&str> for Objection {
    fn from(says: &str) -> Self {
        says.to_owned().into()
    }
}

impl Kind {
    /// Reads a value of this kind.
    pub(crate) fn read(self, value: &DeValue<'_>) -> Result<Value, Objection> {
        match self {
            Self::Url => url(value),
            Self::Origins => texts(
                value,
                "an origin, as \"https://app.example.com\"",
                |origin| match origin {
                    "*" => Ok(()),
                    origin => address::check_origin(origin),
                },
            ),
            Self::Hosts => texts(
                value,
                "a host name, as \"mcp.example.com\"",
                address::check_host,
            ),
            Self::Number { least, most } => number(value, least, most),
            Self::Secret => secret(value),
            Self::Duration { least, most } => duration(value, least, most),
            Self::Time => Ok(Value::Time(time(value)?)),
            Self::Times(holder) => times(value, holder),
        }
    }
}

fn url(value: &DeValue<'_>) -> Result<Value, Objection> {
    let url = value
        .as_str()
        .ok_or_else(|| expected("a URL in quotes", value))?;
    let path = address::url_path(url)?;
    Ok(Value::Url {
        url: url.to_owned(),
        path,
    })
}

fn texts(
    value: &DeValue<'_>,
    of: &str,
    check: impl Fn(&str) -> Result<(), &'static str>,
) -> Result<Value, Objection> {
    let list = value
        .as_array()
        .ok_or_else(|| expected(&format!("a list, each entry {of}"), value))?;
    let texts = list.iter().enumerate().map(|(position, entry)| {
        let text = entry
            .get_ref()
            .as_str()
            .ok_or_else(|| expected(of, entry.get_ref()));
        text.and_then(|text| {
            check(text)
                .map(|()| text.to_owned())
                .map_err(Objection::from)
        })
        .map_err(|objection| objection.inside(format!("[{position}]"), entry.span().start))
    });
    Ok(Value::Texts(texts.collect::<Result<_, _>>()?))
}

fn number(value: &DeValue<'_>, least: u64, most: u64) -> Result<Value, Objection> {
    let number = value
        .as_integer()
        .ok_or_else(|| expected("a whole number", value))?;
    match u64::from_str_radix(number.as_str(), number.radix()) {
        Ok(number) if (least..=most).contains(&number) => Ok(Value::Number(number)),
        _ => Err(format!("must be from {least} to {most}, not {number}").into()),
    }
}

fn secret(value: &DeValue<'_>) -> Result<Value, Objection> {
    let by_name = "must name a secret of the host, as { secret = \"MCP_EDGE_KEYS\" }";
    let table = value.as_table().ok_or_else(|| {
        Objection::from(format!("{by_name}; a key itself never stands in this file"))
    })?;
    match (
        table.get("secret").map(|name| name.get_ref().as_str()),
        table.len(),
    ) {
        (Some(Some(name)), 1) if is_variable_name(name) => Ok(Value::Secret(name.to_owned())),
        // The name is not repeated: it could be the secret.
        (Some(_), 1) => Err(Objection {
            within: ".secret".to_owned(),
            ..Objection::from(
                "must be a name of capital letters, digits and `_`, as the host knows it",
            )
        }),
        _ => Err(format!("{by_name}, and nothing else").into()),
    }
}

fn is_variable_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

fn duration(value: &DeValue<'_>, least: Duration, most: Duration) -> Result<Value, Objection> {
    let duration = value.as_str().and_then(span::parse).ok_or(
        "must be a whole number and a unit, as \"500ms\", \"90s\", \"10m\", \"2h\" or \"7d\"",
    )?;
    if (least..=most).contains(&duration) {
        return Ok(Value::Duration(duration));
    }
    let [least, most, duration] = [least, most, duration].map(span::format);
    Err(format!("must be from {least} to {most}, not {duration}").into())
}

fn time(value: &DeValue<'_>) -> Result<u64, Objection> {
    let text = match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        _ => return Err(expected(A_TIME, value)),
    };
    let time = DateTime::parse_from_rfc3339(&text)
        .map_err(|_| Objection::from(format!("must be {A_TIME}")))?;
    u64::try_from(time.timestamp_millis()).map_err(|_| "must not be before 1970".into())
}

const A_TIME: &str = "a time with a date and an offset, as \"2026-11-20T08:00:00Z\"";

fn times(value: &DeValue<'_>, holder: Holder) -> Result<Value, Objection> {
    let table: &DeTable<'_> = value
        .as_table()
        .ok_or_else(|| Objection::from("must be a table that gives a time to each name"))?;
    let mut times = BTreeMap::new();
    for (name, value) in table {
        let inside = |objection: Objection| {
            objection.inside(format!(".{}", quoted(name.get_ref())), name.span().start)
        };
        check_name(holder, name.get_ref()).map_err(inside)?;
        times.insert(
            name.get_ref().to_string(),
            time(value.get_ref()).map_err(inside)?,
        );
    }
    Ok(Value::Times(times))
}

fn check_name(holder: Holder, name: &str) -> Result<(), Objection> {
    let parts = name.split_once(' ');
    match (holder, parts) {
        (Holder::Tenant, _) if name.is_empty() => Err("must name a tenant".into()),
        (Holder::Tenant, _) => Ok(()),
        (Holder::Principal, Some((issuer, subject))) if !issuer.is_empty() && !subject.is_empty() => Ok(()),
        (Holder::Principal, _) => Err(
            "must be an issuer and a subject with a space between, as \"https://id.example.com 1234\"".into(),
        ),
    }
}

fn expected(what: &str, value: &DeValue<'_>) -> Objection {
    format!("must be {what}, not {}", article(value.type_str())).into()
}

fn article(type_name: &str) -> String {
    let article = if type_name.starts_with(['a', 'i']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {type_name}")
}
