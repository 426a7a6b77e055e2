//! The keys of `[[capture]]`.

/// Calls `$callback!` with the [rows](crate::rows!) of `[[capture]]`.
#[macro_export]
#[rustfmt::skip]
macro_rules! capture {
    ($callback:ident) => { $crate::rows! { $callback
        /// An entry of `[[capture]]`: whose arguments and results are recorded in events, and what is redacted in them.
        Capture as "[[capture]]";
        keys {
            /// The tools that it applies to, by name; `*` stands for any text.
            tools: Words(Pattern) = [];

            /// The prompts that it applies to, by name; `*` stands for any text.
            prompts: Words(Pattern) = [];

            /// The resources that it applies to, by URI, resource templates by their template; `*` stands for any text.
            resources: Words(Pattern) = [];

            /// Whether the arguments are recorded.
            arguments: Flag = false;

            /// Whether the result is recorded.
            result: Flag = false;

            /// JSON pointers (RFC 6901) to what is redacted in the arguments and the result, such as `/card/number`; `*` is any
            /// one member or item.
            redact_paths: Words(Pointer) = [];

            /// Regular expressions whose matches are redacted in every text in them, in addition to `audit.redact_patterns`.
            redact_patterns: Words(Expression) = [];

            /// The maximum length of recorded arguments or results, in bytes of JSON. It must be at most half of
            /// `audit.max_event_bytes`. Of longer ones only the length is recorded.
            max_bytes: Number(usize: 64..=262_144) = 2_048 or "Default: a quarter of `audit.max_event_bytes`.";
        }
    } };
}
