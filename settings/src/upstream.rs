//! The keys of `[upstreams.NAME]`.

/// Calls `$callback!` with the [rows](crate::rows!) of `[upstreams.NAME]`.
#[macro_export]
#[rustfmt::skip]
macro_rules! upstream {
    ($callback:ident) => { $crate::rows! { $callback
        /// An upstream, `[upstreams.NAME]`: an internal HTTP API whose operations are tools.
        Upstream as "[upstreams.orders]";
        fixed {
            /// The name that the catalog, rate limits and errors use.
            name: &'static str = "";

            /// The tenant that these settings are for, in an overlay.
            tenant: Option<&'static str> = None;
        }
        keys {
            /// The URL below which the API is. The `servers` of its documents are not used.
            url: Text(Endpoint);

            /// On Workers, the service binding that requests are sent to. `url` is then the URL that the bound Worker sees;
            /// without it that is `http://NAME.internal`.
            binding: Word(Binding);

            /// URLs of other origins that serve operations of the API, by a name of your choice. An operation with `servers` of
            /// its own is a tool only if one of these is among them.
            origins: TextsByName(Endpoint) = {};

            /// Whether `url` and `origins` may begin with http:// although they are no loopback addresses. Requests can then be
            /// read and changed on the way, `token`, `headers` and `query` included.
            allow_http: Flag = false;

            /// Whether `url`, `origins` and the URLs of `authority` may name this machine or a private network: a loopback,
            /// private or link-local address, `localhost`, a name without a dot, or one that ends in `.internal` or `.local`.
            private: Flag = false;

            /// The secret that is sent as `Authorization: Bearer`.
            token: Secret;

            /// The user name of `Authorization: Basic` (RFC 7617). Requires `password`.
            username: Text(Name);

            /// The secret that is the password of `username`.
            password: Secret;

            /// Secrets that are sent as headers, by the name of the header: `{ X-Api-Key = { secret = "ORDERS_KEY" } }`.
            headers: Secrets(AnyHeader) = {};

            /// Secrets that are sent in the query, by the name of the parameter. They are in no log of the server, but may be in
            /// those of the upstream.
            query: Secrets(Name) = {};

            /// The maximum time for a request and its whole response.
            timeout: Duration("100ms"..="5m") = "20s";

            /// The maximum size of a response body, in bytes, before and after decompression.
            response_bytes: Number(usize: 1_024..=134_217_728) = 1_048_576;

            /// The maximum number of redirects that a GET or HEAD request follows within the same origin. Every other redirect
            /// is a tool error.
            max_redirects: Number(u8: 0..=3) = 0;

            /// Whether a tool error contains the texts that the upstream gives as title and detail of an error response. Without
            /// them it contains the status only.
            error_details: Flag = true;

            /// The number of failures in a row after which the upstream counts as down. A failure is a request without a usable
            /// response, or a response of 502, 503 or 504. A timeout counts for its tool alone, which then counts as too slow.
            /// 0: nothing is counted.
            breaker_failures: Number(u32: 0..=1_000) = 5;

            /// The time for which calls of an upstream that is down, or of a tool that is too slow, fail at once. Then one call
            /// is let through to try.
            breaker_pause: Duration("1s"..="10m") = "30s";

            /// Whether a tenant with a `url`, `binding` or `origins` of its own and no credential of its own is sent the
            /// credential of the upstream. Without it, that is a mistake where the URL is of another origin.
            shared_credential: Flag = false;
        }
        sections {
            /// `[upstreams.NAME.authority]`: a token or an assertion that each request gets, in place of a secret of its own.
            authority: Authority {
                /// The kind of authority. `client_credentials`: a token of the gateway (RFC 6749). `token_exchange`: a token for
                /// the caller, in exchange for its access token (RFC 8693). `jwt_bearer`: the same with the caller's access token
                /// as the grant (RFC 7523). `cross_app_access`: the same by an identity assertion grant (ID-JAG) of
                /// `identity_provider`. `assertion`: a JWT about the caller and the request, which the gateway signs itself.
                kind as "type": Choice(AuthorityType);

                /// The URL of the authorization server, exactly as its metadata names it (RFC 8414). Its token endpoint is found
                /// there.
                issuer: Text(ServerUrl);

                /// The URL of the token endpoint, in place of `issuer` or in addition to it.
                token_endpoint: Text(Endpoint);

                /// The authorization servers of which the upstream may choose one, in place of `issuer`: the URL of each, exactly
                /// as its metadata names it. The upstream names its own in its protected resource metadata (RFC 9728), which
                /// must be those of `resource`, or of `url` without one. The client has the same id and secret at each.
                authorization_servers: Texts(ServerUrl) = [];

                /// The id of the gateway as a client of the authorization server.
                client_id: Text(Name);

                /// How the gateway authenticates to the token endpoint. `client_secret_basic` and `client_secret_post` need
                /// `client_secret`, and `private_key_jwt` needs `signing_key` (RFC 7523).
                client_authentication: Choice(ClientAuthentication) = "client_secret_basic";

                /// The secret of the client.
                client_secret: Secret;

                /// The secret with the private key that signs: PEM of PKCS#8. The public key is published at
                /// `/.well-known/assertion-jwks.json`.
                signing_key: Secret;

                /// The algorithm of `signing_key`. Spin signs with ES256 and EdDSA only.
                signing_algorithm: Choice(SigningAlgorithm) = "ES256";

                /// The `kid` of the key, where the authorization server has given it one. Without it, that is the thumbprint of
                /// the key (RFC 7638).
                key_id: Word(Name);

                /// The audience of the client's assertion. Without it, that is `issuer`, and without one the token endpoint.
                assertion_audience: Text(Audience);

                /// The secret with a second private key, of the same algorithm, that is published and does not sign: the one
                /// before or after `signing_key` while keys change.
                standby_key: Secret;

                /// The audience that the token is for. Of an assertion that is its `aud`; without it, `url`.
                audience: Text(Audience);

                /// The resource that the token is for (RFC 8707). Without it, that is `url` with `authorization_servers`.
                resource: Text(Audience);

                /// The scopes to ask for. A token that has others is refused, unless one of these ends in `/.default` (Microsoft
                /// Entra).
                scopes: Words(Scope) = [];

                /// The type of token to ask for in an exchange. Without it, the authorization server chooses.
                requested_token_type: Choice(TokenType);

                /// Whether an exchange has a token of the gateway itself as `actor_token`, so that the new token names the
                /// gateway in `act`.
                actor: Flag = false;

                /// Whether a `jwt_bearer` request has `requested_token_use=on_behalf_of`, as Microsoft Entra requires.
                on_behalf_of: Flag = false;

                /// The lifetime of an assertion.
                lifetime: Duration("5s"..="60s") = "30s";

                /// The scopes that a caller is told to ask for when the upstream refuses a token for it, by the scope that the
                /// upstream names in `WWW-Authenticate`. `*` is for any answer of 403. Without a scope that fits, the call
                /// is a tool error.
                scope_challenges: Includes = {};
            }

            /// `[upstreams.NAME.identity_provider]`: where the callers of an upstream with `cross_app_access` sign in, and where
            /// the gateway exchanges their access tokens for identity assertion grants.
            identity_provider: IdentityProvider {
                /// The URL of the identity provider, exactly as its metadata names it (RFC 8414).
                issuer: Text(ServerUrl);

                /// The URL of its token endpoint, in place of `issuer` or in addition to it.
                token_endpoint: Text(Endpoint);

                /// The id of the gateway as a client of the identity provider.
                client_id: Text(Name);

                /// How the gateway authenticates to the token endpoint. `client_secret_basic` and `client_secret_post` need
                /// `client_secret`, and `private_key_jwt` needs `signing_key` (RFC 7523).
                client_authentication: Choice(ClientAuthentication) = "client_secret_basic";

                /// The secret of the client.
                client_secret: Secret;

                /// The secret with the private key that signs: PEM of PKCS#8. The public key is published at
                /// `/.well-known/assertion-jwks.json`.
                signing_key: Secret;

                /// The algorithm of `signing_key`. Spin signs with ES256 and EdDSA only.
                signing_algorithm: Choice(SigningAlgorithm) = "ES256";

                /// The `kid` of the key, where the authorization server has given it one. Without it, that is the thumbprint of
                /// the key (RFC 7638).
                key_id: Word(Name);

                /// The audience of the client's assertion. Without it, that is `issuer`, and without one the token endpoint.
                assertion_audience: Text(Audience);

                /// The secret with a second private key, of the same algorithm, that is published and does not sign: the one
                /// before or after `signing_key` while keys change.
                standby_key: Secret;
            }
        }
        whole {
            /// How clients find the tools. `list`: each is in `tools/list`. `search`: three tools are listed, `NAME_search`,
            /// `NAME_describe` and `NAME_call`, with which a model finds, reads and calls the others. Policy rules, rate limits
            /// and events concern the tool that is called, as with `list`.
            expose: Choice(Exposure) = "list";

            /// Whether callers of other tenants than those of `tenants`, and callers without a tenant, see and call the tools
            /// as well, with the settings here. Without `tenants`, all callers do.
            other_tenants: Flag = false;
        }
        tables {
            /// `[upstreams.NAME.tenants.TENANT]`: the settings that differ for the callers of a tenant. TENANT is exactly what
            /// the issuer's `tenant` gives. Each has the keys of the upstream from `url` to `identity_provider`; what it does
            /// not set is as in the upstream. A tenant that sets any key of a credential (`token`, `username`, `password`,
            /// `headers`, `query`, `authority`, `identity_provider`) has no credential of the upstream, and one that sets `url`
            /// has no `binding` of it.
            tenants: Overlays(Upstream) or "Without any, the tools are the same for all callers.";
        }
        build {
            /// The OpenAPI documents (3.0 or 3.1, JSON or YAML) of the API: paths of files, relative to `mcp.toml`.
            documents: Words(Path) or "Required.";

            /// The operations that become tools, all others are excluded: a method and path such as `GET /orders/{id}`, `tag:`
            /// and a tag, or an `operationId`. `*` stands for any text. A rule that matches nothing is an error.
            allow: Words(Pattern) or "Required.";

            /// Operations that do not become tools although a rule of `allow` matches them.
            exclude: Words(Pattern) = [];

            /// The beginning of the name of each tool, with `_` after it: `orders` makes `orders_list` of `list`. Empty: none.
            prefix: Word(ToolPrefix) = "";

            /// What tools declare of their results. `schema`: the schema of the document, where it is not larger than
            /// `output_schema_bytes`. `open`: structured content without a schema. `text`: text only.
            output: Choice(OutputPolicy) = "schema";

            /// The maximum size of the input schema of a tool, in bytes. Of a larger one descriptions are left out first, then
            /// the deepest levels; the build reports it.
            input_schema_bytes: Number(usize: 1_024..=1_048_576) = 16_384;

            /// The maximum size of the output schema of a tool, in bytes. A larger one is left out; the build reports it.
            output_schema_bytes: Number(usize: 0..=1_048_576) = 8_192;
        }
    } };
}
