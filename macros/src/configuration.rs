//! `config!`

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::path::Path;

use mcp_edge_config::{
    Choice, DefaultValue, Entry, KEYS, Key, KeyReader, Keys, Kind, Mistakes, Network, Settings,
    Table, Tenant, Text, Value, arguments_schema, read,
};
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{LitStr, parse2};

const FILE: &str = "mcp.toml";

pub(crate) fn expand(arguments: TokenStream) -> syn::Result<TokenStream> {
    let folder = std::env::var("CARGO_MANIFEST_DIR").map_err(|_| {
        syn::Error::new(
            Span::call_site(),
            "config! finds its file through cargo: build with cargo",
        )
    })?;
    expand_in(Path::new(&folder), arguments)
}

fn expand_in(folder: &Path, arguments: TokenStream) -> syn::Result<TokenStream> {
    let named: Option<LitStr> = if arguments.is_empty() {
        None
    } else {
        Some(parse2(arguments)?)
    };
    let span = named.as_ref().map_or_else(Span::call_site, LitStr::span);
    let file = named
        .as_ref()
        .map_or_else(|| FILE.to_owned(), LitStr::value);

    let text = std::fs::read_to_string(folder.join(&file))
        .map_err(|error| syn::Error::new(span, unreadable(&file, &error)))?;
    let configuration =
        read(&text).map_err(|mistakes| syn::Error::new(span, listed(&file, &mistakes)))?;

    let base = settings(&configuration.base);
    let environments = configuration.environments.iter().map(|(name, overlaid)| {
        let settings = settings(overlaid);
        quote!(::mcp_edge::config::Environment { name: #name, settings: #settings })
    });
    let beside_manifest = format!("/{file}");
    Ok(quote! {{
        // Makes cargo build again when the file changes.
        const _: &[u8] = ::core::include_bytes!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), #beside_manifest));
        #[allow(clippy::needless_update)]
        const CONFIGURATION: ::mcp_edge::config::Configuration = ::mcp_edge::config::Configuration {
            base: #base,
            environments: &[#(#environments),*],
        };
        CONFIGURATION
    }})
}

/// A file that is missing is an error even where it would set nothing: cargo cannot watch for a file to appear, so a build
/// without one would never notice the first one.
fn unreadable(file: &str, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => format!(
            "{file} is missing: create it in the folder of Cargo.toml; an empty file keeps every default"
        ),
        _ => format!("{file} cannot be read: {error}"),
    }
}

/// Every mistake on a line of its own, in one error: `config!` is an expression, and several errors are no expression.
fn listed(file: &str, mistakes: &Mistakes) -> String {
    let lines: Vec<_> = mistakes
        .iter()
        .map(|mistake| format!("{file}, {mistake}"))
        .collect();
    lines.join("\n")
}

/// The runtime's defaults with what is set.
fn settings(settings: &Settings) -> TokenStream {
    structure("Settings", KEYS, settings, TokenStream::new())
}

/// A struct of the runtime: `first`, what is set, and for the rest its `DEFAULT`.
fn structure(
    name: &str,
    keys: &'static [Key],
    settings: &Settings,
    first: TokenStream,
) -> TokenStream {
    let structure = format_ident!("{name}");
    let mut direct = Vec::new();
    let mut sections: BTreeMap<&str, Vec<TokenStream>> = BTreeMap::new();
    for (path, setting) in settings {
        let Some(key) = Key::find(keys, path).filter(|key| key.reader == KeyReader::Server) else {
            continue;
        };
        let field = field(key, &setting.value);
        match key.section() {
            Some(section) => sections.entry(section).or_default().push(field),
            None => direct.push(field),
        }
    }
    let sections = sections.into_iter().map(|(section, fields)| {
        let (name, kind) = (
            format_ident!("{section}"),
            format_ident!("{}", capitalized(section)),
        );
        quote! {
            #name: ::mcp_edge::config::#kind {
                #(#fields,)*
                ..::mcp_edge::config::#structure::DEFAULT.#name
            }
        }
    });
    quote! {
        ::mcp_edge::config::#structure {
            #first
            #(#direct,)*
            #(#sections,)*
            ..::mcp_edge::config::#structure::DEFAULT
        }
    }
}

