//! Which live policy an instance has, and when it looks for another.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use crate::config::{LivePolicy, LivePolicyError, ReadLivePolicy, Settings};
use crate::host::{Host, Timestamp};
use crate::start::StartError;

/// The time after which an instance without a live policy looks for one again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What an instance knows of the place of its live policy. It lives as long as the instance.
pub(crate) struct Following {
    reader: Rc<dyn ReadLivePolicy>,
    interval: Duration,
    min_version: u64,
    last_look: Cell<Timestamp>,
    /// What the log was last told.
    trouble: RefCell<Option<String>>,
}

impl Following {
    /// What follows the live policy of a server with these settings, if it has one.
    pub(crate) async fn start(
        settings: &'static Settings,
        audience: &str,
        host: &dyn Host,
    ) -> Result<Option<Self>, StartError> {
        let live = &settings.live;
        let Some(reader) = live.enabled else {
            return Ok(None);
        };
        Ok(Some(Self {
            reader: reader.start(settings, audience, host).await?,
            interval: live.interval,
            min_version: live.min_version,
            last_look: Cell::new(host.now()),
            trouble: RefCell::default(),
        }))
    }

    /// Whether it is time to look for another. Then it is not for the next request, which need not wait for this one.
    pub(crate) fn is_due(&self, has_one: bool, now: Timestamp) -> bool {
        let pause = match has_one {
            true => self.interval,
            false => self.interval.min(RETRY_AFTER),
        };
        let is_due = now >= self.last_look.get().after(pause);
        if is_due {
            self.last_look.set(now);
        }
        is_due
    }

    /// The policy that an instance starts with: the one of the place, or else the one of the deployment.
    pub(crate) async fn first(&self, host: &dyn Host) -> Option<LivePolicy> {
        match self.newer(None, host).await {
            Some(policy) => Some(policy),
            None => {
                let deployed = self.reader.deployed(host).await;
                let deployed = deployed.and_then(|policy| match policy {
                    Some(policy) => self.accept(policy, None).map(Some),
                    None => Ok(None),
                });
                deployed.unwrap_or_else(|LivePolicyError(why)| {
                    host.warn(&format!(
                        "the live policy of the deployment is not used: {why}"
                    ));
                    None
                })
            }
        }
    }

    /// The policy of the place, if it is another than when it was last read and may follow `current`. The log is told why it
    /// may not, once for as long as the reason is the same.
    pub(crate) async fn newer(
        &self,
        current: Option<&LivePolicy>,
        host: &dyn Host,
    ) -> Option<LivePolicy> {
        let read = self.reader.read(host).await;
        let newer = read.and_then(|policy| match policy {
            Some(policy) if current.is_some_and(|current| current.digest == policy.digest) => {
                Ok(None)
            }
            Some(policy) => self.accept(policy, current).map(Some),
            None => Ok(None),
        });
        match newer {
            Ok(newer) => {
                self.trouble.replace(None);
                newer
            }
            Err(LivePolicyError(why)) => {
                self.complain(why, host);
                None
            }
        }
    }

    /// Tells the log why a live policy is not used, once for as long as the reason is the same.
    pub(crate) fn complain(&self, why: String, host: &dyn Host) {
        let is_told = self.trouble.borrow().as_ref() == Some(&why);
        if !is_told {
            host.warn(&format!("the live policy is not used: {why}"));
            self.trouble.replace(Some(why));
        }
    }

    fn accept(
        &self,
        policy: LivePolicy,
        current: Option<&LivePolicy>,
    ) -> Result<LivePolicy, LivePolicyError> {
        let least = current.map_or(self.min_version, |current| {
            current.version.max(self.min_version)
        });
        if policy.version < least {
            return Err(LivePolicyError(format!(
                "its version is {}, and must be at least {least}",
                policy.version
            )));
        }
        Ok(policy)
    }
}
