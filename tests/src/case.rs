//! Tables of requests that must be refused.

use serde_json::json;
use xtask::host::Host;

use crate::request::Request;
use crate::servers::Servers;
use crate::suite::Test;
use crate::{MODERN, modern};

/// Requests that are refused in the same way.
pub struct Refused {
    status: u16,
    code: i64,
    rows: Vec<Row>,
}

/// What is wrong with a request, the request, and words that its refusal must have for a person to know what to
/// change.
type Row = (&'static str, Request, &'static str);

/// Requests that are all refused with this HTTP status and this JSON-RPC code.
pub fn all(status: u16, code: i64, rows: impl IntoIterator<Item = Row>) -> Refused {
    Refused {
        status,
        code,
        rows: rows.into_iter().collect(),
    }
}

impl Refused {
    /// A test for each row: the request is refused, and the next one is served.
    pub fn tests(self, table: &str) -> Vec<Test> {
        let expected = (self.status, self.code);
        self.rows
            .into_iter()
            .map(|(name, request, sentence)| {
                Test::new(format!("{table}: {name}"), move |servers| {
                    check(servers, &request, expected, sentence);
                })
            })
            .collect()
    }
}

fn check(servers: &Servers, request: &Request, expected: (u16, i64), sentence: &str) {
    let answer = servers.fixture.send(request);
    if servers.host == Host::Spin && !request.has_readable_headers() {
        // docs/guide/spin.md: Spin itself refuses it, and in its own way.
        assert_eq!(answer.status, 500);
        assert!(answer.events.is_empty());
    } else {
        let (status, code, message) = answer.error();
        assert_eq!((status, code), expected, "{message}");
        assert!(message.contains(sentence), "{message}");
        // The id is left out, or null, where it could not be read.
        if let Some(id) = answer.response().get("id").filter(|id| !id.is_null()) {
            assert_eq!(id, &request.message()["id"]);
        }
    }

    let next = servers.fixture.send(&modern("server/discover", json!({})));
    assert_eq!(next.result()["supportedVersions"][0], MODERN);
}
