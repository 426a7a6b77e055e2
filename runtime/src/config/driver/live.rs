//! What can change without a deployment.

use std::fmt;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;

use crate::config::{OwnedRule, Settings, SwitchedOff};
use crate::host::{Host, Timestamp};
use crate::start::StartError;

/// What reads a server's live policy.
///
/// It is one of the settings, so that a server without a live policy does not link the code.
#[derive(Clone, Copy)]
pub struct LivePolicyReader {
    name: &'static str,
    start: StartReader,
}

/// Starts a reader for the server whose tokens are for `audience`.
pub(crate) type StartReader =
    for<'a> fn(
        &'static Settings,
        &'a str,
        &'a dyn Host,
    ) -> LocalBoxFuture<'a, Result<Rc<dyn ReadLivePolicy>, StartError>>;

impl LivePolicyReader {
    pub(crate) const fn new(name: &'static str, start: StartReader) -> Self {
        Self { name, start }
    }

    pub(crate) async fn start(
        self,
        settings: &'static Settings,
        audience: &str,
        host: &dyn Host,
    ) -> Result<Rc<dyn ReadLivePolicy>, StartError> {
        (self.start)(settings, audience, host).await
    }
}

impl PartialEq for LivePolicyReader {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for LivePolicyReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Reads the live policy of a server.
pub(crate) trait ReadLivePolicy {
    /// The one at `live.source`; `None` if it is the same as when it was last read.
    fn read<'a>(
        &'a self,
        host: &'a dyn Host,
    ) -> LocalBoxFuture<'a, Result<Option<LivePolicy>, LivePolicyError>>;

    /// The one among the data files of the deployment; `None` if it has none.
    fn deployed<'a>(
        &'a self,
        host: &'a dyn Host,
    ) -> LocalBoxFuture<'a, Result<Option<LivePolicy>, LivePolicyError>>;
}

/// Why there is no live policy, as a sentence for operators.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct LivePolicyError(pub(crate) String);

/// A live policy whose signature was verified.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LivePolicy {
    pub(crate) version: u64,
    /// SHA-256 of the signed document, in hexadecimal.
    pub(crate) digest: String,
    /// The id of the key that signed it.
    pub(crate) key: String,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) rules: Vec<OwnedRule>,
    /// The digests of the approved tools. Empty: all tools are approved.
    pub(crate) approved: Vec<String>,
    pub(crate) revocations: Revocations,
    pub(crate) disabled: SwitchedOff,
}

/// Points in time before which tokens were issued that are refused.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Revocations {
    pub(crate) all: Option<Timestamp>,
    /// By tenant.
    pub(crate) tenants: Vec<(String, Timestamp)>,
    /// By issuer and subject, with a space between.
    pub(crate) principals: Vec<(String, Timestamp)>,
}
