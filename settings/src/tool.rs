//! The keys of `[tools.NAME]`.

/// Calls `$callback!` with the [rows](crate::rows!) of `[tools.NAME]`.
#[macro_export]
#[rustfmt::skip]
macro_rules! tool {
    ($callback:ident) => { $crate::rows! { $callback
        /// A tool of an upstream, `[tools.NAME]`, with what differs from its operation. NAME is the name of the tool.
        Tool as "[tools.find_orders]";
        build {
            /// The operation: a method and path such as `GET /orders`, or an `operationId`.
            operation: Word(Name) or "Without it, the operation with the `operationId` NAME.";

            /// The upstream of the operation.
            upstream: Word(Name) or "Required where there are several.";

            /// The name of the tool for people.
            title: Word(Name);

            /// What the tool does, for the model.
            description: Word(Text);

            /// Whether the tool changes nothing.
            read_only: Flag or "Without it, `true` for GET and HEAD.";

            /// Whether the tool may destroy something.
            destructive: Flag or "Without it, `true` for DELETE.";

            /// Whether a second call with the same arguments changes nothing more.
            idempotent: Flag or "Without it, `true` for PUT and DELETE.";

            /// The scopes that a caller must have to call the tool, besides those that rules ask for.
            scopes: Words(Scope) = [];

            /// Arguments that the tool does not have. A required one needs a value in `fix`.
            hide: Words(Name) = [];

            /// New names of arguments, by their names without this key. Other keys may use either.
            rename: WordsByName(Name) = {};

            /// Parameters that look like credentials and are arguments all the same, by their names in the document. Others of
            /// the kind are no arguments: an upstream gets its credential from this configuration.
            credential_arguments: Words(Name) = [];

            /// Whether a body of a media type that is neither JSON, a form nor text is one argument of text.
            body_as_text: Flag = false;

            /// Values that every request has, by the name of the argument. The tool does not have the argument.
            fix: Values = {};

            /// Values of arguments that a call does not set, by the name of the argument.
            defaults: Values = {};

            /// Descriptions of arguments, by the name of the argument.
            describe: WordsByName(Text) = {};

            /// Headers in which clients repeat arguments (`Mcp-Param-NAME`, 2026-07-28, `x-mcp-header`), by the name of the
            /// argument.
            headers: WordsByName(AnyHeader) = {};

            /// Arguments of the path whose value may contain `/`.
            allow_slash: Words(Name) = [];

            /// JSON Pointers of the only values of a response that become the result. `*` stands for each element of an array.
            select: Words(Pointer) = [];

            /// JSON Pointers of values that are removed from a response.
            omit: Words(Pointer) = [];

            /// The maximum number of elements of each array in a result. A note says how many were cut. Set it to at least the
            /// size of the API's pages: the next page begins after what the API sent.
            max_items: Number(u32: 1..=100_000);

            /// The argument with which a call gets the next elements, for that note.
            page_argument: Word(Name);

            /// What the tool declares of its results.
            output: Choice(OutputPolicy) or "Without it, the `output` of the upstream.";
        }
    } };
}
