//! Every setting of mcp-edge, written once.
//!
//! There is a macro for each table of `mcp.toml`: [`sections!`], and one for each table of which a file may have many, such as
//! [`rule!`]. It has the table in this form:
//!
//! ```text
//! /// What a table of this kind is.
//! Name as "[[example]]";                  the struct, and how such a table begins in the file; `sections!` has no example
//! fixed { name: Type = value; … }         fields that no key sets
//! keys { KEY … }                          the keys of the table
//! sections { name: Name { KEY … } … }     the tables in it, which are structs of their own
//! whole { KEY … }                         keys that its overlays do not have
//! tables { KEY … }                        the keys of tables of which there can be many
//! build { KEY … }                         keys that only the build of a gateway reads: no field, not in the binary form
//! ```
//!
//! Each of the groups may be missing. A `KEY` is one setting, and its doc comment is its help:
//!
//! ```text
//! /// What it is for.
//! field as "key": Kind(of) = default or "Sentence.";
//! ```
//!
//! - `as "key"` is needed where the key has another name than the field.
//! - `Kind(of)` is a variant of `Kind` in `mcp-edge-config`. A number has its type and its range, a duration its range, a list of
//!   tables the struct of one. `Overlays` of a struct are tables of that struct, each with what differs for one tenant: keys of
//!   `keys` and `sections`.
//! - `default` is TOML. Without it and without a sentence the field is an `Option`.
//! - `or "Sentence."` documents what holds where the key is not set. Without a default the field is then empty.
//!
//! It calls a macro of the caller with the table in a simpler form, a row for each key, which [`rows!`] describes.
//! [`for_each_table!`] calls one with each table but [`tool!`], whose keys are all for the build.

#![no_std]

extern crate alloc;

pub mod address;
mod capture;
pub mod choice;
mod issuer;
mod rate_limit;
mod rule;
mod sections;
mod sink;
pub mod span;
mod tool;
mod upstream;
pub mod wire;

pub use choice::{
    AuthorityType, ClientAuthentication, DeliveryMode, Effect, Encoding, Exposure, RateLimitKey,
    SigningAlgorithm, TokenType,
};

/// Calls `$callback!` with the [rows](crate::rows!) of each table of `mcp.toml` that a server reads.
#[macro_export]
macro_rules! for_each_table {
    ($callback:ident) => {
        $crate::sections!($callback);
        $crate::issuer!($callback);
        $crate::rule!($callback);
        $crate::rate_limit!($callback);
        $crate::capture!($callback);
        $crate::sink!($callback);
        $crate::upstream!($callback);
    };
}

/// Calls `$callback!` with the rows of a table:
///
/// ```text
/// Name [example] [about] { fixed }
/// @keys [] { row … }
/// @section [section Section [about]] { row … }          for each of its sections
/// @tables [] { row … }                                  those of `whole` first
/// build { row … }
/// ```
///
/// A row is one key: `{ [section] field [path] Kind [of] [default] [sentence] [help] }`.
///
/// What a table or a key does not have is missing from between its brackets. `about` and `help` are the lines of the doc comment.
/// [`key_path!`](crate::key_path!) makes the whole name of a key of the first three.
#[macro_export]
macro_rules! rows {
    (
        $callback:ident
        $(#[doc = $about:literal])+
        $table:ident $(as $example:literal)?;
        $(fixed { $($fixed:tt)* })?
        $(keys { $(
            $(#[doc = $help:literal])+
            $key:ident $(as $path:literal)?: $kind:ident $(($($of:tt)*))? $(= $default:tt)? $(or $otherwise:literal)?;
        )* })?
        $(sections { $(
            $(#[doc = $section_about:literal])+
            $section:ident: $Section:ident { $(
                $(#[doc = $inner_help:literal])+
                $inner:ident $(as $inner_path:literal)?: $inner_kind:ident $(($($inner_of:tt)*))?
                    $(= $inner_default:tt)? $(or $inner_otherwise:literal)?;
            )* }
        )* })?
        $(whole { $(
            $(#[doc = $whole_help:literal])+
            $whole:ident $(as $whole_path:literal)?: $whole_kind:ident $(($($whole_of:tt)*))?
                $(= $whole_default:tt)? $(or $whole_otherwise:literal)?;
        )* })?
        $(tables { $(
            $(#[doc = $list_help:literal])+
            $list:ident $(as $list_path:literal)?: $list_kind:ident ($($list_of:tt)*)
                $(= $list_default:tt)? or $list_otherwise:literal;
        )* })?
        $(build { $(
            $(#[doc = $build_help:literal])+
            $build:ident $(as $build_path:literal)?: $build_kind:ident $(($($build_of:tt)*))?
                $(= $build_default:tt)? $(or $build_otherwise:literal)?;
        )* })?
    ) => {
        $callback! {
            $table [$($example)?] [$($about),+] { $($($fixed)*)? }
            @keys [] { $($({
                [] $key [$($path)?] $kind [$($($of)*)?] [$($default)?] [$($otherwise)?] [$($help),+]
            })*)? }
            $($(@section [$section $Section [$($section_about),+]] { $({
                [$section] $inner [$($inner_path)?] $inner_kind [$($($inner_of)*)?] [$($inner_default)?] [$($inner_otherwise)?]
                [$($inner_help),+]
            })* })*)?
            @tables [] { $($({
                [] $whole [$($whole_path)?] $whole_kind [$($($whole_of)*)?] [$($whole_default)?] [$($whole_otherwise)?]
                [$($whole_help),+]
            })*)? $($({
                [] $list [$($list_path)?] $list_kind [$($list_of)*] [$($list_default)?] [$list_otherwise] [$($list_help),+]
            })*)? }
            build { $($({
                [] $build [$($build_path)?] $build_kind [$($($build_of)*)?] [$($build_default)?] [$($build_otherwise)?]
                [$($build_help),+]
            })*)? }
        }
    };
}

/// Whether two texts are the same, for constants.
const fn is_same(mut left: &[u8], mut right: &[u8]) -> bool {
    while let ([one, left_rest @ ..], [other, right_rest @ ..]) = (left, right) {
        if *one != *other {
            return false;
        }
        (left, right) = (left_rest, right_rest);
    }
    left.is_empty() && right.is_empty()
}

/// The name of a key within its table, of its section, field and path in a [row](crate::rows!).
#[macro_export]
macro_rules! key_path {
    ([$section:ident] $field:ident [$path:literal]) => {
        concat!(stringify!($section), ".", $path)
    };
    ([$section:ident] $field:ident []) => {
        concat!(stringify!($section), ".", stringify!($field))
    };
    ([] $field:ident [$path:literal]) => {
        $path
    };
    ([] $field:ident []) => {
        stringify!($field)
    };
}
