//! What `[[rate]]` holds.

use super::{DAY, Key, SECOND, Table, Unset};
use crate::choice::PER;
use crate::item::Item;
use crate::kind::Kind;

/// `[[rate]]`
pub const RATE: Table = Table {
    entry: "Rate",
    example: "[[rate]]",
    keys: &[
        Key {
            path: "name",
            field: "name",
            kind: Kind::Word(Item::Name),
            default: Unset::Otherwise("Without it, `rate` and the number of the rate: `rate 1`."),
            help: "What events and refusals call the rate.",
        },
        Key {
            path: "per",
            field: "per",
            kind: Kind::Choices(PER),
            default: Unset::Value("[]"),
            help: "What is counted apart. Empty: everything together.",
        },
        Key {
            path: "tools",
            field: "tools",
            kind: Kind::Words(Item::Pattern),
            default: Unset::Value("[]"),
            help: "The tools that it holds for, by name; `*` stands for any text. Empty: every tool, prompt, \
                   resource and completion.",
        },
        Key {
            path: "calls",
            field: "calls",
            kind: Kind::Number {
                least: 1,
                most: 1_000_000,
            },
            default: Unset::Nothing,
            help: "How many calls one period allows.",
        },
        Key {
            path: "period",
            field: "period",
            kind: Kind::Duration {
                least: SECOND,
                most: DAY,
            },
            default: Unset::Value("\"1m\""),
            help: "How long a period is. With a `binding`, 10s or 1m.",
        },
        Key {
            path: "concurrent",
            field: "concurrent",
            kind: Kind::Number {
                least: 1,
                most: 10_000,
            },
            default: Unset::Nothing,
            help: "How many calls may run at once. Only where the host can count them: in a process.",
        },
        Key {
            path: "binding",
            field: "binding",
            kind: Kind::Word(Item::Binding),
            default: Unset::Nothing,
            help: "The rate limiting binding that counts the calls on Workers.",
        },
    ],
};
