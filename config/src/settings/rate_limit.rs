//! What `[[rate_limit]]` holds.

use super::{DAY, DefaultValue, Key, SECOND, Table};
use crate::choice::PER;
use crate::item::TextKind;
use crate::kind::Kind;

/// `[[rate_limit]]`
pub const RATE: Table = Table {
    entry: "RateLimit",
    example: "[[rate_limit]]",
    keys: &[
        Key {
            path: "name",
            field: "name",
            kind: Kind::Word(TextKind::Name),
            default: DefaultValue::Otherwise(
                "Without it, `rate_limit` and its number: `rate_limit 1`.",
            ),
            help: "What events and refusals call the rate.",
        },
        Key {
            path: "per",
            field: "per",
            kind: Kind::Choices(PER),
            default: DefaultValue::Value("[]"),
            help: "What is counted apart. Empty: everything together.",
        },
        Key {
            path: "tools",
            field: "tools",
            kind: Kind::Words(TextKind::Pattern),
            default: DefaultValue::Value("[]"),
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
            default: DefaultValue::Nothing,
            help: "How many calls one period allows.",
        },
        Key {
            path: "period",
            field: "period",
            kind: Kind::Duration {
                least: SECOND,
                most: DAY,
            },
            default: DefaultValue::Value("\"1m\""),
            help: "How long a period is. With a `binding`, 10s or 1m.",
        },
        Key {
            path: "concurrent",
            field: "concurrent",
            kind: Kind::Number {
                least: 1,
                most: 10_000,
            },
            default: DefaultValue::Nothing,
            help: "How many calls may run at once. Only where the host can count them: in a process.",
        },
        Key {
            path: "binding",
            field: "binding",
            kind: Kind::Word(TextKind::Binding),
            default: DefaultValue::Nothing,
            help: "The rate limiting binding that counts the calls on Workers.",
        },
    ],
};
