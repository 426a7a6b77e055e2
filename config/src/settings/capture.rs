//! What `[[capture]]` holds.

use super::{DefaultValue, Key, Table};
use crate::item::TextKind;
use crate::kind::Kind;

/// `[[capture]]`
pub const CONTENTS: Table = Table {
    entry: "Capture",
    example: "[[capture]]",
    keys: &[
        names(
            "tools",
            "The tools whose words are recorded, by name; `*` stands for any text.",
        ),
        names(
            "prompts",
            "The prompts whose words are recorded, by name; `*` stands for any text.",
        ),
        names(
            "resources",
            "The resources whose words are recorded, by URI, resource templates by their template; `*` stands for any \
             text.",
        ),
        Key {
            path: "arguments",
            field: "arguments",
            kind: Kind::Flag,
            default: DefaultValue::Value("false"),
            help: "Whether the arguments are recorded.",
        },
        Key {
            path: "result",
            field: "result",
            kind: Kind::Flag,
            default: DefaultValue::Value("false"),
            help: "Whether the result is recorded.",
        },
        Key {
            path: "redact_paths",
            field: "redact_paths",
            kind: Kind::Words(TextKind::Pointer),
            default: DefaultValue::Value("[]"),
            help: "JSON pointers into the arguments or the result to what is redacted, as `/card/number`; `*` is any \
                   one member or item.",
        },
        Key {
            path: "redact_patterns",
            field: "redact_patterns",
            kind: Kind::Words(TextKind::Expression),
            default: DefaultValue::Value("[]"),
            help: "Regular expressions of what is redacted in every text in them, beside those of `audit.redact_patterns`.",
        },
        Key {
            path: "max_bytes",
            field: "max_bytes",
            kind: Kind::Number {
                least: 64,
                most: 256 << 10,
            },
            default: DefaultValue::Otherwise("Default: a quarter of `audit.max_event_bytes`."),
            help: "The longest arguments or result that are recorded, in bytes of JSON; at most half of \
                   `audit.max_event_bytes`. Of longer ones only the length is.",
        },
    ],
};

/// A list of patterns of names.
const fn names(path: &'static str, help: &'static str) -> Key {
    Key {
        path,
        field: path,
        kind: Kind::Words(TextKind::Pattern),
        default: DefaultValue::Value("[]"),
        help,
    }
}
