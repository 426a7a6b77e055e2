//! Structs and defaults of the settings.
//!
//! [`structure!`] is a callback for the rows of tables of `mcp_edge_settings`. The types that it names, such as
//! `TextSetting`, must be in scope where it is used.

/// The value of a setting that is not set and has no default.
pub(crate) trait Empty {
    const EMPTY: Self;
}

impl<T> Empty for Option<T> {
    const EMPTY: Self = None;
}

impl<T> Empty for &'static [T] {
    const EMPTY: Self = &[];
}

impl Empty for &'static str {
    const EMPTY: Self = "";
}

impl Empty for bool {
    const EMPTY: Self = false;
}

/// The structs of a table, with a constant `DEFAULT` each.
macro_rules! structure {
    (
        $table:ident $example:tt [$($about:literal),+]
        { $($(#[doc = $fixed_about:literal])+ $fixed:ident: $fixed_type:ty = $fixed_value:expr;)* }
        @keys [] { $({
            $key_in:tt $key:ident $key_path:tt $key_kind:ident $key_of:tt $key_default:tt $key_otherwise:tt
            [$($key_help:literal),+]
        })* }
        $(@section [$section:ident $Section:ident [$($section_about:literal),+]] { $({
            $inner_in:tt $inner:ident $inner_path:tt $inner_kind:ident $inner_of:tt $inner_default:tt $inner_otherwise:tt
            [$($inner_help:literal),+]
        })* })*
        @tables [] { $({
            $list_in:tt $list:ident $list_path:tt $list_kind:ident $list_of:tt $list_default:tt $list_otherwise:tt
            [$($list_help:literal),+]
        })* }
        build $build:tt
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct $table {
            $($(#[doc = $fixed_about])+ pub $fixed: $fixed_type,)*
            $($(#[doc = $key_help])+ pub $key: field_type!($key_kind $key_of $key_default $key_otherwise),)*
            $($(#[doc = $section_about])+ pub $section: $Section,)*
            $($(#[doc = $list_help])+ pub $list: field_type!($list_kind $list_of $list_default $list_otherwise),)*
        }

        impl $table {
            /// What holds where nothing is set.
            pub const DEFAULT: Self = Self {
                $($fixed: $fixed_value,)*
                $($key: default_value!($key_kind $key_of $key_default),)*
                $($section: $Section::DEFAULT,)*
                $($list: default_value!($list_kind $list_of $list_default),)*
            };
        }

        $(
            $(#[doc = $section_about])+
            #[derive(Debug, Clone, Copy, PartialEq)]
            pub struct $Section {
                $($(#[doc = $inner_help])+
                pub $inner: field_type!($inner_kind $inner_of $inner_default $inner_otherwise),)*
            }

            impl $Section {
                /// What holds where nothing is set.
                pub const DEFAULT: Self = Self {
                    $($inner: default_value!($inner_kind $inner_of $inner_default),)*
                };
            }
        )*
    };
}

/// The type of the field of a setting: of its kind, default, and sentence about what holds otherwise.
macro_rules! field_type {
    ($kind:ident [$($of:tt)*] [] []) => { Option<value_type!($kind [$($of)*])> };
    ($kind:ident [$($of:tt)*] [$($default:tt)?] [$($otherwise:literal)?]) => { value_type!($kind [$($of)*]) };
}

/// The type of the value of a setting.
macro_rules! value_type {
    (Text [$($of:tt)*]) => { TextSetting };
    (Texts [$($of:tt)*]) => { &'static [TextSetting] };
    (Words [$($of:tt)*]) => { &'static [&'static str] };
    (Networks []) => { &'static [Network] };
    (Choice [$choice:ident]) => { $choice };
    (Choices [$choice:ident]) => { &'static [$choice] };
    (Number [$number:ident: $($range:tt)*]) => { $number };
    (Evidence []) => { SigningKeysSecret };
    (Duration [$($range:tt)*]) => { Duration };
    (Time []) => { Timestamp };
    (Times [$($of:tt)*]) => { &'static [(&'static str, Timestamp)] };
    (Secrets [$($of:tt)*]) => { &'static [(&'static str, &'static str)] };
    (TextsByName [$($of:tt)*]) => { &'static [(&'static str, TextSetting)] };
    (Includes []) => { &'static [(&'static str, &'static [&'static str])] };
    (Keys []) => { JwksSource };
    (Tenant []) => { TenantSource };
    (Named [$table:ident]) => { &'static [$table] };
    (Overlays [$table:ident]) => { &'static [$table] };
    (Each [$table:ident]) => { &'static [$table] };
    (Flag []) => { bool };
    (Driver [$driver:ident::$constant:ident]) => { Option<$driver> };
    (Preset []) => { bool };
    // A word, the name of a secret, or the schema of arguments.
    ($text:ident [$($of:tt)*]) => { &'static str };
}

/// The default of a setting.
macro_rules! default_value {
    ($kind:ident [$($of:tt)*] []) => { $crate::structure::Empty::EMPTY };
    ($kind:ident [$($of:tt)*] [[]]) => { &[] };
    ($kind:ident [$($of:tt)*] [{}]) => { &[] };
    (Words [$($of:tt)*] [[$($word:literal),+]]) => { &[$($word),+] };
    (Secret [] [{ secret = $name:literal }]) => { $name };
    (Duration [$($range:tt)*] [$text:literal]) => { mcp_edge_settings::span::constant($text) };
    (Choice [Format] ["event"]) => { Format::EVENT };
    (Choice [$choice:ident] [$word:literal]) => { $choice::constant($word) };
    (Driver [$driver:ident::$constant:ident] [true]) => { Some($driver::$constant) };
    (Driver [$driver:ident::$constant:ident] [false]) => { None };
    (Keys [] ["discovery"]) => { JwksSource::Discovery };
    (Named [$table:ident] [[$name:literal]]) => { &[$table { name: $name, ..$table::DEFAULT }] };
    ($kind:ident [$($of:tt)*] [$value:literal]) => { $value };
}
