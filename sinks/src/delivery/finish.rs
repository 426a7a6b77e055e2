//! The end of a server that is told to stop.

use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::abortable;
use mcp_edge_runtime::config::Destination as _;
use mcp_edge_runtime::host::{SharedHost, Timestamp};

use super::worker::{End, SinkWorker};

impl SinkWorker {
    /// Does the work of flushing, which ends early when the server ends.
    pub(crate) fn until_finished(
        &self,
        work: impl Future<Output = ()> + 'static,
    ) -> impl Future<Output = ()> + 'static {
        let (work, handle) = abortable(work);
        self.flushing.replace(Some(handle));
        work.map(drop)
    }

    /// Hands over what is in the outbox and then what waits, for the last time. What the sink does not take then stays in the
    /// outbox or goes there; without one it is lost.
    pub(crate) async fn send_last(self: &Rc<Self>, deadline: Timestamp, host: &SharedHost) {
        // The task that flushes may only be waiting for more events, or for the sink to be reached again.
        if let Some(flushing) = self.flushing.take() {
            flushing.abort();
            // It may have been about to empty the outbox.
            if self.settings().outbox {
                self.expect_kept();
            }
        }
        let all = self.waiting.borrow_mut().drain();
        all.into_iter()
            .for_each(|event| self.enqueue(event, host.as_ref()));
        // No attempt follows, so that this one gets the time that is left, however short.
        let needed = Duration::ZERO;
        if !self.empty_outbox_last(deadline, needed, host).await {
            // The sink has no use for later events without those before them: the instance that delivers those delivers these as
            // well.
            self.store_all(host).await;
        }
        if self.send_all(deadline, needed, host).await == End::Empty {
            return;
        }
        if self.settings().outbox {
            self.store_all(host).await;
        }
        let left = self.waiting.borrow_mut().drain();
        self.drop_events(&left, "the server has ended", host.as_ref());
    }

    /// Whether nothing is left in the outbox. It is tried until it fails: the time that is left then is for what the log has to
    /// be told.
    async fn empty_outbox_last(
        self: &Rc<Self>,
        deadline: Timestamp,
        needed: Duration,
        host: &SharedHost,
    ) -> bool {
        while self.is_kept.get() && !self.leaves_kept.get() {
            // Before it is emptied: handlers that are still at work may keep events meanwhile.
            self.is_kept.set(false);
            if self.empty_outbox(deadline, needed, host).await != End::Empty {
                self.expect_kept();
                self.leaves_kept.set(true);
            }
        }
        !self.is_kept.get()
    }
}
