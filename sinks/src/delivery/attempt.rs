//! Handing a batch over: one attempt, and as many as it takes.

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{Either, select};
use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_runtime::host::{FetchOptions, Host, HostError, SharedHost, Timestamp, fetch};

use super::worker::SinkWorker;
use crate::{Batch, BatchStatus, SinkPayload};

/// The longest answer that is read, in bytes: some receivers answer for each event.
const ANSWER_BYTES: usize = 1 << 20;
/// The pause after the first attempt; each that follows is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const MAX_PAUSE: Duration = Duration::from_secs(8);

/// Events on their way.
pub(crate) struct DeliveryAttempt {
    outlet: Rc<SinkWorker>,
    host: SharedHost,
    deadline: Timestamp,
    /// Those that have not arrived.
    events: Vec<Rc<ChainedEvent>>,
    origin: Origin,
}

/// Where events came from, and so where those go that do not arrive.
enum Origin {
    /// From those that wait in this instance, which know them under this number. If the flight is dropped they wait again.
    Own(u64),
    /// From outside the instance, where they stay, with the seal of each that has one. Whose they are sealed them; this
    /// instance vouches for none of them.
    Kept(Vec<Option<String>>),
}

impl DeliveryAttempt {
    /// Events of this instance.
    pub(crate) fn own(
        outlet: &Rc<SinkWorker>,
        events: Vec<Rc<ChainedEvent>>,
        deadline: Timestamp,
        host: &SharedHost,
    ) -> Self {
        let number = outlet.checkout(events.clone(), deadline);
        Self {
            outlet: Rc::clone(outlet),
            host: SharedHost::clone(host),
            deadline,
            events,
            origin: Origin::Own(number),
        }
    }

    /// Events that were kept outside the instance.
    pub(crate) fn kept(
        outlet: &Rc<SinkWorker>,
        events: Vec<Rc<ChainedEvent>>,
        seals: Vec<Option<String>>,
        deadline: Timestamp,
        host: &SharedHost,
    ) -> Self {
        Self {
            outlet: Rc::clone(outlet),
            host: SharedHost::clone(host),
            deadline,
            events,
            origin: Origin::Kept(seals),
        }
    }

    /// Those that have not arrived.
    pub(crate) fn events(&self) -> &[Rc<ChainedEvent>] {
        &self.events
    }

    /// The seals of [`events`](Self::events), where they were kept with them.
    pub(crate) fn kept_seals(&self) -> &[Option<String>] {
        match &self.origin {
            Origin::Kept(seals) => seals,
            Origin::Own(_) => &[],
        }
    }

    /// Ends it: what has not arrived is safe elsewhere.
    pub(crate) fn complete(mut self) {
        self.events.clear();
        self.note();
    }

    /// Attempts until the sink has every event that it will ever take, or nothing more can be tried in time. An error says
    /// why one was refused, or why [`events`](Self::events) are left.
    pub(crate) async fn run(&mut self) -> Result<(), String> {
        let settings = self.outlet.settings();
        let mut size = self.events.len();
        let mut failures = 0_usize;
        let mut pause = FIRST_PAUSE;
        let mut flown = Ok(());
        while !self.events.is_empty() {
            size = size.clamp(1, self.events.len());
            let before = self.events.len();
            let (after, why) = match self.attempt(size).await {
                BatchStatus::Accepted => {
                    self.part(size, &[], &[], "");
                    size = size.saturating_mul(2);
                    (None, None)
                }
                BatchStatus::Mostly { refused, why } => {
                    let some = self.events.get(..size).unwrap_or(&self.events);
                    self.outlet
                        .drop_oldest(refused, some, &why, self.host.as_ref());
                    if refused > 0 {
                        flown = Err(why);
                    }
                    self.part(size, &[], &[], "");
                    (None, None)
                }
                BatchStatus::Smaller { .. } if size > 1 => {
                    size /= 2;
                    (None, None)
                }
                BatchStatus::Smaller { why } | BatchStatus::Refused { why } => {
                    let all: Vec<_> = (0..size).collect();
                    self.part(size, &[], &all, &why);
                    flown = Err(why);
                    (None, None)
                }
                BatchStatus::Partly {
                    again,
                    refused,
                    why,
                } => {
                    self.part(size, &again, &refused, &why);
                    if !refused.is_empty() {
                        flown = Err(why.clone());
                    }
                    (None, Some(why).filter(|_| !again.is_empty()))
                }
                BatchStatus::Again { after, why } => (after, Some(why)),
            };
            if self.events.len() < before {
                failures = 0;
                pause = FIRST_PAUSE;
            }
            let Some(why) = why else {
                if self.events.is_empty() || self.host.now() < self.deadline {
                    continue;
                }
                return Err("there was no time left for all events".to_owned());
            };
            failures = failures.saturating_add(1);
            let wait = after
                .unwrap_or(Duration::ZERO)
                .max(jitter(pause, self.host.as_ref()));
            if failures > settings.retries || self.host.now().after(wait) >= self.deadline {
                self.outlet.asked(after);
                return Err(why);
            }
            self.host.sleep(wait).await;
            pause = pause.saturating_mul(2).min(MAX_PAUSE);
        }
        flown
    }

