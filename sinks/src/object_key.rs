//! A batch as an object of a store: its name and its contents.

use bytes::Bytes;
use mcp_edge_runtime::config::Format;
use mcp_edge_runtime::host::Timestamp;

use super::Batch;

/// The media type of its contents.
pub(super) const CONTENT_TYPE: &str = "application/x-ndjson";

impl Batch<'_> {
    /// The name of the object, `{prefix}{yyyy}/{mm}/{dd}/{time}-{chain}-{first}-{last}.ndjson`. A repetition has the same,
    /// and so takes its place.
    pub(super) fn key(&self, prefix: &str) -> String {
        let first = self.events.first();
        let time = first.map_or(self.now, |event| event.at());
        let sequence = |event: Option<&std::rc::Rc<mcp_edge_audit::chain::ChainedEvent>>| {
            let link = event.and_then(|event| event.event.chain.as_ref());
            link.map_or(0, |link| link.sequence)
        };
        format!(
            "{prefix}{}/{}-{}-{}-{}.ndjson",
            day(time),
            compact(time),
            first.map_or("", |event| event.chain()),
            sequence(first),
            sequence(self.events.last()),
        )
    }

    /// A line for each event.
    pub(super) fn object(&self, format: Format) -> Bytes {
        let mut object = String::new();
        for (_, line) in self.bodies(format) {
            object.push_str(&line);
            object.push('\n');
        }
        object.into()
    }
}

/// `2026/11/21`.
fn day(time: Timestamp) -> String {
    let text = time.to_rfc3339();
    text.split('T').next().unwrap_or_default().replace('-', "/")
}

/// `20261121T190347123Z`: without what a name cannot hold everywhere.
pub(super) fn compact(time: Timestamp) -> String {
    time.to_rfc3339().replace(['-', ':', '.'], "")
}
