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

            /// Whether `url` and `origins` may name this machine or a private network: a loopback, private or link-local address,
            /// `localhost`, a name without a dot, or one that ends in `.internal` or `.local`.
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

            /// How clients find the tools. `list`: each is in `tools/list`. `search`: three tools are listed, `NAME_search`,
            /// `NAME_describe` and `NAME_call`, with which a model finds, reads and calls the others. Policy rules, rate limits
            /// and events concern the tool that is called, as with `list`.
            expose: Choice(Exposure) = "list";
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
