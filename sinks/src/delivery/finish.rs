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

    /// Hands over what waits, for the last time. What the sink does not take then goes into the outbox; without one it is
    /// lost.
    pub(crate) async fn send_last(self: &Rc<Self>, deadline: Timestamp, host: &SharedHost) {
        // The task that flushes may only be waiting for more events, or for the sink to be reached again.
        if let Some(flushing) = self.flushing.take() {
            flushing.abort();
        }
        let all = self.waiting.borrow_mut().drain();
        all.into_iter()
            .for_each(|event| self.enqueue(event, host.as_ref()));
        // No attempt follows, so that this one gets the time that is left, however short.
        let needed = Duration::ZERO;
        if self.send_all(deadline, needed, host).await == End::Empty {
            return;
        }
        if self.settings().outbox {
            self.store_all(host).await;
        }
        let left = self.waiting.borrow_mut().drain();
        self.drop_events(&left, "the server has ended", host.as_ref());
    }
}
