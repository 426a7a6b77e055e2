//! What waits outside the instance for a sink that could not be reached.

use std::rc::Rc;
use std::time::Duration;

use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_runtime::host::{HostError, Outbox, SharedHost, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::attempt::{DeliveryAttempt, within};
use super::buffer::sealed_bytes;
use super::worker::{End, SinkWorker};
use crate::Batch;

/// How many parcels are asked for at a time.
const PARCELS: usize = 16;
/// What a parcel has besides its events, at most: the sink's name and the seal of the last event.
const AROUND: usize = 1 << 10;

/// Events as they are kept. They are signed when they are put there, by the instance whose they are: the instance that takes them
/// out vouches for nothing.
#[derive(Serialize, Deserialize)]
pub(crate) struct OutboxEntry {
    /// The sink, as `mcp.toml` names it.
    pub(crate) sink: String,
    /// Each as the log is to have it, byte for byte, with its seal.
    events: Vec<Box<RawValue>>,
}

/// Events that were kept, and the seal of each that has one.
pub(crate) type Sealed = (Vec<Rc<ChainedEvent>>, Vec<Option<String>>);

impl OutboxEntry {
    /// Reads what was kept; `None` if it is not what this version of the server keeps, or was changed.
    pub(crate) fn restore(parcel: &str) -> Option<(Self, Sealed)> {
        let kept: Self = serde_json::from_str(parcel).ok()?;
        let events = kept.events.iter().map(|line| {
            let (event, seal) = ChainedEvent::restore(line.get())?;
            Some((Rc::new(event), seal))
        });
        let events: Sealed = events.collect::<Option<_>>()?;
        (!events.0.is_empty()).then_some((kept, events))
    }

    fn new(batch: &Batch<'_>, sink: &str) -> serde_json::Result<Self> {
        let lines = batch.lines().map(|(_, line)| RawValue::from_string(line));
        Ok(Self {
            sink: sink.to_owned(),
            events: lines.collect::<Result<_, _>>()?,
        })
    }
}

impl SinkWorker {
    /// The beginning of the keys of what is kept for this sink.
    fn prefix(&self) -> String {
        format!("{}/", self.settings().name)
    }

    /// Keeps events in the host's store until the sink can be reached.
    pub(crate) async fn keep(
        &self,
        events: &[Rc<ChainedEvent>],
        host: &SharedHost,
    ) -> Result<(), HostError> {
        let kept = self.keep_parcels(events, host).await;
        self.took(kept.as_ref().copied().map_err(|error| error as _));
        kept
    }

    async fn keep_parcels(
        &self,
        events: &[Rc<ChainedEvent>],
        host: &SharedHost,
    ) -> Result<(), HostError> {
        let Some(outbox) = host.outbox() else {
            return Err(failed(format!(
                "the host `{}` has no store for them",
                host.name()
            )));
        };
        let mut rest = events;
        while let Some(first) = rest.first() {
            let (parcel, later) = rest.split_at(fitting(rest, outbox.longest()));
            let now = host.now();
            let seals = self.seals(parcel, now);
            let key = format!(
                "{}{:013}-{}",
                self.prefix(),
                now.as_millis(),
                first.event.id
            );
            self.put(outbox.as_ref(), &key, parcel, seals, host).await?;
            self.expect_kept();
            rest = later;
        }
        Ok(())
    }

    async fn put(
        &self,
        outbox: &dyn Outbox,
        key: &str,
        events: &[Rc<ChainedEvent>],
        seals: Vec<Option<String>>,
        host: &SharedHost,
    ) -> Result<(), HostError> {
        let now = host.now();
        let batch = Batch { events, seals, now };
        let kept = OutboxEntry::new(&batch, self.settings().name);
        let parcel = kept.and_then(|kept| serde_json::to_string(&kept));
        let parcel = parcel.map_err(|error| failed(error.to_string()))?;
        let putting = outbox.put(key, parcel);
        within(self.settings().timeout, putting, host.as_ref())
            .await
            .map_err(failed)?
    }

    /// Hands over what is kept outside the instance, as long as an attempt has `needed` until `deadline`.
    pub(crate) async fn empty_outbox(
        self: &Rc<Self>,
        deadline: Timestamp,
        needed: Duration,
        host: &SharedHost,
    ) -> End {
        let Some(outbox) = host.outbox() else {
            return End::Empty;
        };
        let emptied = async {
            loop {
                let keys = outbox.keys(&self.prefix(), PARCELS).await?;
                let mut removed = false;
                for key in &keys {
                    if !Self::has_time(needed, deadline, host.as_ref()) {
                        return Ok(End::OutOfTime);
                    }
                    // Another instance may have taken it.
                    let Some(parcel) = outbox.get(key).await? else {
                        continue;
                    };
                    let is_done = match OutboxEntry::restore(&parcel) {
                        None => {
                            self.store(outbox.as_ref(), key, parcel, host).await?;
                            true
                        }
                        Some((_, (events, seals))) => {
                            let mut flight =
                                DeliveryAttempt::kept(self, events, seals, deadline, host);
                            self.deliver_stored(&mut flight, key, outbox.as_ref(), host)
                                .await?
                        }
                    };
                    if !is_done {
                        return Ok(End::Unreachable);
                    }
                    outbox.remove(key).await?;
                    removed = true;
                }
                if keys.len() < PARCELS {
                    return Ok(End::Empty);
                }
                // A store may go on listing for a while what is gone.
                if !removed {
                    return Ok(End::OutOfTime);
                }
            }
        };
        let emptied: Result<End, HostError> = emptied.await;
        emptied.unwrap_or_else(|error| {
            host.warn(&format!(
                "the outbox of the sink `{}`: {error}",
                self.settings().name
            ));
            End::Unreachable
        })
    }

    /// Hands over one parcel; whether it need not be kept any longer. One that the sink has in part keeps the rest, so that
    /// what was refused is not told of twice.
    async fn deliver_stored(
        self: &Rc<Self>,
        flight: &mut DeliveryAttempt,
        key: &str,
        outbox: &dyn Outbox,
        host: &SharedHost,
    ) -> Result<bool, HostError> {
        let before = flight.events().len();
        if flight.run().await.is_ok() || flight.events().is_empty() {
            return Ok(true);
        }
        if flight.events().len() < before {
            let seals = flight.kept_seals().to_vec();
            self.put(outbox, key, flight.events(), seals, host).await?;
        }
        Ok(false)
    }

    /// Moves away what was changed while it was kept, so that an operator can inspect it and delivery does not meet it again.
    async fn store(
        &self,
        outbox: &dyn Outbox,
        key: &str,
        parcel: String,
        host: &SharedHost,
    ) -> Result<(), HostError> {
        let sink = self.settings().name;
        let rest = key.strip_prefix(&self.prefix()).unwrap_or(key);
        let aside = format!("{sink}.unreadable/{rest}");
        host.warn(&format!(
            "events that were kept for the sink `{sink}` were changed since; they are not delivered, see {aside} in the outbox"
        ));
        outbox.put(&aside, parcel).await
    }

    /// Hands over what the host kept and hands out by itself; `None` if it is not for this sink.
    pub(crate) async fn send_payload(
        self: &Rc<Self>,
        parcel: &str,
        deadline: Timestamp,
        host: &SharedHost,
    ) -> Option<bool> {
        let (kept, (events, seals)) = OutboxEntry::restore(parcel)?;
        if kept.sink != self.settings().name {
            return None;
        }
        let mut flight = DeliveryAttempt::kept(self, events, seals, deadline, host);
        Some(flight.run().await.is_ok() || flight.events().is_empty())
    }
}

/// How many of `events` fit into a parcel of so many bytes; one at least.
fn fitting(events: &[Rc<ChainedEvent>], longest: usize) -> usize {
    let mut size = AROUND;
    let next = events.iter().skip(1).map(|next| Some(next.as_ref()));
    let mut pairs = events.iter().zip(next.chain([None]));
    let fit = pairs.by_ref().take_while(|(event, next)| {
        let bytes = sealed_bytes(event, *next);
        size = size.saturating_add(bytes).saturating_add(1);
        size <= longest
    });
    fit.count().max(1)
}

fn failed(reason: String) -> HostError {
    HostError {
        operation: "keep events".to_owned(),
        reason,
    }
}
