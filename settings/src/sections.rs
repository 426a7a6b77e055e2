//! The keys of the sections of `mcp.toml`.

/// Calls `$callback!` with the [rows](crate::rows!) of the sections of `mcp.toml`.
#[macro_export]
#[rustfmt::skip]
macro_rules! sections {
    ($callback:ident) => { $crate::rows! { $callback
        /// The settings of one environment. Each field is a section of `mcp.toml`.
        Settings;
        sections {
            /// `[server]`: the public address of the server.
            server: Server {
                /// The public URL of the MCP endpoint, as clients and identity providers know it. Its path is where the server
                /// answers; without this setting that is `/mcp`. Required once there is an issuer.
                url: Text(ServerUrl);
            }

            /// `[gateway]`: a server without code of its own, whose tools are operations of `[upstreams.NAME]`. A server in Rust
            /// sets these in its code.
            gateway: Gateway {
                /// The name of the server, such as `com.example/orders`.
                name: Word(ServerName) or "Required by `mcp-edge gateway build`.";

                /// The version of the server.
                version: Word(Name) = "1.0.0";

                /// The name of the server for people.
                title: Word(Name);

                /// The purpose of the server.
                description: Word(Text);

                /// The URL of a page about the server.
                website: Word(WebUrl);

                /// How to use the tools together, for the model.
                instructions: Word(Text);
            }

            /// `[card]`: the Server Card, which registries and clients read without connecting.
            card: Card {
                /// Whether the Server Card and the AI catalog are published, for any client and without authentication. They
                /// need `server.url`, and a server whose name has a namespace, such as `com.example/fraud-rules`.
                publish: Driver(CardRenderer::SERVER_CARD) = true;

                /// The purpose of the server, in 1 to 100 characters. Without it the card has the server's own description, if
                /// that is short enough.
                description: Word(Summary);

                /// The URL of the server's source repository.
                repository: Word(WebUrl);

                /// URLs of the server's icons: `.png`, `.jpg`, `.svg` or `.webp`.
                icons: Words(WebUrl) = [];

                /// Whether the card is also served at the paths of drafts of the standard: `/.well-known/mcp/server-card.json`,
                /// `/.well-known/mcp/server-card` and `/.well-known/mcp.json`.
                legacy_paths: Flag = false;
            }

            /// `[page]`: the page that a browser shows at the server's URL.
            page: Page {
                /// Whether a browser that opens the server's URL gets a page. The page describes the server, what it offers to
                /// anonymous callers, and how to connect clients.
                publish: Driver(PageRenderer::HTML) = true;
            }

            /// `[approvals]`: the approved definitions of tools.
            approvals: Approvals {
                /// The digests of the approved tools, as `mcp-edge manifest approve` prints them. Any other tool is in
                /// quarantine: it is not listed and cannot be called. Empty: all tools are approved.
                tools: Words(Digest) = [];
            }

            /// `[disabled]`: what is switched off, whatever the rules say.
            disabled: Disabled {
                /// The tools that no caller may see or call, by name; `*` stands for any text.
                tools: Words(Pattern) = [];

                /// The upstreams whose tools no caller may see or call, by name; `*` stands for any text.
                upstreams: Words(Pattern) = [];

                /// The tenants whose callers may do nothing; `*` stands for any text.
                tenants: Words(Pattern) = [];
            }

            /// `[live]`: the live policy, which changes without a deployment: rules, approvals, revocations, and what is
            /// switched off.
            live: Live {
                /// Whether the server has a live policy. `[[policy]]`, `[approvals]`, `[disabled]` and
                /// `tokens.not_before` are then part of it, and not of this file.
                enabled: Driver(LivePolicyReader::SIGNED) = false;

                /// The place of the signed document: an `https` URL, `file:` with an absolute path (native), `kv:BINDING/KEY`
                /// (Workers KV; on Spin the name of a key-value store), or `r2:BINDING/KEY` (Workers). Required if
                /// `live.enabled`.
                source: Text(LiveSource);

                /// The host's secret that is sent as a bearer token with requests for a URL. Without it, requests are
                /// anonymous.
                token: Secret;

                /// The public keys that the document may be signed with, each with its id: `ops-1:` and 32 bytes in base64url,
                /// as `mcp-edge keys generate --live` prints it. Required if `live.enabled`.
                keys: Words(LiveKey) = [];

                /// The time after which the next request has the document read again, after its response.
                interval: Duration("1s"..="1d") = "1m";

                /// The lowest version that is accepted.
                min_version: Number(u64: 0..=9_007_199_254_740_991) = 0;
            }

            /// `[access]`: from where the server accepts requests.
            access: Access {
                /// Whether a server with neither an issuer nor a policy rule serves any caller that can reach it. Without this
                /// setting such a server serves on a loopback address only; elsewhere it answers every request with 503.
                public: Flag = false;

                /// Web origins that may call the server besides its own, such as `https://app.example.com`. `*` allows every
                /// origin.
                allowed_origins: Words(Origin) = [];

                /// Host names that requests may name in `Host`, with a port if it is not the scheme's default. Empty: any name;
                /// a server on a loopback address then accepts loopback names and its own only.
                allowed_hosts: Words(Host) = [];

                /// The networks of proxies whose `Forwarded` and `X-Forwarded-For` headers are trusted, such as `10.0.0.0/8` or
                /// `2001:db8::/32`. It applies to a native process; on Workers and Spin the platform gives the client's
                /// address. Empty: the headers are ignored.
                trusted_proxies: Networks = [];
            }

            /// `[limits]`: the limits of one request.
            limits: Limits {
                /// The maximum size of a request body, in bytes.
                body_bytes: Number(usize: 1_024..=134_217_728) = 1_048_576;

                /// The maximum nesting depth of arrays and objects in a request.
                json_depth: Number(usize: 4..=128) = 64;

                /// The maximum number of JSON values in a request: each array and object, and each value in one. While a tool
                /// runs, an argument takes up to 800 bytes of memory for each value, however short it is in the request.
                json_values: Number(usize: 100..=10_000_000) = 10_000;

                /// The maximum number of requests to the endpoint that a native process serves at once. A batch counts as one.
                /// Further requests are refused with 503. Workers and Spin have limits of their own.
                in_flight: Number(usize: 1..=1_000_000) = 1024;

                /// The maximum number of messages in a batch of revision 2025-03-26.
                batch_messages: Number(usize: 1..=1_000) = 32;

                /// The number of entries on one page of a list.
                page_size: Number(usize: 1..=10_000) = 100;

                /// The maximum size of the journal of a handler with memory, in bytes. It must be at most half of
                /// `limits.body_bytes`, since the encoded journal travels in the request body.
                state_bytes: Number(usize: 1_024..=65_536) = 32_768;

                /// The free space that a journal must have before a step runs, in bytes. It must be at most
                /// `limits.state_bytes`.
                step_reserve_bytes: Number(usize: 1..=134_217_728) = 4_096;

                /// The maximum size of the response body of an outbound request, in bytes.
                fetch_bytes: Number(usize: 1..=134_217_728) = 4_194_304;
            }

            /// `[connections]`: the limits of connections. They apply to a native process; Workers and Spin accept connections
            /// on their own terms.
            connections: Connections {
                /// The maximum time for the head of a request, over HTTP/1.1 and HTTP/2: from its first byte, or from the
                /// moment that a new connection is accepted.
                header_timeout: Duration("100ms"..="5m") = "15s";

                /// The time after which a connection without a request in flight is closed.
                idle_timeout: Duration("100ms"..="5m") = "30s";

                /// The maximum wait for the next part of a request body. The whole body may take four times as long.
                body_timeout: Duration("100ms"..="5m") = "30s";

                /// The maximum time in which a client accepts no byte of a response. HTTP/2 connections are also sent a PING
                /// when they have been silent that long, and are closed without an answer to it.
                write_timeout: Duration("100ms"..="5m") = "30s";

                /// The maximum time for requests in flight and the delivery of events together, once the process is told to
                /// stop.
                shutdown_timeout: Duration("100ms"..="5m") = "30s";

                /// The maximum number of connections of a process. A further connection closes the one that has been idle for
                /// longest; if every connection serves a request, the new one is refused. The limit is lower where the process
                /// may not open as many file descriptors.
                max: Number(usize: 16..=1_000_000) = 4_096;

                /// The maximum number of connections of one client address. An IPv6 network of 64 bits is one address. 0: as
                /// many as `connections.max`. Behind a proxy every connection has the address of the proxy.
                max_per_address: Number(usize: 0..=1_000_000) = 0;
            }

            /// `[tokens]`: resumption tokens.
            tokens: Tokens {
                /// The host's secret that holds the keyring.
                keys: Secret = { secret = "MCP_EDGE_KEYS" };

                /// The lifetime of a legacy session.
                session_ttl: Duration("1m"..="365d") = "7d";

                /// The lifetime of a request state: the time that a caller has to answer a question.
                request_state_ttl: Duration("1s"..="30d") = "10m";

                /// The lifetime of a list cursor.
                cursor_ttl: Duration("1s"..="30d") = "1h";

                /// Tokens issued before this time are refused.
                not_before as "not_before.all": Time;

                /// Tokens of a tenant issued before this time are refused, by the tenant's name.
                not_before_tenant as "not_before.tenants": Times(Tenant) = {};

                /// Tokens of a principal issued before this time are refused, by its issuer and subject with a space between.
                not_before_principal as "not_before.principals": Times(Principal) = {};
            }

            /// `[streams]`: responses as server-sent events.
            streams: Streams {
                /// The time without a result after which a call is answered with a stream.
                stream_after: Duration("0s"..="1m") = "2s";

                /// The interval of comments on a stream without other messages. A caller that disconnected is noticed within
                /// this time.
                heartbeat_interval: Duration("100ms"..="1m") = "5s";
            }

            /// `[lists]`: cache hints of 2026-07-28 (basic/utilities/caching).
            lists: Lists {
                /// The time for which clients and gateways may cache a list, a discovery or a resource.
                ttl: Duration("0s"..="30d") = "5m";
            }

            /// `[auth]`: the verification of access tokens. It applies once there is an issuer.
            auth: Auth {
                /// The scopes that a client is told to request when it signs in. Empty: all scopes that rules and tools
                /// require.
                scopes: Words(Scope) = [];

                /// Scopes that include others, each with those that it includes: a token with the one also has the others.
                implied_scopes: Includes = {};

                /// The maximum length of an access token, in bytes.
                token_bytes: Number(usize: 1_024..=65_536) = 16_384;

                /// The maximum difference between an issuer's clock and the host's.
                leeway: Duration("0s"..="5m") = "30s";

                /// The maximum number of verified tokens that an instance caches.
                token_cache_size: Number(usize: 0..=65_536) = 1024;

                /// The time after which an issuer's keys are fetched again.
                jwks_refresh_interval: Duration("1m"..="1d") = "10m";

                /// The minimum time between two fetches of keys caused by a token with an unknown key.
                jwks_cooldown: Duration("1s"..="1h") = "30s";

                /// The time for which keys are used while the issuer cannot be reached.
                jwks_stale_if_error: Duration("0s"..="30d") = "24h";

                /// The timeout of a fetch of keys.
                jwks_timeout: Duration("100ms"..="30s") = "5s";
            }

            /// `[audit]`: the audit event of every request.
            audit: Audit {
                /// The host's secret that holds the keys that sign events. `mcp-edge keys generate --audit --file audit.keys`
                /// makes them. Without it events are chained and not signed.
                signing_keys: Evidence;

                /// Whether a result carries a signed receipt of its event, in `_meta` as `mcp-edge/receipt`. Requires
                /// `audit.signing_keys`.
                receipts: Flag = false;

                /// Whether an event contains digests of the arguments and the result. A reader who guesses the content can
                /// verify the guess.
                digests: Flag = true;

                /// The delay after which the delivery of an event is reported as late, by an event of its own.
                late_after: Duration("1s"..="1d") = "5m";

                /// The maximum size of an event as JSON, in bytes, without its hash and seal, which add up to 400. A longer
                /// event loses its recorded contents, the longer first, then the end of `detail`. Set it below the size at
                /// which receivers truncate.
                max_event_bytes: Number(usize: 4_096..=524_288) = 8_192;

                /// Regular expressions whose matches are redacted in every text that comes from a caller or a handler.
                redact_patterns: Words(Expression) = [];
            }
        }
        tables {
            /// The authorization servers whose access tokens are accepted, by the names that rules and events use.
            issuers: Named(Issuer) or "Without any, every caller is anonymous.";

            /// The authorization rules. The first rule that matches decides. Once there is an issuer or a rule, a call that no
            /// rule allows is refused.
            policy: Each(Rule) or "Without any, and without an issuer, any caller may do everything.";

            /// The rate limits. A call must be within every limit that applies to it.
            rate_limits as "rate_limit": Each(RateLimit) or "Without any, nothing is counted.";

            /// The tools, prompts and resources whose arguments and results are recorded in events, and what is redacted in
            /// them. The first entry that names the target and records the one or the other applies.
            capture: Each(Capture) or "Without any, events contain no arguments and results.";

            /// The receivers of events, by the names that events and errors use.
            sinks: Named(Sink) = ["log"] or "Without any, events go to the host's log.";

            /// The internal HTTP APIs whose operations are tools, by names of your choice.
            upstreams: Named(Upstream) or "Without any, the server has the tools of its code.";
        }
        build {
            /// What differs between tools and the operations that they are made of, by the name of the tool.
            tools: Named(Tool) or "Without any, tools are as the documents of the upstreams describe them.";
        }
    } };
}
