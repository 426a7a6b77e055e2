//! JSON-RPC 2.0: ids, and JSON as strangers send it.

mod id;
pub(crate) mod rounded;
pub(crate) mod strict;

pub(crate) use id::Id;
