//! The receivers, each in a file of its own.

pub(crate) mod datadog;
pub(crate) mod elasticsearch;
pub(crate) mod kafka;
pub(crate) mod otlp;
pub(crate) mod queue;
pub(crate) mod r2;
pub(crate) mod s3;
pub(crate) mod splunk;
pub(crate) mod webhook;
