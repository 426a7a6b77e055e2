//! Rules that are not part of the program.

use std::borrow::Cow;

use super::{Disabled, Effect, Rule};

/// A list of words of the settings, or of a document that another one can replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Words {
    Constant(&'static [&'static str]),
    Read(Vec<String>),
}

impl Words {
    pub(crate) fn is_empty(&self) -> bool {
        !self.any(|_| true)
    }

    pub(crate) fn any(&self, mut is_one: impl FnMut(&str) -> bool) -> bool {
        match self {
            Self::Constant(words) => words.iter().any(|word| is_one(word)),
            Self::Read(words) => words.iter().any(|word| is_one(word)),
        }
    }

    pub(crate) fn all(&self, mut is_one: impl FnMut(&str) -> bool) -> bool {
        !self.any(|word| !is_one(word))
    }

    pub(crate) fn to_vec(&self) -> Vec<String> {
        match self {
            Self::Constant(words) => words.iter().copied().map(str::to_owned).collect(),
            Self::Read(words) => words.clone(),
        }
    }
}

/// The value of a setting without a lifetime of its own.
trait Own {
    type Owned;
    fn own(self) -> Self::Owned;
}

macro_rules! own {
    ($($type:ty => $owned:ty: $value:ident $made:expr;)+) => { $(
        impl Own for $type {
            type Owned = $owned;
            fn own(self) -> $owned {
                let $value = self;
                $made
            }
        }
    )+ };
}

own! {
    bool => bool: value value;
    Option<bool> => Option<bool>: value value;
    Effect => Effect: value value;
    &'static str => Cow<'static, str>: value Cow::Borrowed(value);
    Option<&'static str> => Option<Cow<'static, str>>: value value.map(Cow::Borrowed);
    &'static [&'static str] => Words: value Words::Constant(value);
}

macro_rules! owned_type {
    (Flag [] []) => { Option<bool> };
    (Flag [] $default:tt) => { bool };
    (Choice [Effect] $default:tt) => { Effect };
    (Words [$($of:tt)*] $default:tt) => { Words };
    (Word [$($of:tt)*] $default:tt) => { Cow<'static, str> };
    (Arguments [] $default:tt) => { Option<Cow<'static, str>> };
}

macro_rules! owned {
    ($table:ident $example:tt $about:tt $fixed:tt
        @keys [] { $({
            [] $field:ident $path:tt $kind:ident $of:tt $default:tt $otherwise:tt [$($help:literal),+]
        })* }
        @tables [] {} build {}
    ) => {
        /// A rule, wherever it comes from: a table of settings, or a live policy.
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) struct OwnedRule {
            $($(#[doc = $help])+ pub(crate) $field: owned_type!($kind $of $default),)*
        }

        impl From<&'static $table> for OwnedRule {
            fn from(rule: &'static $table) -> Self {
                Self { $($field: rule.$field.own(),)* }
            }
        }
    };
}

mcp_edge_settings::rule!(owned);

/// What is switched off, whatever the rules say. `*` stands for any text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SwitchedOff {
    pub(crate) tools: Words,
    pub(crate) upstreams: Words,
    pub(crate) tenants: Words,
}

impl From<Disabled> for SwitchedOff {
    fn from(disabled: Disabled) -> Self {
        Self {
            tools: disabled.tools.own(),
            upstreams: disabled.upstreams.own(),
            tenants: disabled.tenants.own(),
        }
    }
}