    /// Keeps of the first `size` only what may be sent again.
    fn part(&mut self, size: usize, again: &[usize], refused: &[usize], why: &str) {
        let mut fate = vec![DeliveryStatus::Arrived; size];
        for (places, is) in [
            (refused, DeliveryStatus::Refused),
            (again, DeliveryStatus::Again),
        ] {
            for place in places {
                if let Some(fate) = fate.get_mut(*place) {
                    *fate = is;
                }
            }
        }
        if let Origin::Kept(seals) = &mut self.origin {
            let mut fates = fate.iter();
            seals.retain(|_| matches!(fates.next(), None | Some(DeliveryStatus::Again)));
        }
        let mut left = Vec::new();
        let mut lost = Vec::new();
        let mut arrived = Vec::new();
        let mut fates = fate.into_iter();
        for event in std::mem::take(&mut self.events) {
            match fates.next().unwrap_or(DeliveryStatus::Again) {
                DeliveryStatus::Again => left.push(event),
                DeliveryStatus::Refused => lost.push(event),
                DeliveryStatus::Arrived => arrived.push(event),
            }
        }
        self.events = left;
        self.note();
        self.outlet.arrived(&arrived, self.host.now());
        self.outlet.drop_events(&lost, why, self.host.as_ref());
    }

    /// Lets the outlet know which are left.
    fn note(&self) {
        if let Origin::Own(number) = self.origin {
            self.outlet.remain(number, &self.events);
        }
    }

    /// Sends the first `size`.
    async fn attempt(&self, size: usize) -> BatchStatus {
        let now = self.host.now();
        let events = self.events.get(..size).unwrap_or(&self.events);
        let seals = match &self.origin {
            Origin::Own(_) => self.outlet.seals(events, now),
            Origin::Kept(seals) => seals.clone(),
        };
        let batch = Batch { events, seals, now };
        match self.outlet.driver().parcel(&batch) {
            Ok(parcel) => self.send(parcel, size).await,
            Err(why) => BatchStatus::Smaller { why },
        }
    }

    async fn send(&self, parcel: SinkPayload, size: usize) -> BatchStatus {
        let timeout = self.outlet.settings().timeout;
        let timeout = timeout.min(self.deadline.since(self.host.now()));
        let sending = self.send_batch(parcel, size);
        within(timeout, sending, self.host.as_ref())
            .await
            .unwrap_or_else(BatchStatus::again)
    }

    async fn send_batch(&self, parcel: SinkPayload, size: usize) -> BatchStatus {
        let host = self.host.as_ref();
        let lacks = |what: &str| HostError {
            operation: "hand events over".to_owned(),
            reason: format!("the host `{}` has no {what}", host.name()),
        };
        let handed = match parcel {
            SinkPayload::Http(request) => {
                let receiver = request.uri().authority().map(ToString::to_string);
                return match fetch(host, request, FetchOptions::new(ANSWER_BYTES)).await {
                    Ok(answer) => {
                        let verdict = self.outlet.driver().verdict(&answer, size);
                        verdict.by(&receiver.unwrap_or_default())
                    }
                    // It names the receiver itself.
                    Err(error) => BatchStatus::again(error.to_string()),
                };
            }
            SinkPayload::Messages { binding, messages } => match host.queues() {
                Some(queues) => queues.send(binding, messages).await,
                None => Err(lacks("queues")),
            },
            SinkPayload::Object {
                binding,
                key,
                content_type,
                bytes,
            } => match host.objects() {
                Some(objects) => objects.put(binding, &key, content_type, bytes).await,
                None => Err(lacks("store of objects")),
            },
        };
        match handed {
            Ok(()) => BatchStatus::Accepted,
            Err(error) => BatchStatus::again(error.to_string()),
        }
    }
}

impl Drop for DeliveryAttempt {
    fn drop(&mut self) {
        if let Origin::Own(number) = self.origin {
            self.outlet.requeue(number, self.host.as_ref());
        }
    }
}

/// The result of delivering one event.
#[derive(Clone, Copy)]
enum DeliveryStatus {
    Arrived,
    Refused,
    Again,
}

/// What comes of `work`, or a sentence that it took too long.
pub(crate) async fn within<T>(
    timeout: Duration,
    work: impl Future<Output = T>,
    host: &dyn Host,
) -> Result<T, String> {
    match select(Box::pin(work), host.sleep(timeout)).await {
        Either::Left((done, _)) => Ok(done),
        Either::Right(_) => Err(format!(
            "it did not answer within {} ms",
            timeout.as_millis()
        )),
    }
}

/// Between half of `pause` and all of it, so that instances which failed together do not come back together.
fn jitter(pause: Duration, host: &dyn Host) -> Duration {
    let mut random = [0];
    // Without randomness all wait as long, which is only less kind to the receiver.
    let _ = host.random(&mut random);
    let part = f64::from(random[0]) / f64::from(u8::MAX);
    pause.mul_f64(part.mul_add(0.5, 0.5))
}
