//! The evaluator against the official test suite and against another implementation.

mod oracle;
mod suite;
