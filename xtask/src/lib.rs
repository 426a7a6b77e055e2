//! The parts of `cargo xtask`, as a library, so that tests and benchmarks start hosts the way the commands do.

pub mod assertions;
pub mod audit;
pub mod bench;
pub mod clients;
pub mod compiler;
pub mod conformance;
pub mod corpus;
pub mod dev;
pub mod gateway;
pub mod host;
pub mod identity;
pub mod keys;
pub mod oracle;
pub mod output;
pub mod pages;
pub mod parallel;
pub mod process;
pub mod scaffolded;
pub mod setup;
pub mod soak;
pub mod tally;
pub mod test;
pub mod workspace;
