//! The operations of a gateway's upstreams: the result for each, and how that is told.

pub(crate) mod compile;
pub(crate) mod description;
mod destination;
pub(crate) mod documents;
pub(crate) mod list_size;
pub(crate) mod report;
pub(crate) mod values;
