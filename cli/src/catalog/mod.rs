//! The operations of a gateway's upstreams: the result for each, and how that is told.

pub(crate) mod compile;
pub(crate) mod description;
mod destination;
pub(crate) mod documents;
pub(crate) mod list_size;
pub(crate) mod report;
pub(crate) mod values;

/// The folder with the data of a gateway, within that of its deployment.
pub(crate) const DATA: &str = "data";
