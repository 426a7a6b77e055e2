//! Traits of what settings name: the code behind them is linked only where a setting does name it.

mod algorithm;
mod evidence;
mod format;
mod setup;
mod sink;

pub use algorithm::Algorithm;
pub(crate) use algorithm::{Key, KeyKind};
pub use evidence::{Evidence, Sign};
pub use format::Format;
pub use setup::Setup;
pub use sink::{
    Destination, Protocol, Report, SinkDriver, Tell, Ties, Undelivered, admits, is_one_of,
};