fn field(key: &Key, value: &Value) -> TokenStream {
    let field = format_ident!("{}", key.field);
    let value = constant(key, value);
    match key.default {
        DefaultValue::Nothing => quote!(#field: ::core::option::Option::Some(#value)),
        DefaultValue::Value(_) | DefaultValue::Otherwise(_) => quote!(#field: #value),
    }
}

fn constant(key: &Key, value: &Value) -> TokenStream {
    match value {
        Value::Text(held) => text(held),
        Value::Texts(texts) => slice(texts.iter().map(text)),
        Value::Secret(name) if key.kind == Kind::Evidence => {
            quote!(::mcp_edge::config::SigningKeysSecret::in_secret(#name))
        }
        Value::Word(text) | Value::Secret(text) => quote!(#text),
        Value::Words(words) => quote!(&[#(#words),*]),
        Value::Networks(networks) => slice(networks.iter().map(network)),
        Value::Choice(chosen) => choice(chosen),
        Value::Choices(choices) => slice(choices.iter().map(|chosen| choice(chosen))),
        Value::Flag(flag) => match key.kind {
            Kind::Driver(driver) if *flag => {
                let driver = path(driver);
                quote!(::core::option::Option::Some(#driver))
            }
            Kind::Driver(_) => quote!(::core::option::Option::None),
            _ => quote!(#flag),
        },
        Value::Number(number) => {
            let number = proc_macro2::Literal::u64_unsuffixed(*number);
            quote!(#number)
        }
        Value::Duration(duration) => {
            let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
            quote!(::core::time::Duration::from_millis(#millis))
        }
        Value::Time(millis) => timestamp(*millis),
        Value::Times(times) => {
            let names = times.keys();
            let times = times.values().map(|millis| timestamp(*millis));
            quote!(&[#((#names, #times)),*])
        }
        Value::Includes(includes) => slice(
            includes
                .iter()
                .map(|(scope, included)| quote!((#scope, &[#(#included),*]))),
        ),
        Value::Secrets(names) | Value::WordsByName(names) => {
            slice(names.iter().map(|(name, held)| quote!((#name, #held))))
        }
        Value::TextsByName(texts) => slice(texts.iter().map(|(name, held)| {
            let held = text(held);
            quote!((#name, #held))
        })),
        // No server reads any.
        Value::Values(_) => TokenStream::new(),
        Value::Preset(preset) => {
            let development = preset.development;
            quote!(#development)
        }
        Value::Keys(held) => keys(held),
        Value::Tenant(Tenant::Fixed(name)) => {
            quote!(::mcp_edge::config::TenantSource::Fixed(#name))
        }
        Value::Tenant(Tenant::Claim(claim)) => {
            quote!(::mcp_edge::config::TenantSource::Claim(#claim))
        }
        Value::Arguments(schemas) => {
            let schema = arguments_schema(schemas);
            quote!(#schema)
        }
        Value::Named(entries) => slice(entries.iter().filter_map(|(name, entry)| {
            let named = match key.kind {
                Kind::Overlays(_) => quote!(tenant: ::core::option::Option::Some(#name),),
                _ => quote!(name: #name,),
            };
            Some(one_of_many(key.kind.table()?, entry, named))
        })),
        Value::Each(entries) => {
            slice(entries.iter().filter_map(|entry| {
                Some(one_of_many(key.kind.table()?, entry, TokenStream::new()))
            }))
        }
    }
}

fn one_of_many(table: &'static Table, entry: &Entry, first: TokenStream) -> TokenStream {
    structure(table.entry, table.keys, &entry.settings, first)
}

fn slice(entries: impl Iterator<Item = TokenStream>) -> TokenStream {
    quote!(&[#(#entries),*])
}

fn network(network: &Network) -> TokenStream {
    let prefix = network.prefix;
    let address = match network.address {
        IpAddr::V4(address) => {
            let bits = address.to_bits();
            quote!(V4(::core::net::Ipv4Addr::from_bits(#bits)))
        }
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            quote!(V6(::core::net::Ipv6Addr::from_bits(#bits)))
        }
    };
    quote!(::mcp_edge::config::Network::new(::core::net::IpAddr::#address, #prefix))
}

fn text(text: &Text) -> TokenStream {
    match text {
        Text::Literal(text) => quote!(::mcp_edge::config::TextSetting::Literal(#text)),
        Text::Variable(name) => quote!(::mcp_edge::config::TextSetting::Variable(#name)),
    }
}

fn keys(keys: &Keys) -> TokenStream {
    match keys {
        Keys::Discovery => quote!(::mcp_edge::config::JwksSource::Discovery),
        Keys::Url(url) => {
            let url = text(url);
            quote!(::mcp_edge::config::JwksSource::Url(#url))
        }
        Keys::Set(set) => {
            let set = text(set);
            quote!(::mcp_edge::config::JwksSource::Set(#set))
        }
    }
}

fn choice(choice: &Choice) -> TokenStream {
    path(choice.constant)
}

/// A constant by its path below the facade.
fn path(constant: &str) -> TokenStream {
    let path = constant.split("::").map(|part| format_ident!("{part}"));
    quote!(::mcp_edge #(::#path)*)
}

fn timestamp(millis: u64) -> TokenStream {
    quote!(::mcp_edge::host::Timestamp::from_millis(#millis))
}

/// The struct of a section: `IdentityProvider` of `identity_provider`.
fn capitalized(section: &str) -> String {
    let words = section.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or(String::new(), |first| {
            first.to_ascii_uppercase().to_string() + letters.as_str()
        })
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    /// A package's folder that is gone after the test.
    struct Package(PathBuf);

    impl Package {
        fn new(test: &str, file: Option<&str>) -> Self {
            let folder =
                std::env::temp_dir().join(format!("mcp-edge-macros-{test}-{}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            if let Some(text) = file {
                fs::write(folder.join(FILE), text).unwrap();
            }
            Self(folder)
        }

        fn expand(&self, arguments: TokenStream) -> Result<String, Vec<String>> {
            match expand_in(&self.0, arguments) {
                Ok(tokens) => Ok(tokens.to_string()),
                Err(errors) => Err(errors.into_iter().map(|error| error.to_string()).collect()),
            }
        }
    }

    impl Drop for Package {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn an_empty_file_keeps_every_default() {
        let package = Package::new("empty", Some("# nothing\n"));
        let expected = quote!(::mcp_edge::config::Settings {
            ..::mcp_edge::config::Settings::DEFAULT
        });
        let expanded = package.expand(quote!()).unwrap();
        assert!(expanded.contains(&expected.to_string()), "{expanded}");
    }

    #[test]
    fn what_is_off_is_not_named() {
        let package = Package::new("page", Some("[page]\npublish = false\n"));
        let expanded = package.expand(quote!()).unwrap();
        let none = quote!(publish: ::core::option::Option::None);
        assert!(expanded.contains(&none.to_string()), "{expanded}");
        let package = Package::new("page-on", Some("[page]\npublish = true\n"));
        let expanded = package.expand(quote!()).unwrap();
        let html =
            quote!(publish: ::core::option::Option::Some(::mcp_edge::config::PageRenderer::HTML));
        assert!(expanded.contains(&html.to_string()), "{expanded}");
    }

    #[test]
    fn a_missing_file_is_an_error() {
        let package = Package::new("absent", None);
        for (arguments, file) in [(quote!(), "mcp.toml"), (quote!("other.toml"), "other.toml")] {
            assert_eq!(
                package.expand(arguments).unwrap_err(),
                [format!(
                    "{file} is missing: create it in the folder of Cargo.toml; an empty file keeps every default"
                )]
            );
        }
    }

    #[test]
    fn a_file_that_is_no_text_is_an_error() {
        let package = Package::new("bytes", Some(""));
        fs::write(package.0.join(FILE), [0xff]).unwrap();
        let errors = package.expand(quote!()).unwrap_err();
        assert!(
            errors.concat().starts_with("mcp.toml cannot be read: "),
            "{errors:?}"
        );
    }

    #[test]
    fn all_mistakes_are_one_error_with_a_line_for_each() {
        let package = Package::new("wrong", Some("[limits]\nbody_byte = 5\npage_size = 0\n"));
        assert_eq!(
            package.expand(quote!()).unwrap_err(),
            [
                "mcp.toml, line 2: limits.body_byte is not a setting; did you mean limits.body_bytes?\n\
                 mcp.toml, line 3: limits.page_size must be from 1 to 10000, not 0",
            ]
        );
    }
}
