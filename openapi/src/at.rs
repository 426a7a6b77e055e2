//! Places in documents, written as JSON Pointers when a message needs one.

use std::fmt;

/// A place: steps from the root of a document or from an earlier place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'p> {
    above: Option<&'p At<'p>>,
    step: Step<'p>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'p> {
    /// A document and the text of a JSON Pointer into it.
    Start(&'p str, &'p str),
    Key(&'p str),
    Index(usize),
}

impl<'p> At<'p> {
    pub(crate) fn new(document: &'p str, pointer: &'p str) -> Self {
        At {
            above: None,
            step: Step::Start(document, pointer),
        }
    }

    pub(crate) fn key<'q>(&'q self, key: &'q str) -> At<'q> {
        At {
            above: Some(self),
            step: Step::Key(key),
        }
    }

    pub(crate) fn index(&self, index: usize) -> At<'_> {
        At {
            above: Some(self),
            step: Step::Index(index),
        }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(above) = self.above {
            above.fmt(f)?;
        }
        match self.step {
            Step::Start(document, pointer) => write!(f, "{document}#{pointer}"),
            Step::Key(key) => write!(f, "/{}", escape(key)),
            Step::Index(index) => write!(f, "/{index}"),
        }
    }
}

/// A name as a token of a JSON Pointer (RFC 6901, 3).
pub(crate) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The name that a token of a JSON Pointer stands for (RFC 6901, 4).
pub(crate) fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_as_a_json_pointer() {
        let start = At::new("api.json", "/paths/~1a");
        let get = start.key("get");
        let parameters = get.key("x/y~z");
        assert_eq!(
            parameters.index(2).to_string(),
            "api.json#/paths/~1a/get/x~1y~0z/2"
        );
        assert_eq!(unescape(&escape("x/y~1z")), "x/y~1z");
    }
}
