//! The keys of `[sinks.NAME]`.

/// Calls `$callback!` with the [rows](crate::rows!) of `[sinks.NAME]`.
#[macro_export]
#[rustfmt::skip]
macro_rules! sink {
    ($callback:ident) => { $crate::rows! { $callback
        /// A sink, `[sinks.NAME]`: a receiver of events.
        Sink as "[sinks.siem]";
        fixed {
            /// The name that events and errors use.
            name: &'static str = "";
        }
        keys {
            /// The type of the receiver. `log` is the host's log. Only types that `mcp.toml` names are compiled into the
            /// server.
            protocol as "type": Choice(Protocol) or "Required.";

            /// The URL of the receiver. A URL without a path gets the path of the receiver's API.
            url: Text(Endpoint);

            /// Whether `url` may begin with http:// although it is not a loopback address, for example for a collector in the
            /// same cluster. Events and `token` can then be read and changed on the way.
            allow_http: Flag = false;

            /// The host's secret that authenticates the server to the receiver. For a webhook it is the signing secret, for S3
            /// the secret access key.
            token: Secret;

            /// The header of the token, if it is not the receiver's usual one. Its value is then the token alone, unless
            /// `auth_scheme` is set.
            header: Word(AnyHeader);

            /// The authentication scheme before the token in its header, such as `Bearer`. Empty: none.
            auth_scheme: Word(Scheme);

            /// The format of an event: as it is, as OCSF API Activity, or as a CloudEvent. OpenTelemetry and webhooks have a
            /// format of their own.
            format: Choice(Format) = "event";

            /// The encoding of OTLP messages.
            encoding: Choice(Encoding) = "json";

            /// `required`: a response is sent only after the sink, or its outbox, has the event. `best-effort`: events are
            /// delivered after the response.
            delivery: Choice(DeliveryMode) = "best-effort";

            /// The tools whose calls wait for the sink whatever `delivery` is, by name; `*` stands for any text.
            required_tools: Words(Pattern) = [];

            /// Whether events that the sink does not accept are kept in the host's store until it does. A required event is
            /// stored there at once.
            outbox: Flag = false;

            /// Only events of calls of these tools, by name; `*` stands for any text. Empty: all events. A sink that receives
            /// some events only cannot prove that none is missing.
            tools: Words(Pattern) = [];

            /// Only events of requests with these outcomes. Empty: all events. A sink that receives some events only cannot
            /// prove that none is missing.
            outcomes: Choices(Outcome) = [];

            /// The timeout of a request to the receiver.
            timeout: Duration("100ms"..="20s") = "5s";

            /// The maximum number of retries, after pauses that grow.
            retries: Number(usize: 0..=10) = 3;

            /// The time that an event waits for others to be sent with it. `linger` and `timeout` together must be at most 25s,
            /// since hosts stop work that continues long after a response.
            linger: Duration("0s"..="20s") = "1s";

            /// The maximum number of events in a batch.
            batch_events: Number(usize: 1..=10_000) = 500;

            /// The maximum size of a batch, in bytes. An event that is larger is sent alone.
            batch_bytes: Number(usize: 1_024..=8_388_608) = 524_288;

            /// The maximum number of events that wait in an instance. Beyond it the oldest are lost, and the loss is reported.
            /// Events of anonymous callers are lost first, while they take more than a quarter.
            buffer_events: Number(usize: 1..=1_000_000) = 10_000;

            /// Kafka: the topic.
            topic: Word(Topic);

            /// Elasticsearch, Splunk: the index; without it Splunk takes the token's.
            index: Word(Index);

            /// S3: the bucket.
            bucket: Word(Bucket);

            /// S3: the region that requests are signed for. R2 and Google Cloud Storage accept `auto`.
            region: Word(Region) = "auto";

            /// S3: the id of the access key; its secret is `token`.
            access_key_id: Text(AccessKey);

            /// S3, R2: the prefix of object names, such as `mcp/`.
            prefix: Word(Prefix) = "";

            /// Queues, R2: the binding of the Worker.
            binding: Word(Binding);
        }
    } };
}
