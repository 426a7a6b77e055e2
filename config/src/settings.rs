//! Every setting there is, as `mcp_edge_settings` lists them.

use std::time::Duration;

use mcp_edge_settings::choice::{self, Choice};
use mcp_edge_settings::{for_each_table, key_path, span};

use crate::item::TextKind;

pub use tables::{
    Capture as CAPTURE, Issuer as ISSUER, RateLimit as RATE_LIMIT, Rule as RULE,
    Settings as SETTINGS, Sink as SINK, Tool as TOOL, Upstream as UPSTREAM,
};

/// One setting of `mcp.toml`.
#[derive(Debug, PartialEq, Eq)]
pub struct Key {
    /// Where it is in the file, or in its [`Table`]: `limits.body_bytes`, `claims.subject`.
    pub path: &'static str,
    /// The field that it fills in the runtime's struct for its section.
    pub field: &'static str,
    /// What it may hold.
    pub kind: Kind,
    /// What holds where it is not set.
    pub default: DefaultValue,
    /// What it is for.
    pub help: &'static str,
    /// Who reads it.
    pub reader: KeyReader,
    /// Whether [overlays](Kind::Overlays) of its table have it.
    pub in_overlays: bool,
}

/// Who reads a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyReader {
    /// A server: it is compiled into it.
    Server,
    /// Only the build of a gateway, which makes the catalog of it.
    Build,
}

/// What holds where a setting is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultValue {
    /// This value, as TOML.
    Value(&'static str),
    /// Nothing: the runtime's field is an `Option`.
    Nothing,
    /// What this sentence says.
    Otherwise(&'static str),
}

/// The keys of a table: of the whole file, or of one of which a file may have many, with names of its own choice or one after
/// another.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// The runtime's struct for one of them: `Issuer`.
    pub entry: &'static str,
    /// How one begins: `[issuers.okta]`. Empty for the whole file.
    pub example: &'static str,
    /// What each may hold, with paths that begin inside it.
    pub keys: &'static [Key],
    /// The sections in it, each with what it is: `[limits]`.
    pub sections: &'static [(&'static str, &'static str)],
}

