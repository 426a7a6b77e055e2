//! The host's log as a sink.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_audit::event::{Event, EventType};

use crate::config::{
    DeliveryError, Destination, Protocol, ReportFn, Sink, SinkContext, SinkDriver, SinkSettings,
    admits,
};
use crate::host::{Host, SharedHost, Timestamp, yield_now};

impl Protocol {
    /// The host's log: a process's standard output, Workers Logs, Spin's log. Each event is written as soon as its request
    /// ends. Where events are signed and the host works on after responses, the events of requests that end at the same moment
    /// have one signature.
    pub const LOG: Self = Self::new(&LogDriver);
}

struct LogDriver;

impl SinkDriver for LogDriver {
    fn name(&self) -> &'static str {
        "log"
    }

    fn open(&self, setup: SinkSettings, ties: SinkContext) -> Result<Rc<dyn Destination>, String> {
        Ok(Rc::new(Log {
            settings: setup.settings,
            ties,
            waiting: RefCell::default(),
            is_scheduled: Cell::default(),
        }))
    }
}

struct Log {
    settings: &'static Sink,
    ties: SinkContext,
    /// Events that are about to be signed together.
    waiting: RefCell<Vec<Rc<ChainedEvent>>>,
    is_scheduled: Cell<bool>,
}

/// Writes what waits when it is dropped, which a host also does with work whose time is over.
struct Flush {
    log: Rc<Log>,
    host: SharedHost,
}

impl Drop for Flush {
    fn drop(&mut self) {
        self.log.is_scheduled.set(false);
        self.log.write(self.host.as_ref());
    }
}

impl Log {
    fn write(&self, host: &dyn Host) {
        let events = self.waiting.take();
        let mut seals = self.ties.seals(&events, host.now()).into_iter();
        for event in events {
            let line = match seals.next().flatten() {
                Some(seal) => event.sealed(&seal),
                None => event.json.clone(),
            };
            host.log(&self.settings.format.body(&event, line));
        }
    }
}

impl Destination for Log {
    fn admits(&self, event: &Event) -> bool {
        admits(self.settings, event)
    }

    fn enqueue(&self, event: Rc<ChainedEvent>, host: &dyn Host) {
        let may_wait = event.event.event == EventType::Request
            && self.ties.evidence.is_some()
            && host.works_on();
        self.waiting.borrow_mut().push(event);
        if !may_wait {
            self.write(host);
        }
    }

    fn schedule_flush(self: Rc<Self>, host: &SharedHost, _tell: ReportFn) {
        if self.waiting.borrow().is_empty() || self.is_scheduled.replace(true) {
            return;
        }
        let flush = Flush {
            log: self,
            host: SharedHost::clone(host),
        };
        host.after_response(Box::pin(async move {
            yield_now().await;
            drop(flush);
        }));
    }

    fn deliver(
        self: Rc<Self>,
        event: Rc<ChainedEvent>,
        host: SharedHost,
    ) -> LocalBoxFuture<'static, Result<(), DeliveryError>> {
        self.enqueue(event, host.as_ref());
        self.write(host.as_ref());
        Box::pin(std::future::ready(Ok(())))
    }

    fn finish(
        self: Rc<Self>,
        _deadline: Timestamp,
        host: SharedHost,
    ) -> LocalBoxFuture<'static, ()> {
        self.write(host.as_ref());
        Box::pin(std::future::ready(()))
    }
}
