//! OpenTelemetry's model of logs, traces and metrics (opentelemetry-proto 1.x).
//!
//! Each signal is one set of types from which both encodings are derived: `serde` writes OTLP's JSON, `prost` its protobuf. Only
//! what is said of events is declared; a receiver takes what is left out for its default.

mod attributes;
mod common;
mod json;
mod logs;
mod metrics;
mod traces;

#[cfg(test)]
pub(crate) use self::attributes::{DETAILS, DIMENSIONS};
pub use self::logs::{Logs, logs};
pub use self::metrics::{Metrics, metrics};
pub use self::traces::{Traces, traces};
