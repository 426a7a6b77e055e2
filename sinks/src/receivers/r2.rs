//! A store of objects of the host's (Cloudflare R2), one object of lines for each batch.

use futures_util::future::LocalBoxFuture;
use mcp_edge_runtime::config::{Format, SinkSettings};
use mcp_edge_runtime::host::Host;

use crate::object_key::CONTENT_TYPE;
use crate::{Batch, ReceiverApi, SinkPayload};

struct R2 {
    binding: &'static str,
    prefix: &'static str,
    format: Format,
}

pub(crate) fn start(setup: SinkSettings) -> Result<Box<dyn ReceiverApi>, String> {
    Ok(Box::new(R2 {
        binding: SinkSettings::needs(setup.settings.binding, "binding")?,
        prefix: setup.settings.prefix,
        format: setup.settings.format,
    }))
}

impl ReceiverApi for R2 {
    fn parcel(&self, batch: &Batch<'_>) -> Result<SinkPayload, String> {
        Ok(SinkPayload::Object {
            binding: self.binding,
            key: batch.key(self.prefix),
            content_type: CONTENT_TYPE,
            bytes: batch.object(self.format),
        })
    }

    fn check<'a>(&'a self, host: &'a dyn Host) -> LocalBoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let objects = host
                .objects()
                .ok_or_else(|| format!("the host `{}` has no store of objects", host.name()))?;
            let checked = objects.check(self.binding).await;
            checked.map_err(|error| error.to_string())
        })
    }
}

#[cfg(test)]
mod tests {
    use mcp_edge_runtime::config::Sink;

    use super::*;
    use crate::testing::{events, parcel, start, start_error};

    const R2: Sink = Sink {
        name: "r2",
        protocol: crate::R2,
        binding: Some("BUCKET"),
        prefix: "audit/",
        ..Sink::DEFAULT
    };

    #[test]
    fn a_batch_is_an_object_of_lines_whose_name_a_repetition_has_as_well() {
        let events = events(2);
        let keys = [(); 2].map(|()| {
            let Ok(SinkPayload::Object {
                binding,
                key,
                content_type,
                bytes,
            }) = parcel(start(R2).as_ref(), &events)
            else {
                panic!("an object");
            };
            assert_eq!(binding, "BUCKET");
            assert_eq!(content_type, "application/x-ndjson");
            assert_eq!(bytes, format!("{}\n{}\n", events[0].json, events[1].json));
            key
        });
        assert_eq!(keys[0], keys[1]);
        let chain = events[0].chain();
        assert_eq!(
            keys[0],
            format!("audit/2026/09/21/20260921T141320500Z-{chain}-0-1.ndjson")
        );
    }

    #[test]
    fn it_needs_a_binding() {
        let why = start_error(Sink {
            binding: None,
            ..R2
        });
        assert_eq!(why, "`binding` is missing; a sink of this type needs it");
    }
}
