//! Traits of what settings name: the code behind them is linked only where a setting does name it.

mod algorithm;
mod card;
mod evidence;
mod format;
mod live;
mod page;
mod resolve;
mod scheme;
mod sink;

pub use algorithm::Algorithm;
pub use card::CardRenderer;
pub(crate) use card::{CardContent, RenderedCard};
pub use evidence::{Sign, SigningKeysSecret};
pub use format::Format;
pub use live::LivePolicyReader;
pub(crate) use live::{LivePolicy, LivePolicyError, ReadLivePolicy, Revocations};
pub use page::PageRenderer;
pub(crate) use page::{PageContent, RenderedPage};
pub use resolve::SinkSettings;
pub use scheme::Scheme;
pub(crate) use scheme::{Authenticate, AuthenticationError, AuthenticatorFuture};
pub use sink::{
    DeliveryError, Destination, Protocol, Report, ReportFn, SinkContext, SinkDriver, admits,
    is_one_of,
};
