//! Path templates.

use mcp_edge_catalog::PathPiece;

use crate::refs::percent_decoded;

/// The maximum length of a template, in bytes.
const MAX_LENGTH: usize = 2_048;

/// A path template, read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) segments: Vec<Vec<Piece>>,
    /// The names and values of a query in the template.
    pub(crate) query: Vec<(String, QueryValue)>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Percent-encoded.
    Literal(String),
    /// The name of a parameter.
    Placeholder(String),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum QueryValue {
    Fixed(String),
    Placeholder(String),
}

impl Template {
    /// Reads a template. The error is why no request can be made of it.
    pub(crate) fn read(path: &str) -> Result<Self, String> {
        if path.len() > MAX_LENGTH {
            return Err(format!("the path is longer than {MAX_LENGTH} bytes"));
        }
        if path.contains('#') {
            return Err("the path contains `#`, and a request has no fragment".to_owned());
        }
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let path = path
            .strip_prefix('/')
            .ok_or("the path does not start with `/`")?;
        let mut template = Template::default();
        let mut segments = segments(path).into_iter().peekable();
        while let Some(segment) = segments.next() {
            if segment.is_empty() && segments.peek().is_some() {
                return Err("the path has an empty segment".to_owned());
            }
            template.segments.push(pieces(segment)?);
        }
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if name.contains(['{', '}']) {
                return Err("a name in the query of the path is a placeholder".to_owned());
            }
            let value = match value
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'))
            {
                Some(name) => QueryValue::Placeholder(name.to_owned()),
                None if value.contains(['{', '}']) => {
                    return Err(
                        "a value in the query of the path mixes text and placeholders".to_owned(),
                    );
                }
                None => QueryValue::Fixed(form_decoded(value)),
            };
            template.query.push((form_decoded(name), value));
        }
        Ok(template)
    }

    /// The names of all placeholders of the path, without those of its query.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.segments
            .iter()
            .flatten()
            .filter_map(|piece| match piece {
                Piece::Placeholder(name) => Some(name.as_str()),
                Piece::Literal(_) => None,
            })
    }

    /// The path for a catalog. `index` finds a parameter by its placeholder.
    pub(crate) fn path(
        &self,
        index: impl Fn(&str) -> Option<usize>,
    ) -> Result<Vec<Vec<PathPiece>>, String> {
        let piece = |piece: &Piece| match piece {
            Piece::Literal(text) => Ok(PathPiece::Literal(text.clone())),
            Piece::Placeholder(name) => index(name).map(PathPiece::Parameter).ok_or_else(|| {
                format!("the placeholder `{{{name}}}` of the path has no parameter")
            }),
        };
        self.segments
            .iter()
            .map(|segment| segment.iter().map(piece).collect())
            .collect()
    }
}

/// Splits at each `/` outside of braces.
fn segments(path: &str) -> Vec<&str> {
    let mut is_inside = false;
    path.split(|char| {
        match char {
            '{' => is_inside = true,
            '}' => is_inside = false,
            _ => {}
        }
        char == '/' && !is_inside
    })
    .collect()
}

fn pieces(segment: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = segment;
    loop {
        let Some((text, after)) = rest.split_once('{') else {
            pieces.extend(literal(rest)?);
            break;
        };
        pieces.extend(literal(text)?);
        let Some((name, after)) = after.split_once('}') else {
            return Err("the path has a `{` without a `}`".to_owned());
        };
        if name.is_empty() || name.contains('{') {
            return Err("the path has a placeholder without a name".to_owned());
        }
        pieces.push(Piece::Placeholder(name.to_owned()));
        rest = after;
    }
    if let [Piece::Literal(text)] = pieces.as_slice()
        && readings(text).any(|text| matches!(text.as_str(), "." | ".."))
    {
        return Err(format!("the path has the segment \"{text}\""));
    }
    Ok(pieces)
}

/// How often a server decodes a path at most.
const MAX_DECODED: usize = 4;

/// A text as servers read it that decode it, and those that decode it more often than they should.
fn readings(text: &str) -> impl Iterator<Item = String> {
    let decoded = |text: &String| Some(percent_decoded(text));
    std::iter::successors(Some(text.to_owned()), decoded).take(MAX_DECODED.saturating_add(1))
}

