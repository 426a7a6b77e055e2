//! What `[sinks.NAME]` holds.

use std::time::Duration;

use super::{DefaultValue, Key, SECOND, Table};
use crate::choice::{DELIVERIES, ENCODINGS, FORMATS, OUTCOMES, PROTOCOLS};
use crate::item::TextKind;
use crate::kind::Kind;

/// `[sinks.NAME]`
pub const SINK: Table = Table {
    entry: "Sink",
    example: "[sinks.siem]",
    keys: &[
        Key {
            path: "type",
            field: "protocol",
            kind: Kind::Choice(PROTOCOLS),
            default: DefaultValue::Otherwise("Needed."),
            help: "What the receiver is, and so how it is spoken to. `log` is the host's log. Only the types that \
                   are listed anywhere are compiled into the server.",
        },
        Key {
            path: "url",
            field: "url",
            kind: Kind::Text(TextKind::Endpoint),
            default: DefaultValue::Nothing,
            help: "Where the receiver is. A URL without a path gets that of the receiver's own interface.",
        },
        Key {
            path: "allow_http",
            field: "allow_http",
            kind: Kind::Flag,
            default: DefaultValue::Value("false"),
            help: "Whether `url` may begin with http:// where it is not a loopback address, as for a collector in the \
                   same cluster. Events and `token` can then be read and changed on the way.",
        },
        Key {
            path: "token",
            field: "token",
            kind: Kind::Secret,
            default: DefaultValue::Nothing,
            help: "The name of the host's secret that the receiver knows the server by; for a webhook the one that \
                   signs, for S3 the secret access key.",
        },
        Key {
            path: "header",
            field: "header",
            kind: Kind::Word(TextKind::AnyHeader),
            default: DefaultValue::Nothing,
            help: "The header that the token goes into, where that is not the receiver's usual one. It then stands \
                   there alone, unless `auth_scheme` says what stands before it.",
        },
        Key {
            path: "auth_scheme",
            field: "auth_scheme",
            kind: Kind::Word(TextKind::Scheme),
            default: DefaultValue::Nothing,
            help: "What stands before the token in its header, as `Bearer`; an empty text is nothing.",
        },
        Key {
            path: "format",
            field: "format",
            kind: Kind::Choice(FORMATS),
            default: DefaultValue::Value("\"event\""),
            help: "How an event is written: as it is, as OCSF API Activity, or as a CloudEvent. OpenTelemetry and \
                   webhooks have a format of their own.",
        },
        Key {
            path: "encoding",
            field: "encoding",
            kind: Kind::Choice(ENCODINGS),
            default: DefaultValue::Value("\"json\""),
            help: "How OpenTelemetry's messages are encoded.",
        },
        Key {
            path: "delivery",
            field: "delivery",
            kind: Kind::Choice(DELIVERIES),
            default: DefaultValue::Value("\"best-effort\""),
            help: "`required`: no answer leaves before the sink, or its outbox, has the event. `best-effort`: events \
                   leave after the response.",
        },
        Key {
            path: "required_tools",
            field: "required_tools",
            kind: Kind::Words(TextKind::Pattern),
            default: DefaultValue::Value("[]"),
            help: "The tools whose calls wait for the sink whatever `delivery` says, by name; `*` stands for any \
                   text.",
        },
        Key {
            path: "outbox",
            field: "outbox",
            kind: Kind::Flag,
            default: DefaultValue::Value("false"),
            help: "Whether events that the sink does not take are kept in the host's store until it does. A required \
                   event goes there at once.",
        },
        Key {
            path: "tools",
            field: "tools",
            kind: Kind::Words(TextKind::Pattern),
            default: DefaultValue::Value("[]"),
            help: "Only events of calls of these tools, by name; `*` stands for any text. Empty: all events. A sink \
                   that gets some events only cannot prove that none is missing.",
        },
        Key {
            path: "outcomes",
            field: "outcomes",
            kind: Kind::Choices(OUTCOMES),
            default: DefaultValue::Value("[]"),
            help: "Only events of requests that ended like this. Empty: all events. A sink that gets some events only \
                   cannot prove that none is missing.",
        },
        Key {
            path: "timeout",
            field: "timeout",
            kind: Kind::Duration {
                least: Duration::from_millis(100),
                most: SECOND.saturating_mul(20),
            },
            default: DefaultValue::Value("\"5s\""),
            help: "How long the sink may take to answer.",
        },
        Key {
            path: "retries",
            field: "retries",
            kind: Kind::Number { least: 0, most: 10 },
            default: DefaultValue::Value("3"),
            help: "How often it is asked again, after pauses that grow.",
        },
        Key {
            path: "linger",
            field: "linger",
            kind: Kind::Duration {
                least: Duration::ZERO,
                most: SECOND.saturating_mul(20),
            },
            default: DefaultValue::Value("\"1s\""),
            help: "How long an event waits for others to go with it. With `timeout` at most 25s, which is what hosts \
                   leave for work after a response.",
        },
        Key {
            path: "batch_events",
            field: "batch_events",
            kind: Kind::Number {
                least: 1,
                most: 10_000,
            },
            default: DefaultValue::Value("500"),
            help: "The most events that go together.",
        },
        Key {
            path: "batch_bytes",
            field: "batch_bytes",
            kind: Kind::Number {
                least: 1 << 10,
                most: 8 << 20,
            },
            default: DefaultValue::Value("524_288"),
            help: "The most bytes of events that go together; one event that is longer goes alone.",
        },
        Key {
            path: "buffer_events",
            field: "buffer_events",
            kind: Kind::Number {
                least: 1,
                most: 1_000_000,
            },
            default: DefaultValue::Value("10_000"),
            help: "The most events that wait in an instance. When more come, the oldest are lost, which is reported: first those \
                   of callers without identity as far as they take more than a quarter.",
        },
        only_for("topic", TextKind::Topic, "Kafka: the topic."),
        only_for(
            "index",
            TextKind::Index,
            "Elasticsearch, Splunk: the index; without it Splunk takes the token's.",
        ),
        only_for("bucket", TextKind::Bucket, "S3: the bucket."),
        Key {
            path: "region",
            field: "region",
            kind: Kind::Word(TextKind::Region),
            default: DefaultValue::Value("\"auto\""),
            help: "S3: the region that requests are signed for; R2 and Google Cloud Storage know `auto`.",
        },
        Key {
            path: "access_key_id",
            field: "access_key_id",
            kind: Kind::Text(TextKind::AccessKey),
            default: DefaultValue::Nothing,
            help: "S3: the id of the access key; its secret is `token`.",
        },
        Key {
            path: "prefix",
            field: "prefix",
            kind: Kind::Word(TextKind::Prefix),
            default: DefaultValue::Value("\"\""),
            help: "S3, R2: what the names of objects begin with, as `mcp/`.",
        },
        only_for(
            "binding",
            TextKind::Binding,
            "Queues, R2: the binding of the Worker.",
        ),
    ],
};

/// What a type needs or may have, and most do not.
const fn only_for(path: &'static str, item: TextKind, help: &'static str) -> Key {
    Key {
        path,
        field: path,
        kind: Kind::Word(item),
        default: DefaultValue::Nothing,
        help,
    }
}
