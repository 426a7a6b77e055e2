//! The keys of `[[rate_limit]]`.

/// Calls `$callback!` with the keys of `[[rate_limit]]`.
#[macro_export]
macro_rules! rate_limit {
    ($callback:path $(, $with:tt)?) => { $callback! { $($with)?
        /// One `[[rate_limit]]`: how often something may be called.
        RateLimit as "[[rate_limit]]";
        keys {
            /// What events and refusals call the rate.
            name: Word(Name) or "Without it, `rate_limit` and its number: `rate_limit 1`.";

            /// What is counted apart. Empty: everything together.
            per: Choices(RateLimitKey) = [];

            /// The tools that it holds for, by name; `*` stands for any text. Empty: every tool, prompt, resource and
            /// completion.
            tools: Words(Pattern) = [];

            /// How many calls one period allows.
            calls: Number(u32: 1..=1_000_000);

            /// How long a period is. With a `binding`, 10s or 1m.
            period: Duration("1s"..="1d") = "1m";

            /// How many calls may run at once. Only where the host can count them: in a process.
            concurrent: Number(u32: 1..=10_000);

            /// The rate limiting binding that counts the calls on Workers.
            binding: Word(Binding);
        }
    } };
}