/// A literal, percent-encoded where it must be.
fn literal(text: &str) -> Result<Option<Piece>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    if text.contains('}') {
        return Err("the path has a `}` without a `{`".to_owned());
    }
    // `;` begins parameters that some servers remove before they route.
    let is_ambiguous = |text: String| {
        text.contains(['\\', '/', ';', '?', '#']) || text.chars().any(char::is_control)
    };
    if readings(text).any(is_ambiguous) {
        return Err(format!(
            "the path has the text \"{}\" in a segment, which servers and hosts read in different ways",
            text.escape_debug()
        ));
    }
    let mut encoded = String::with_capacity(text.len());
    let mut bytes = text.as_bytes().iter();
    while let Some(&byte) = bytes.next() {
        let is_escape = byte == b'%'
            && matches!(bytes.as_slice(), [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit());
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => encoded.push(char::from(byte)),
            byte if is_escape || b"-._~!$&'()*+,=:@".contains(&byte) => {
                encoded.push(char::from(byte));
            }
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    Ok(Some(Piece::Literal(encoded)))
}

fn form_decoded(text: &str) -> String {
    percent_decoded(&text.replace('+', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str) -> Piece {
        Piece::Literal(text.to_owned())
    }

    fn placeholder(name: &str) -> Piece {
        Piece::Placeholder(name.to_owned())
    }

    #[test]
    fn a_template_is_segments_of_literals_and_placeholders() {
        let read = |path| Template::read(path).unwrap().segments;
        assert_eq!(read("/"), [vec![]]);
        assert_eq!(read("/a/"), [vec![literal("a")], vec![]]);
        assert_eq!(
            read("/a/{id}.{format}:cancel"),
            [
                vec![literal("a")],
                vec![
                    placeholder("id"),
                    literal("."),
                    placeholder("format"),
                    literal(":cancel")
                ]
            ]
        );
        assert_eq!(
            read("/a b/é@x"),
            [vec![literal("a%20b")], vec![literal("%C3%A9@x")]]
        );
        assert_eq!(read("/100%25"), [vec![literal("100%25")]]);
        assert_eq!(
            read("/100%/%zz"),
            [vec![literal("100%25")], vec![literal("%25zz")]]
        );
    }

    #[test]
    fn a_query_in_the_template_is_fixed() {
        let template = Template::read("/x?Action=List+All&v={version}&flag").unwrap();
        let fixed = |text: &str| QueryValue::Fixed(text.to_owned());
        assert_eq!(
            template.query,
            [
                ("Action".to_owned(), fixed("List All")),
                (
                    "v".to_owned(),
                    QueryValue::Placeholder("version".to_owned())
                ),
                ("flag".to_owned(), fixed("")),
            ]
        );
    }

    #[test]
    fn what_no_request_can_be_is_refused() {
        for (path, part) in [
            ("/#Action=X", "`#`"),
            ("/a//b", "empty segment"),
            ("/a/../b", "segment \"..\""),
            ("/a/%2e%2E/b", "segment \"%2e%2E\""),
            ("/a%2fb", "in a segment"),
            ("/a/./b", "segment \".\""),
            ("/a/%252e%252e/b", "segment \"%252e%252e\""),
            ("//a", "empty segment"),
            ("/a/..;/b", "in a segment"),
            ("/a;v=1/b", "in a segment"),
            ("/a/..%3b/b", "in a segment"),
            ("/a/..%253b/b", "in a segment"),
            ("/a;{id}", "in a segment"),
            ("/a%5Cb", "in a segment"),
            ("/a%255cb", "in a segment"),
            ("/a%252fb", "in a segment"),
            ("/a%3fb", "in a segment"),
            ("/a%23b", "in a segment"),
            ("/a%00b", "in a segment"),
            ("/a\\b", "in a segment"),
            ("/a\tb", "in a segment"),
            ("/{a", "without a `}`"),
            ("/a}", "without a `{`"),
            ("/{}", "without a name"),
            ("/x?{a}=1", "is a placeholder"),
            ("/x?a=1{b}", "mixes"),
        ] {
            let problem = Template::read(path).unwrap_err();
            assert!(problem.contains(part), "{path}: {problem}");
        }
    }
}
