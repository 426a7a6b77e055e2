//! A webhook that gets CloudEvents in batches (CloudEvents 1.0.2, HTTP Protocol Binding, 3.3), signed as Standard Webhooks
//! has it (Standard Webhooks 1.0.0, "Verifying webhook authenticity").

use base64ct::{Base64, Encoding as _};
use hmac::{Hmac, Mac as _};
use http::{HeaderName, HeaderValue};
use mcp_edge_runtime::config::SinkSettings;
use mcp_edge_runtime::token::is_guessable;
use sha2::Sha256;

use crate::http_request::RequestTemplate;
use crate::{Batch, ReceiverApi, SinkPayload};

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");
/// What the specification has a secret begin with.
const SECRET: &str = "whsec_";
/// How long the specification has a secret be, in bytes.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

struct Webhook {
    post: RequestTemplate,
    /// Each signs, so that a receiver may know the old one or the new one while a secret is replaced.
    keys: Vec<Hmac<Sha256>>,
}

pub(crate) fn start(setup: SinkSettings) -> Result<Box<dyn ReceiverApi>, String> {
    let secrets = SinkSettings::needs(setup.token(), "token")?;
    let keys = secrets.split_ascii_whitespace().map(|secret| {
        let text = secret.strip_prefix(SECRET).unwrap_or_default();
        let bytes = Base64::decode_vec(text).ok();
        bytes
            .filter(|bytes| SECRET_BYTES.contains(&bytes.len()) && !is_guessable(text, bytes))
            .and_then(|bytes| Hmac::new_from_slice(&bytes).ok())
            .ok_or_else(|| {
                format!(
                    "the secret of `token` must be {SECRET} and 24 to 64 random bytes in base64, or several of that with spaces between; make one with: echo \"{SECRET}$(openssl rand -base64 32)\""
                )
            })
    });
    Ok(Box::new(Webhook {
        keys: keys.collect::<Result<_, _>>()?,
        post: RequestTemplate {
            uri: setup.endpoint("/")?,
            credential: None,
            content_type: "application/cloudevents-batch+json",
        },
    }))
}

impl ReceiverApi for Webhook {
    fn parcel(&self, batch: &Batch<'_>) -> Result<SinkPayload, String> {
        let events = batch.bodies(crate::CLOUD_EVENTS).map(|(_, text)| text);
        let events: Vec<_> = events.collect();
        let body = format!("[{}]", events.join(","));
        let (id, time) = (batch.name(), batch.now.as_secs().to_string());
        let signature = self.sign(&id, &time, &body);
        let mut request = self.post.with(body)?;
        for (name, text) in [(ID, id), (TIMESTAMP, time), (SIGNATURE, signature)] {
            let value = HeaderValue::try_from(text).map_err(|error| error.to_string())?;
            request.headers_mut().insert(name, value);
        }
        Ok(SinkPayload::Http(request))
    }
}

impl Webhook {
    fn sign(&self, id: &str, time: &str, body: &str) -> String {
        let signatures = self.keys.iter().map(|key| {
            let mac = key.clone().chain_update(format!("{id}.{time}.{body}"));
            format!("v1,{}", Base64::encode_string(&mac.finalize().into_bytes()))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use mcp_edge_runtime::config::{Sink, TextSetting};

    use super::*;
    use crate::BatchStatus;
    use crate::testing::{
        NOW, answer, body, events, header, http, setup_with, start_error_with, start_with,
    };

    const WEBHOOK: Sink = Sink {
        name: "hook",
        protocol: crate::WEBHOOK,
        url: Some(TextSetting::Literal("https://hooks.example/mcp")),
        token: Some("TOKEN"),
        ..Sink::DEFAULT
    };

    fn keys(secrets: &str) -> Webhook {
        let setup = setup_with(WEBHOOK, secrets);
        let keys = setup.token().unwrap().split(' ').map(|secret| {
            let bytes = Base64::decode_vec(secret.strip_prefix(SECRET).unwrap()).unwrap();
            Hmac::new_from_slice(&bytes).unwrap()
        });
        Webhook {
            keys: keys.collect(),
            post: RequestTemplate {
                uri: setup.endpoint("/").unwrap(),
                credential: None,
                content_type: "",
            },
        }
    }

    #[test]
    fn signatures_are_those_of_the_libraries_of_standard_webhooks() {
        let old = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        assert_eq!(
            keys(old).sign(
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "1614265330",
                r#"{"test": 2432232314}"#
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        let new = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
        let both = keys(&format!("{new} {old}")).sign(
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            "1649367553",
            r#"{"email":"test@example.com","username":"test_user"}"#,
        );
        let (first, second) = both.split_once(' ').unwrap();
        assert_eq!(first, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
        assert!(second.starts_with("v1,"));
    }

    #[test]
    fn a_batch_is_one_of_cloud_events_and_a_repetition_has_its_id() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let receiver = start_with(WEBHOOK, secret);
        let events = events(2);
        let request = http(receiver.as_ref(), &events);
        assert_eq!(request.uri(), "https://hooks.example/mcp");
        assert_eq!(
            header(&request, "content-type"),
            "application/cloudevents-batch+json"
        );
        let sent: Vec<serde_json::Value> = serde_json::from_str(&body(&request)).unwrap();
        assert_eq!(sent[0]["specversion"], "1.0");
        assert_eq!(sent[1]["id"], events[1].event.id.as_str());
        let id = header(&request, "webhook-id");
        let time = header(&request, "webhook-timestamp");
        assert_eq!(time, NOW.as_secs().to_string());
        assert_eq!(
            header(&request, "webhook-signature"),
            keys(secret).sign(id, time, &body(&request))
        );
        assert_eq!(id, header(&http(receiver.as_ref(), &events), "webhook-id"));
        let other = http(receiver.as_ref(), events.get(..1).unwrap());
        assert_ne!(id, header(&other, "webhook-id"));
    }

    #[test]
    fn any_status_of_success_is_an_acknowledgement() {
        let receiver = start_with(WEBHOOK, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let says = |status| receiver.verdict(&answer(status, ""), 1);
        assert_eq!(says(200), BatchStatus::Accepted);
        assert_eq!(says(204), BatchStatus::Accepted);
        assert!(matches!(says(302), BatchStatus::Again { .. }));
        assert!(matches!(says(410), BatchStatus::Again { .. }));
        assert!(matches!(says(502), BatchStatus::Again { .. }));
    }

    #[test]
    fn an_invalid_secret_is_not_repeated_in_the_error() {
        let zeros = format!("whsec_{}", "A".repeat(32));
        for secret in ["hunter2", "whsec_c2hvcnQ=", "whsec_!", &zeros] {
            let why = start_error_with(WEBHOOK, secret);
            assert!(why.starts_with("the secret of `token` must be whsec_"));
            assert!(!why.contains(secret));
        }
    }
}
