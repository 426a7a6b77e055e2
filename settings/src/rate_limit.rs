//! The keys of `[[rate_limit]]`.

/// Calls `$callback!` with the [rows](crate::rows!) of `[[rate_limit]]`.
#[macro_export]
#[rustfmt::skip]
macro_rules! rate_limit {
    ($callback:ident) => { $crate::rows! { $callback
        /// A rate limit, `[[rate_limit]]`.
        RateLimit as "[[rate_limit]]";
        keys {
            /// The name of the limit in events and refusals.
            name: Word(Name) or "Without it, `rate_limit` and its number: `rate_limit 1`.";

            /// What is counted separately. Empty: all calls are counted together.
            per: Choices(RateLimitKey) = [];

            /// The tools that it applies to, by name; `*` stands for any text. Empty: every tool, prompt, resource and
            /// completion.
            tools: Words(Pattern) = [];

            /// The upstreams, `[upstreams.NAME]`, to whose tools it applies, by name; `*` stands for any text. A tool must match
            /// `tools` as well. Empty: what has an upstream, and what has none.
            upstreams: Words(Pattern) = [];

            /// The tenants to whose callers it applies; `*` stands for any text. Empty: every caller.
            tenants: Words(Pattern) = [];

            /// The maximum number of calls in one period.
            calls: Number(u32: 1..=1_000_000);

            /// The length of a period. With a `binding` it must be 10s or 1m.
            period: Duration("1s"..="1d") = "1m";

            /// The maximum number of calls that run at once. Only a native process can count them.
            concurrent: Number(u32: 1..=10_000);

            /// The rate limiting binding that counts the calls on Workers.
            binding: Word(Binding);
        }
    } };
}
