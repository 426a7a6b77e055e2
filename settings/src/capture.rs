//! The keys of `[[capture]]`.

/// Calls `$callback!` with the keys of `[[capture]]`.
#[macro_export]
macro_rules! capture {
    ($callback:path $(, $with:tt)?) => { $callback! { $($with)?
        /// One `[[capture]]`: whose words stand in events, and what is left out of them.
        Capture as "[[capture]]";
        keys {
            /// The tools whose words are recorded, by name; `*` stands for any text.
            tools: Words(Pattern) = [];

            /// The prompts whose words are recorded, by name; `*` stands for any text.
            prompts: Words(Pattern) = [];

            /// The resources whose words are recorded, by URI, resource templates by their template; `*` stands for any text.
            resources: Words(Pattern) = [];

            /// Whether the arguments are recorded.
            arguments: Flag = false;

            /// Whether the result is recorded.
            result: Flag = false;

            /// JSON pointers into the arguments or the result to what is redacted, as `/card/number`; `*` is any one member or
            /// item.
            redact_paths: Words(Pointer) = [];

            /// Regular expressions of what is redacted in every text in them, beside those of `audit.redact_patterns`.
            redact_patterns: Words(Expression) = [];

            /// The longest arguments or result that are recorded, in bytes of JSON; at most half of `audit.max_event_bytes`. Of
            /// longer ones only the length is.
            max_bytes: Number(usize: 64..=262_144) = 2_048 or "Default: a quarter of `audit.max_event_bytes`.";
        }
    } };
}
