//! A queue of the host's (Cloudflare Queues), one line of the log for each message.

use futures_util::future::LocalBoxFuture;
use mcp_edge_runtime::config::{Format, SinkSettings};
use mcp_edge_runtime::host::Host;

use crate::{Batch, Limits, ReceiverApi, SinkPayload};

/// Cloudflare takes so many messages at once (Queues, "Limits").
const MESSAGES: usize = 100;
/// It takes 256 KB at once, with up to 100 bytes of its own for each message.
const BYTES: usize = 240_000;
/// It takes 128 KB in one message.
const MESSAGE_BYTES: usize = 127_000;

struct Queue {
    binding: &'static str,
    format: Format,
}

pub(crate) fn start(setup: SinkSettings) -> Result<Box<dyn ReceiverApi>, String> {
    Ok(Box::new(Queue {
        binding: SinkSettings::needs(setup.settings.binding, "binding")?,
        format: setup.settings.format,
    }))
}

impl ReceiverApi for Queue {
    fn parcel(&self, batch: &Batch<'_>) -> Result<SinkPayload, String> {
        let messages: Vec<_> = batch.bodies(self.format).map(|(_, text)| text).collect();
        let longest = messages.iter().map(String::len).max().unwrap_or(0);
        if longest > MESSAGE_BYTES {
            return Err(format!(
                "an event has {longest} bytes, and a message of a queue can have {MESSAGE_BYTES}"
            ));
        }
        Ok(SinkPayload::Messages {
            binding: self.binding,
            messages,
        })
    }

    fn limits(&self) -> Limits {
        Limits {
            events: MESSAGES,
            bytes: BYTES,
        }
    }

    fn check<'a>(&'a self, host: &'a dyn Host) -> LocalBoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let queues = host
                .queues()
                .ok_or_else(|| format!("the host `{}` has no queues", host.name()))?;
            let checked = queues.check(self.binding).await;
            checked.map_err(|error| error.to_string())
        })
    }
}

#[cfg(test)]
mod tests {
    use mcp_edge_audit::chain::ChainedEvent;
    use mcp_edge_audit::event::Event;
    use mcp_edge_runtime::config::Sink;

    use super::*;
    use crate::testing::{events, parcel, start, start_error};

    const QUEUE: Sink = Sink {
        name: "queue",
        protocol: crate::QUEUE,
        binding: Some("EVENTS"),
        ..Sink::DEFAULT
    };

    #[test]
    fn each_event_is_a_message() {
        let events = events(2);
        let Ok(SinkPayload::Messages { binding, messages }) =
            parcel(start(QUEUE).as_ref(), &events)
        else {
            panic!("messages");
        };
        assert_eq!(binding, "EVENTS");
        assert_eq!(messages, [events[0].json.clone(), events[1].json.clone()]);
    }

    #[test]
    fn an_event_that_no_message_can_hold_is_not_sent() {
        let long = ChainedEvent::new(Event {
            detail: Some("x".repeat(MESSAGE_BYTES)),
            ..Event::default()
        });
        let why = parcel(start(QUEUE).as_ref(), &[long.into()]).unwrap_err();
        assert!(
            why.ends_with("a message of a queue can have 127000"),
            "{why}"
        );
    }

    #[test]
    fn it_needs_a_binding() {
        let why = start_error(Sink {
            binding: None,
            ..QUEUE
        });
        assert_eq!(why, "`binding` is missing; a sink of this type needs it");
    }
}
