//! The keys of `[[policy]]`.

/// Calls `$callback!` with the keys of `[[policy]]`.
#[macro_export]
macro_rules! rule {
    ($callback:path $(, $with:tt)?) => { $callback! { $($with)?
        /// One `[[policy]]` rule. A list that is empty asks for nothing; of a list's entries one has to fit, of
        /// `scopes` all. Entries may hold `*` for any text.
        Rule as "[[policy]]";
        keys {
            /// What events and explanations call the rule.
            name: Word(Name) or "Without it, `policy` and the number of the rule: `policy 1`.";

            /// What the rule decides: `allow` or `deny`.
            effect: Choice(Effect) = "allow";

            /// Whether the rule also holds for callers who have proven nothing.
            anonymous: Flag = false;

            /// The issuers, by their names here; one has to fit, and `*` stands for any text.
            issuers: Words(Pattern) = [];

            /// The tenants; one has to fit, and `*` stands for any text.
            tenants: Words(Pattern) = [];

            /// The subjects; one has to fit, and `*` stands for any text.
            subjects: Words(Pattern) = [];

            /// The clients; one has to fit, and `*` stands for any text.
            clients: Words(Pattern) = [];

            /// The roles; one has to fit, and `*` stands for any text.
            roles: Words(Pattern) = [];

            /// The groups; one has to fit, and `*` stands for any text.
            groups: Words(Pattern) = [];

            /// The scopes that the caller must have, all of them.
            scopes: Words(Scope) = [];

            /// Whether a caller who lacks nothing but scopes is told to ask for them.
            step_up: Flag = true;

            /// The tools, by name; one has to fit, and `*` stands for any text.
            tools: Words(Pattern) = [];

            /// The prompts, by name; one has to fit, and `*` stands for any text.
            prompts: Words(Pattern) = [];

            /// The resources by URI, resource templates by their template; one has to fit, and `*` stands for any text.
            resources: Words(Pattern) = [];

            /// Only tools that say so of themselves (`readOnlyHint`), or with `false` only the others.
            read_only: Flag;

            /// Only tools that may be destructive (`destructiveHint`; one that says nothing may be, unless it is read-only), or
            /// with `false` only the others.
            destructive: Flag;

            /// What the arguments must be: for each that must be there a JSON Schema, as `amount = { maximum = 1000 }`.
            arguments: Arguments;
        }
    } };
}
