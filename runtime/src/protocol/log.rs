//! Severity of log messages (2026-07-28, server/utilities/logging; RFC 5424).

use serde::{Deserialize, Serialize};

/// How serious a log message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// For finding mistakes.
    Debug,
    /// For following what happens.
    Info,
    /// Unusual, but in order.
    Notice,
    /// May become a problem.
    Warning,
    /// Something failed.
    Error,
    /// A part does not work.
    Critical,
    /// An operator must act at once.
    Alert,
    /// Nothing works.
    Emergency,
}

impl LogLevel {
    /// Reads a level by its name on the wire.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(name))
            .ok()
    }

    /// The name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
            Self::Alert => "alert",
            Self::Emergency => "emergency",
        }
    }
}
