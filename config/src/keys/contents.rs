//! What `[[contents]]` holds.

use super::{Key, Table, Unset};
use crate::item::Item;
use crate::kind::Kind;

/// `[[contents]]`
pub const CONTENTS: Table = Table {
    entry: "Contents",
    example: "[[contents]]",
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
            default: Unset::Value("false"),
            help: "Whether the arguments are recorded.",
        },
        Key {
            path: "result",
            field: "result",
            kind: Kind::Flag,
            default: Unset::Value("false"),
            help: "Whether the result is recorded.",
        },
        Key {
            path: "hide",
            field: "hide",
            kind: Kind::Words(Item::Pointer),
            default: Unset::Value("[]"),
            help: "JSON pointers into the arguments or the result to what is redacted, as `/card/number`; `*` is any \
                   one member or item.",
        },
        Key {
            path: "redact",
            field: "redact",
            kind: Kind::Words(Item::Expression),
            default: Unset::Value("[]"),
            help: "Regular expressions of what is redacted in every text in them, beside those of `audit.redact`.",
        },
        Key {
            path: "bytes",
            field: "bytes",
            kind: Kind::Number {
                least: 64,
                most: 256 << 10,
            },
            default: Unset::Otherwise("Default: a quarter of `audit.max_event_bytes`."),
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
        kind: Kind::Words(Item::Pattern),
        default: Unset::Value("[]"),
        help,
    }
}
