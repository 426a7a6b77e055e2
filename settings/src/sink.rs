//! The keys of `[sinks.NAME]`.

/// Calls `$callback!` with the keys of `[sinks.NAME]`.
#[macro_export]
macro_rules! sink {
    ($callback:path $(, $with:tt)?) => { $callback! { $($with)?
        /// One `[sinks.NAME]`: where events go.
        Sink as "[sinks.siem]";
        fixed {
            /// The name that events and errors call it by.
            name: &'static str = "";
        }
        keys {
            /// What the receiver is, and so how it is spoken to. `log` is the host's log. Only the types that are listed
            /// anywhere are compiled into the server.
            protocol as "type": Choice(Protocol) or "Needed.";

            /// Where the receiver is. A URL without a path gets that of the receiver's own interface.
            url: Text(Endpoint);

            /// Whether `url` may begin with http:// where it is not a loopback address, as for a collector in the same cluster.
            /// Events and `token` can then be read and changed on the way.
            allow_http: Flag = false;

            /// The name of the host's secret that the receiver knows the server by; for a webhook the one that signs, for S3
            /// the secret access key.
            token: Secret;

            /// The header that the token goes into, where that is not the receiver's usual one. It then stands there alone,
            /// unless `auth_scheme` says what stands before it.
            header: Word(AnyHeader);

            /// What stands before the token in its header, as `Bearer`; an empty text is nothing.
            auth_scheme: Word(Scheme);

            /// How an event is written: as it is, as OCSF API Activity, or as a CloudEvent. OpenTelemetry and webhooks have a
            /// format of their own.
            format: Choice(Format) = "event";

            /// How OpenTelemetry's messages are encoded.
            encoding: Choice(Encoding) = "json";

            /// `required`: no answer leaves before the sink, or its outbox, has the event. `best-effort`: events leave after
            /// the response.
            delivery: Choice(DeliveryMode) = "best-effort";

            /// The tools whose calls wait for the sink whatever `delivery` says, by name; `*` stands for any text.
            required_tools: Words(Pattern) = [];

            /// Whether events that the sink does not take are kept in the host's store until it does. A required event goes
            /// there at once.
            outbox: Flag = false;

            /// Only events of calls of these tools, by name; `*` stands for any text. Empty: all events. A sink that gets some
            /// events only cannot prove that none is missing.
            tools: Words(Pattern) = [];

            /// Only events of requests that ended like this. Empty: all events. A sink that gets some events only cannot prove
            /// that none is missing.
            outcomes: Choices(Outcome) = [];

            /// How long the sink may take to answer.
            timeout: Duration("100ms"..="20s") = "5s";

            /// How often it is asked again, after pauses that grow.
            retries: Number(usize: 0..=10) = 3;

            /// How long an event waits for others to go with it. With `timeout` at most 25s, which is what hosts leave for work
            /// after a response.
            linger: Duration("0s"..="20s") = "1s";

            /// The most events that go together.
            batch_events: Number(usize: 1..=10_000) = 500;

            /// The most bytes of events that go together; one event that is longer goes alone.
            batch_bytes: Number(usize: 1_024..=8_388_608) = 524_288;

            /// The most events that wait in an instance. When more come, the oldest are lost, which is reported: first those of
            /// callers without identity as far as they take more than a quarter.
            buffer_events: Number(usize: 1..=1_000_000) = 10_000;

            /// Kafka: the topic.
            topic: Word(Topic);

            /// Elasticsearch, Splunk: the index; without it Splunk takes the token's.
            index: Word(Index);

            /// S3: the bucket.
            bucket: Word(Bucket);

            /// S3: the region that requests are signed for; R2 and Google Cloud Storage know `auto`.
            region: Word(Region) = "auto";

            /// S3: the id of the access key; its secret is `token`.
            access_key_id: Text(AccessKey);

            /// S3, R2: what the names of objects begin with, as `mcp/`.
            prefix: Word(Prefix) = "";

            /// Queues, R2: the binding of the Worker.
            binding: Word(Binding);
        }
    } };
}
