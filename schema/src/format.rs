//! The formats that elicitation may ask for. RFC 3339 for the dates, RFC 5321 for the mailbox, RFC 3986 for the URI.
use std::net::{Ipv4Addr, Ipv6Addr};

use super::uri::is_scheme;

/// What a text must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Date,
    DateTime,
    Email,
    Uri,
}

impl Format {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "date" => Some(Self::Date),
            "date-time" => Some(Self::DateTime),
            "email" => Some(Self::Email),
            "uri" => Some(Self::Uri),
            _ => None,
        }
    }

    /// Completes "a string that is …".
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Date => "a date like 2026-07-28",
            Self::DateTime => "a date and time like 2026-07-28T12:00:00Z",
            Self::Email => "an e-mail address",
            Self::Uri => "an absolute URI",
        }
    }

    pub(super) fn accepts(self, text: &str) -> bool {
        match self {
            Self::Date => is_date(text),
            Self::DateTime => is_date_time(text).unwrap_or(false),
            Self::Email => is_email(text),
            Self::Uri => is_uri(text),
        }
    }
}

fn is_date(text: &str) -> bool {
    let Ok([y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2]) = <[u8; 10]>::try_from(text.as_bytes())
    else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) = (
        number(&[y1, y2, y3, y4]),
        number(&[m1, m2]),
        number(&[d1, d2]),
    ) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

fn is_date_time(text: &str) -> Option<bool> {
    const DAY: u32 = 24 * 60;
    let (date, time) = text.split_once(['T', 't'])?;
    let (time, offset) = time.split_at_checked(time.find(['Z', 'z', '+', '-'])?)?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let (minute, second) = clock(time.as_bytes())?;
    if fraction.is_empty() || fraction.contains(|char: char| !char.is_ascii_digit()) {
        return None;
    }
    // Minutes to add for UTC, whose clock reads less where this one is ahead.
    let shift = match (offset.get(..1)?, offset.get(1..)?) {
        ("Z" | "z", "") => 0,
        ("+", ahead) => DAY.checked_sub(hours_and_minutes(ahead.as_bytes())?)?,
        ("-", behind) => hours_and_minutes(behind.as_bytes())?,
        _ => return None,
    };
    // A leap second is the last of a day in UTC.
    let last_minute = minute.checked_add(shift)?.checked_rem(DAY)? == DAY.checked_sub(1)?;
    Some(is_date(date) && (second < 60 || last_minute))
}

/// Minutes since midnight, and seconds.
fn clock(text: &[u8]) -> Option<(u32, u32)> {
    let [minutes @ .., b':', s1, s2] = text else {
        return None;
    };
    let second = number(&[*s1, *s2]).filter(|second| *second <= 60)?;
    Some((hours_and_minutes(minutes)?, second))
}

/// In minutes.
fn hours_and_minutes(text: &[u8]) -> Option<u32> {
    let [h1, h2, b':', m1, m2] = text else {
        return None;
    };
    let hour = number(&[*h1, *h2]).filter(|hour| *hour < 24)?;
    let minute = number(&[*m1, *m2]).filter(|minute| *minute < 60)?;
    hour.checked_mul(60)?.checked_add(minute)
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |number, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    is_local_part(local) && (is_domain(domain) || is_address_literal(domain))
}

fn is_local_part(text: &str) -> bool {
    let atom = |atom: &str| {
        !atom.is_empty()
            && atom
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
    };
    match text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        Some(quoted) => {
            let mut escaped = false;
            let printable = quoted.bytes().all(|byte| {
                let allowed = escaped || byte != b'"';
                escaped = byte == b'\\' && !escaped;
                allowed && (b' '..=b'~').contains(&byte)
            });
            printable && !escaped
        }
        None => text.split('.').all(atom),
    }
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

fn is_address_literal(text: &str) -> bool {
    let Some(inside) = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    else {
        return false;
    };
    match inside.strip_prefix("IPv6:") {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => inside.parse::<Ipv4Addr>().is_ok(),
    }
}

fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (hierarchy, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = match hierarchy.strip_prefix("//") {
        Some(rest) => rest
            .split_at_checked(rest.find('/').unwrap_or(rest.len()))
            .unwrap_or_default(),
        None => ("", hierarchy),
    };
    is_scheme(scheme)
        && is_authority(authority)
        && consists_of(path, b":@/")
        && consists_of(query, b":@/?")
        && consists_of(fragment, b":@/?")
}

fn is_authority(text: &str) -> bool {
    let (user, place) = text.rsplit_once('@').unwrap_or(("", text));
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (place, ""),
    };
    let host_is_valid = match host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        Some(address) => {
            address.starts_with('v') && consists_of(address, b":")
                || address.parse::<Ipv6Addr>().is_ok()
        }
        None => consists_of(host, b""),
    };
    host_is_valid && consists_of(user, b":") && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Unreserved characters, sub-delimiters, whole percent escapes, and the `others`.
fn consists_of(text: &str, others: &[u8]) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let valid = match byte {
            b'%' => (0..2).all(|_| bytes.next().is_some_and(|digit| digit.is_ascii_hexdigit())),
            _ => {
                byte.is_ascii_alphanumeric()
                    || b"-._~!$&'()*+,;=".contains(&byte)
                    || others.contains(&byte)
            }
        };
        if !valid {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::Format;

    #[test]
    fn accepts_and_refuses() {
        for (format, text, expected) in [
            (Format::Date, "2024-02-29", true),
            (Format::Date, "2023-02-29", false),
            (Format::Date, "2026-13-01", false),
            (Format::Date, "2026-1-01", false),
            (Format::Date, "+026-01-01", false),
            (Format::DateTime, "2026-07-28T12:00:00Z", true),
            (Format::DateTime, "2026-07-28t12:00:00.25+02:00", true),
            (Format::DateTime, "2026-07-28T12:00:00", false),
            (Format::DateTime, "2026-07-28T12:00:00.Z", false),
            (Format::DateTime, "1998-12-31T15:59:60-08:00", true),
            (Format::DateTime, "1998-12-31T22:59:60Z", false),
            (Format::Email, "a.b+c@example.com", true),
            (Format::Email, "\"a b\"@example.com", true),
            (Format::Email, "a..b@example.com", false),
            (Format::Email, "a@[127.0.0.1]", true),
            (Format::Email, "example.com", false),
            (Format::Uri, "https://user@[::1]:8080/a?b=c#d", true),
            (Format::Uri, "urn:isbn:0451450523", true),
            (Format::Uri, "/relative", false),
            (Format::Uri, "https://a b/", false),
            (Format::Uri, "https://a/%zz", false),
        ] {
            assert_eq!(format.accepts(text), expected, "{format:?} {text}");
        }
    }
}
