//! The keys of `[[policy]]`.

/// Calls `$callback!` with the [rows](crate::rows!) of `[[policy]]`.
#[macro_export]
#[rustfmt::skip]
macro_rules! rule {
    ($callback:ident) => { $crate::rows! { $callback
        /// A rule, `[[policy]]`. An empty list matches everything. Of a list one entry must match, of `scopes` all. In an entry
        /// `*` stands for any text.
        Rule as "[[policy]]";
        keys {
            /// The name of the rule in events and explanations.
            name: Word(Name) or "Without it, `policy` and the number of the rule: `policy 1`.";

            /// The decision of the rule.
            effect: Choice(Effect) = "allow";

            /// Whether the rule also applies to anonymous callers.
            anonymous: Flag = false;

            /// The issuers, by their names in `mcp.toml`; one must match, and `*` stands for any text.
            issuers: Words(Pattern) = [];

            /// The tenants; one must match, and `*` stands for any text.
            tenants: Words(Pattern) = [];

            /// The subjects; one must match, and `*` stands for any text.
            subjects: Words(Pattern) = [];

            /// The clients; one must match, and `*` stands for any text.
            clients: Words(Pattern) = [];

            /// The roles; one must match, and `*` stands for any text.
            roles: Words(Pattern) = [];

            /// The groups; one must match, and `*` stands for any text.
            groups: Words(Pattern) = [];

            /// The scopes that the caller must have, all of them.
            scopes: Words(Scope) = [];

            /// Whether a caller that lacks only scopes is told to request them.
            step_up: Flag = true;

            /// The tools, by name; one must match, and `*` stands for any text.
            tools: Words(Pattern) = [];

            /// The prompts, by name; one must match, and `*` stands for any text.
            prompts: Words(Pattern) = [];

            /// The resources by URI, resource templates by their template; one must match, and `*` stands for any text.
            resources: Words(Pattern) = [];

            /// `true`: only tools that declare themselves read-only (`readOnlyHint`); `false`: only the others.
            read_only: Flag;

            /// `true`: only tools that may be destructive; `false`: only the others. A tool without a `destructiveHint` may be
            /// destructive unless it is read-only.
            destructive: Flag;

            /// A JSON Schema for each argument that a call must have, such as `amount = { maximum = 1000 }`. The variables of a
            /// resource template are its arguments.
            arguments: Arguments;
        }
    } };
}
