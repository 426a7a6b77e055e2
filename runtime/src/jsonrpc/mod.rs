//! JSON-RPC 2.0: ids, and JSON as strangers send it.

mod id;
pub(crate) mod rounded;
pub(crate) mod strict;

pub(crate) use id::Id;

use serde_json::{Map, Value};

/// A member of a request that may be left out. One that is `null` counts as left out, so one that is required is then missing;
/// `jsonrpc`, `id` and `method` are read as they are.
pub(crate) fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.get(name).filter(|value| !value.is_null())
}