/// What a setting may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text, or the name of a host's variable that holds it: `{ variable = "NAME" }`.
    Text(TextKind),
    /// A list of those.
    Texts(TextKind),
    /// A text.
    Word(TextKind),
    /// A list of texts.
    Words(TextKind),
    /// A list of networks of addresses.
    Networks,
    /// One of a few words.
    Choice(&'static [Choice]),
    /// A list of some of a few words.
    Choices(&'static [Choice]),
    /// Yes or no.
    Flag,
    /// The same, where yes names what is linked for it: the path of a constant below the facade, as
    /// `"config::PageRenderer::HTML"`.
    Driver(&'static str),
    /// A whole number in a range, both ends included.
    Number {
        /// The smallest that is accepted.
        least: u64,
        /// The greatest that is accepted.
        most: u64,
    },
    /// The name of a host's secret: `{ secret = "NAME" }`.
    Secret,
    /// The same of the secret that holds the audit signing keys.
    Evidence,
    /// A length of time in a range, both ends included: `"90s"`.
    Duration {
        /// The shortest that is accepted.
        least: Duration,
        /// The longest that is accepted.
        most: Duration,
    },
    /// A point in time (RFC 3339).
    Time,
    /// Points in time, by the name of the tenant or principal that they hold for.
    Times(TimeSubject),
    /// The names of secrets, by the name of what is sent with them.
    Secrets(TextKind),
    /// Texts or variables, by names of the file's choice.
    TextsByName(TextKind),
    /// Texts, by names.
    WordsByName(TextKind),
    /// JSON values, by names.
    Values,
    /// Lists of scopes, by the scope that includes them.
    Includes,
    /// The name of a preset.
    Preset,
    /// Where public keys come from.
    Keys,
    /// A tenant, or the claim that names it.
    Tenant,
    /// JSON Schemas by the names of arguments.
    Arguments,
    /// Tables by names of the file's choice: `[issuers.okta]`.
    Named(&'static Table),
    /// Tables by the names of tenants, each with what differs for it in a table of this kind:
    /// `[upstreams.orders.tenants.acme]`. They have the keys that are [in overlays](Key::in_overlays), and hold what is in force
    /// for the tenant.
    Overlays(&'static Table),
    /// Tables one after another: `[[policy]]`.
    Each(&'static Table),
}

/// What a point in time can hold for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeSubject {
    /// A tenant, by its name.
    Tenant,
    /// A principal, by its issuer and subject with a space between.
    Principal,
}

impl Key {
    /// The one of `keys` with this path.
    pub fn find(keys: &'static [Self], path: &str) -> Option<&'static Self> {
        keys.iter().find(|key| key.path == path)
    }

    /// The section that contains it, if there is one: `limits`.
    pub fn section(&self) -> Option<&'static str> {
        self.path.split_once('.').map(|(section, _)| section)
    }
}

impl Kind {
    /// What each of many tables may hold, where it is that.
    pub fn table(self) -> Option<&'static Table> {
        match self {
            Self::Named(table) | Self::Overlays(table) | Self::Each(table) => Some(table),
            _ => None,
        }
    }
}

/// Every setting, in the order of the file.
pub static KEYS: &[Key] = SETTINGS.keys;

/// A table, under the name of the runtime's struct for it.
macro_rules! table {
    (
        $table:ident [$($example:literal)?] $about:tt $fixed:tt
        $(@$group:ident [$($section:ident $Section:ident [$($section_about:literal),+])?] { $({
            $in:tt $field:ident $path:tt $kind:ident $of:tt $default:tt $otherwise:tt [$($help:literal),+]
        })* })*
        build { $({
            $build_in:tt $build:ident $build_path:tt $build_kind:ident $build_of:tt $build_default:tt $build_otherwise:tt
            [$($build_help:literal),+]
        })* }
    ) => {
        /// The keys of this table.
        pub static $table: Table = Table {
            entry: stringify!($table),
            example: concat!($($example)?),
            keys: &[
                $($(Key {
                    path: key_path!($in $field $path),
                    field: stringify!($field),
                    kind: kind!($kind $of),
                    default: default_value!($default $otherwise),
                    help: concat!($($help),+).trim_ascii_start(),
                    reader: KeyReader::Server,
                    in_overlays: in_overlays!($group),
                },)*)*
                $(Key {
                    path: key_path!($build_in $build $build_path),
                    field: stringify!($build),
                    kind: kind!($build_kind $build_of),
                    default: default_value!($build_default $build_otherwise),
                    help: concat!($($build_help),+).trim_ascii_start(),
                    reader: KeyReader::Build,
                    in_overlays: false,
                },)*
            ],
            sections: &[$($((stringify!($section), concat!($($section_about),+).trim_ascii_start()),)?)*],
        };
    };
}

/// Whether the keys of a group are those of the overlays of its table.
macro_rules! in_overlays {
    (tables) => {
        false
    };
    ($group:ident) => {
        true
    };
}

macro_rules! kind {
    (Number [$number:ident: $least:tt..=$most:tt]) => {
        Kind::Number {
            least: $least,
            most: $most,
        }
    };
    (Duration [$least:tt..=$most:tt]) => {
        Kind::Duration {
            least: span::constant($least),
            most: span::constant($most),
        }
    };
    (Driver [$driver:ident::$constant:ident]) => {
        Kind::Driver(concat!(
            "config::",
            stringify!($driver),
            "::",
            stringify!($constant)
        ))
    };
    (Choice [$choice:ident]) => {
        Kind::Choice(choice::$choice::CHOICES)
    };
    (Choices [$choice:ident]) => {
        Kind::Choices(choice::$choice::CHOICES)
    };
    (Times [$of:ident]) => {
        Kind::Times(TimeSubject::$of)
    };
    (Named [$table:ident]) => {
        Kind::Named(&$table)
    };
    (Overlays [$table:ident]) => {
        Kind::Overlays(&$table)
    };
    (Each [$table:ident]) => {
        Kind::Each(&$table)
    };
    ($kind:ident []) => {
        Kind::$kind
    };
    ($kind:ident [$of:ident]) => {
        Kind::$kind(TextKind::$of)
    };
}

macro_rules! default_value {
    ([] []) => {
        DefaultValue::Nothing
    };
    ([$default:tt] []) => {
        DefaultValue::Value(stringify!($default))
    };
    ([$($default:tt)?] [$otherwise:literal]) => {
        DefaultValue::Otherwise($otherwise)
    };
}

/// They have the names of structs.
#[allow(non_upper_case_globals)]
mod tables {
    use super::*;

    for_each_table!(table);
    mcp_edge_settings::tool!(table);
}
