//! Where a server runs.

use clap::ValueEnum;

/// Where a server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Host {
    Workers,
    Spin,
    Native,
}

impl Host {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Workers => "workers",
            Self::Spin => "spin",
            Self::Native => "native",
        }
    }
}
