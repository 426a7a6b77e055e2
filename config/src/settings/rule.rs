//! What `[[policy]]` holds.

use super::{DefaultValue, Key, Table};
use crate::choice::EFFECTS;
use crate::item::TextKind;
use crate::kind::Kind;

/// `[[policy]]`
pub const RULE: Table = Table {
    entry: "Rule",
    example: "[[policy]]",
    keys: &[
        Key {
            path: "name",
            field: "name",
            kind: Kind::Word(TextKind::Name),
            default: DefaultValue::Otherwise(
                "Without it, `policy` and the number of the rule: `policy 1`.",
            ),
            help: "What events and explanations call the rule.",
        },
        Key {
            path: "effect",
            field: "effect",
            kind: Kind::Choice(EFFECTS),
            default: DefaultValue::Value("\"allow\""),
            help: "What the rule decides: `allow` or `deny`.",
        },
        Key {
            path: "anonymous",
            field: "anonymous",
            kind: Kind::Flag,
            default: DefaultValue::Value("false"),
            help: "Whether the rule also holds for callers who have proven nothing.",
        },
        patterns(
            "issuers",
            "The issuers, by their names here; one has to fit, and `*` stands for any text.",
        ),
        patterns(
            "tenants",
            "The tenants; one has to fit, and `*` stands for any text.",
        ),
        patterns(
            "subjects",
            "The subjects; one has to fit, and `*` stands for any text.",
        ),
        patterns(
            "clients",
            "The clients; one has to fit, and `*` stands for any text.",
        ),
        patterns(
            "roles",
            "The roles; one has to fit, and `*` stands for any text.",
        ),
        patterns(
            "groups",
            "The groups; one has to fit, and `*` stands for any text.",
        ),
        Key {
            path: "scopes",
            field: "scopes",
            kind: Kind::Words(TextKind::Scope),
            default: DefaultValue::Value("[]"),
            help: "The scopes that the caller must have, all of them.",
        },
        Key {
            path: "step_up",
            field: "step_up",
            kind: Kind::Flag,
            default: DefaultValue::Value("true"),
            help: "Whether a caller who lacks nothing but scopes is told to ask for them.",
        },
        patterns(
            "tools",
            "The tools, by name; one has to fit, and `*` stands for any text.",
        ),
        patterns(
            "prompts",
            "The prompts, by name; one has to fit, and `*` stands for any text.",
        ),
        patterns(
            "resources",
            "The resources by URI, resource templates by their template; one has to fit, and `*` stands for any text.",
        ),
        Key {
            path: "read_only",
            field: "read_only",
            kind: Kind::Flag,
            default: DefaultValue::Nothing,
            help: "Only tools that say so of themselves (`readOnlyHint`), or with `false` only the others.",
        },
        Key {
            path: "destructive",
            field: "destructive",
            kind: Kind::Flag,
            default: DefaultValue::Nothing,
            help: "Only tools that may be destructive (`destructiveHint`; one that says nothing may be, unless it \
                   is read-only), or with `false` only the others.",
        },
        Key {
            path: "arguments",
            field: "arguments",
            kind: Kind::Arguments,
            default: DefaultValue::Nothing,
            help: "What the arguments must be: for each that must be there a JSON Schema, as \
                   `amount = { maximum = 1000 }`.",
        },
    ],
};

/// A condition that is met where one of its patterns fits.
const fn patterns(path: &'static str, help: &'static str) -> Key {
    Key {
        path,
        field: path,
        kind: Kind::Words(TextKind::Pattern),
        default: DefaultValue::Value("[]"),
        help,
    }
}
