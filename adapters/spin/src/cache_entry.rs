//! How a value of the cache lies in the store.

use mcp_edge_runtime::host::Timestamp;

/// The key in the store, which other components may use as well.
pub(crate) fn place(key: &str) -> String {
    format!("mcp-edge/cache/{key}")
}

/// A value as it lies in the store: after the time at which it ends, in milliseconds since the Unix epoch.
pub(crate) fn entry(value: &str, end: Timestamp) -> String {
    format!("{}\n{value}", end.as_millis())
}

/// The value of an entry that has not ended and is one of ours.
pub(crate) fn value(entry: &str, now: Timestamp) -> Option<&str> {
    let (end, value) = entry.split_once('\n')?;
    (now < Timestamp::from_millis(end.parse().ok()?)).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_there_until_its_end() {
        let entry = entry("{\"keys\":\n[]}", Timestamp::from_millis(1_000));
        let value = |now| value(&entry, Timestamp::from_millis(now));
        assert_eq!(value(0), Some("{\"keys\":\n[]}"));
        assert_eq!(value(999), Some("{\"keys\":\n[]}"));
        assert_eq!(value(1_000), None);
    }

    #[test]
    fn what_another_writer_wrote_is_ignored() {
        for entry in ["", "value", "\nvalue", "-1\nvalue", "soon\nvalue"] {
            assert_eq!(value(entry, Timestamp::from_millis(0)), None, "{entry:?}");
        }
    }
}
