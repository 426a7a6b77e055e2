//! The keys of the sections of `mcp.toml`.

/// Calls `$callback!` with the keys of the sections of `mcp.toml`.
#[macro_export]
macro_rules! sections {
    ($callback:path $(, $with:tt)?) => { $callback! { $($with)?
        /// One environment's settings. Each field is a section of `mcp.toml`.
        Settings;
        sections {
            /// `[server]`: where the server is found.
            server: Server {
                /// The public URL of the MCP endpoint, as clients and identity providers know it. Its path is where the server
                /// answers; without this setting that is `/mcp`. Needed once there is an issuer.
                url: Text(ServerUrl);
            }

            /// `[card]`: what registries and clients learn without connecting.
            card: Card {
                /// Whether everybody may read the Server Card and the AI catalog. They need `server.url`, and a server whose
                /// name has a namespace, as `com.example/fraud-rules`.
                publish: Flag = true;

                /// What the server is for, in 1 to 100 characters. Without it the card has the server's own description, where
                /// that is short enough.
                description: Word(Summary);

                /// Where the server's source is found.
                repository: Word(WebUrl);

                /// Pictures of the server: `.png`, `.jpg`, `.svg` or `.webp`.
                icons: Words(WebUrl) = [];

                /// Whether the card also stands where drafts of the standard had it: `/.well-known/mcp/server-card.json`,
                /// `/.well-known/mcp/server-card` and `/.well-known/mcp.json`.
                legacy_paths: Flag = false;
            }

            /// `[page]`: what people see who open the server's URL.
            page: Page {
                /// Whether a browser that opens the server's URL gets a page: what the server is, what it offers those who
                /// prove nothing, and how to connect clients.
                publish: Driver(PageRenderer::HTML) = true;
            }

            /// `[approvals]`: the approved definitions of what the server offers.
            approvals: Approvals {
                /// The digests of the approved tools, as `mcp-edge manifest approve` prints them. Every other tool is in
                /// quarantine: no caller sees it. Empty: all tools are approved.
                tools: Words(Digest) = [];
            }

            /// `[access]`: how the server may be reached.
            access: Access {
                /// Whether a server with neither an issuer nor a policy rule may be called by anyone who reaches it. Without
                /// this setting such a server serves on a loopback address only; elsewhere it answers every request with 503.
                public: Flag = false;

                /// Web origins that may call the server besides its own, as `https://app.example.com`. `*` allows every origin.
                allowed_origins: Words(Origin) = [];

                /// Host names that requests may name, with a port where it is not the scheme's own. Empty: any, except that a
                /// server on a loopback address then answers to loopback names and its own only.
                allowed_hosts: Words(Host) = [];

                /// The networks of proxies whose `Forwarded` and `X-Forwarded-For` say where a client is, as `10.0.0.0/8` or
                /// `2001:db8::/32`. Only a process reads it; Workers and Spin take the platform's word. Empty: no header is
                /// read.
                trusted_proxies: Networks = [];
            }

            /// `[limits]`: what one request may cost.
            limits: Limits {
                /// The greatest request body, in bytes.
                body_bytes: Number(usize: 1_024..=134_217_728) = 1_048_576;

                /// How deep arrays and objects may nest in a request, in levels.
                json_depth: Number(usize: 4..=128) = 64;

                /// How many JSON values a request may hold: each array and object, and each value in one. While a tool runs, an
                /// argument takes up to 800 bytes of memory for each value, however short it is in the request.
                json_values: Number(usize: 100..=10_000_000) = 10_000;

                /// How many requests to the endpoint a native process serves at once, a batch counting as one; one more is
                /// refused with 503. Workers and Spin bound what an instance serves themselves.
                in_flight: Number(usize: 1..=1_000_000) = 1024;

                /// How many messages a batch of revision 2025-03-26 may hold.
                batch_messages: Number(usize: 1..=1_000) = 32;

                /// How many entries one page of a list holds.
                page_size: Number(usize: 1..=10_000) = 100;

                /// The greatest journal of a handler with memory, in bytes: at most 65536, and at most half of
                /// `limits.body_bytes`, since it travels in the request body, encoded.
                state_bytes: Number(usize: 1_024..=65_536) = 32_768;

                /// What must be free in that journal before a step runs, in bytes; at most `limits.state_bytes`.
                step_reserve_bytes: Number(usize: 1..=134_217_728) = 4_096;

                /// The greatest body of an answer to an outbound request, in bytes.
                fetch_bytes: Number(usize: 1..=134_217_728) = 4_194_304;
            }

            /// `[connections]`: what one connection may cost, on a host that accepts connections itself.
            connections: Connections {
                /// The maximum time for the head of a request, over HTTP/1.1 and HTTP/2: from its first byte, or from the
                /// moment that a new connection is accepted. Like all of `[connections]` it applies to a native process;
                /// Workers and Spin accept no connections themselves.
                header_timeout: Duration("100ms"..="5m") = "15s";

                /// After how long a connection without a request in flight is closed.
                idle_timeout: Duration("100ms"..="5m") = "30s";

                /// The maximum wait for the next part of a request body. The whole body may take four times as long.
                body_timeout: Duration("100ms"..="5m") = "30s";

                /// The maximum time in which a client accepts no byte of a response. HTTP/2 connections are also sent a PING
                /// when they have been silent that long, and are closed without an answer to it.
                write_timeout: Duration("100ms"..="5m") = "30s";

                /// How long requests in flight and the delivery of events may take together once the process is told to stop.
                shutdown_timeout: Duration("100ms"..="5m") = "30s";

                /// How many connections a native process serves at once. One more closes the connection that has been without a
                /// request for longest; where every connection serves a request, the new one is refused. It is lowered where
                /// the process may not open as many descriptors.
                max: Number(usize: 16..=1_000_000) = 4_096;

                /// How many of them one client address may have; an IPv6 network of 64 bits is one address. 0: as many as
                /// `connections.max`. Behind a proxy every connection has the address of the proxy.
                max_per_address: Number(usize: 0..=1_000_000) = 0;
            }

            /// `[tokens]`: resumption tokens.
            tokens: Tokens {
                /// The name of the host's secret that holds the keyring.
                keys: Secret = { secret = "MCP_EDGE_KEYS" };

                /// How long a legacy session lasts.
                session_ttl: Duration("1m"..="365d") = "7d";

                /// How long a caller may take to answer a question.
                request_state_ttl: Duration("1s"..="30d") = "10m";

                /// How long a list cursor works.
                cursor_ttl: Duration("1s"..="30d") = "1h";

                /// Tokens issued before this time are refused.
                not_before as "not_before.all": Time;

                /// The same for the tokens of one tenant, by its name.
                not_before_tenant as "not_before.tenants": Times(Tenant) = {};

                /// The same for the tokens of one principal, by its issuer and subject with a space between.
                not_before_principal as "not_before.principals": Times(Principal) = {};
            }

            /// `[streams]`: answers that take their time.
            streams: Streams {
                /// After how long without an answer a call becomes a stream.
                stream_after: Duration("0s"..="1m") = "2s";

                /// How often a stream without news sends a comment. A caller that left is noticed within this time.
                heartbeat_interval: Duration("100ms"..="1m") = "5s";
            }

            /// `[lists]`: cache hints of 2026-07-28 (basic/utilities/caching).
            lists: Lists {
                /// How long clients and gateways may keep a list, a discovery or a resource.
                ttl: Duration("0s"..="30d") = "5m";
            }

            /// `[auth]`: how callers prove who they are. It matters once there is an issuer.
            auth: Auth {
                /// The scopes that a client is told to ask for when it signs in. Empty: all that a rule or a tool asks for.
                scopes: Words(Scope) = [];

                /// Scopes that include others, each with those it includes: a token with the one has the others.
                implied_scopes: Includes = {};

                /// The longest access token, in bytes.
                token_bytes: Number(usize: 1_024..=65_536) = 16_384;

                /// How far an issuer's clock and the host's may be apart.
                leeway: Duration("0s"..="5m") = "30s";

                /// How many verified tokens an instance remembers.
                token_cache_size: Number(usize: 0..=65_536) = 1024;

                /// How long an issuer's keys are used before they are fetched again.
                jwks_refresh_interval: Duration("1m"..="1d") = "10m";

                /// How long to wait at least before a token with an unknown key makes them be fetched again.
                jwks_cooldown: Duration("1s"..="1h") = "30s";

                /// How long keys are used when the issuer cannot be reached.
                jwks_stale_if_error: Duration("0s"..="30d") = "24h";

                /// How long one fetch of keys may take.
                jwks_timeout: Duration("100ms"..="30s") = "5s";
            }

            /// `[audit]`: what is said of every request.
            audit: Audit {
                /// The name of the host's secret that holds the keys of evidence, which `mcp-edge keys --audit` makes. Without
                /// them events are chained and not signed.
                signing_keys: Evidence;

                /// Whether a result carries a signed receipt of its event, in `_meta` as `mcp-edge/receipt`. Needs
                /// `audit.signing_keys`.
                receipts: Flag = false;

                /// Whether an event holds digests of arguments and result. A reader who guesses the words can check the guess.
                digests: Flag = true;

                /// An event that a sink gets later than this is reported by an event of its own.
                late_after: Duration("1s"..="1d") = "5m";

                /// The maximum size of an event as JSON, in bytes, without its hash and seal, which add up to 400. From a
                /// longer event recorded contents are left out first, the longer first, then the end of `detail`. Set it below
                /// what the receivers cut off.
                max_event_bytes: Number(usize: 4_096..=524_288) = 8_192;

                /// Regular expressions of what is redacted in everything that is recorded of a caller's or a handler's words.
                redact_patterns: Words(Expression) = [];
            }
        }
        tables {
            /// The authorization servers whose access tokens are accepted, by the names that rules and events call them.
            issuers: Named(Issuer) or "Without any, every caller is anonymous.";

            /// The rules that say who may do what; the first that fits decides. Once there is an issuer or a rule, what no rule
            /// allows is refused.
            policy: Each(Rule) or "Without any, and without an issuer, everybody may do everything.";

            /// How often something may be called. A call must be within every rate that holds for it.
            rate_limits as "rate_limit": Each(RateLimit) or "Without any, nothing is counted.";

            /// Whose arguments and results stand in events, and what is redacted in them; the first that names the tool, prompt
            /// or resource and asks for the one or the other counts.
            capture: Each(Capture) or "Without any, events contain no arguments and results.";

            /// Where events go, by names that events and errors call them.
            sinks: Named(Sink) = ["log"] or "Without any, events go to the host's log.";
        }
    } };
}
