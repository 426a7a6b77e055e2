//! The `key = value` list of an attribute.

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{LitBool, LitStr, Token};

/// What was written between an attribute's parentheses, each key still to be taken by the code that knows it.
pub(crate) struct Attribute {
    entries: Vec<Entry>,
}

struct Entry {
    key: Ident,
    value: Value,
}

enum Value {
    Text(LitStr),
    Flag(bool),
}

impl Attribute {
    /// Reads the list; a key that is not among `known`, or comes twice, is an error.
    pub(crate) fn parse(tokens: TokenStream, known: &[&str]) -> syn::Result<Self> {
        let entries = Punctuated::<Entry, Token![,]>::parse_terminated.parse2(tokens)?;
        let mut attribute = Self {
            entries: Vec::new(),
        };
        for entry in entries {
            if !known.iter().any(|known| entry.key == known) {
                return Err(unknown(&entry.key, known));
            }
            if attribute
                .entries
                .iter()
                .any(|earlier| earlier.key == entry.key)
            {
                return Err(syn::Error::new(
                    entry.key.span(),
                    format!("`{}` stands here twice", entry.key),
                ));
            }
            attribute.entries.push(entry);
        }
        Ok(attribute)
    }

    /// The text of `key = "…"`.
    pub(crate) fn text(&self, key: &str) -> syn::Result<Option<&LitStr>> {
        match self.find(key) {
            None => Ok(None),
            Some(Entry {
                value: Value::Text(text),
                ..
            }) if !text.value().trim().is_empty() => Ok(Some(text)),
            Some(Entry { key, .. }) => Err(syn::Error::new(
                key.span(),
                format!("`{key}` takes a text that is not empty: `{key} = \"…\"`"),
            )),
        }
    }

    /// The value of `key` or `key = true` or `key = false`.
    pub(crate) fn flag(&self, key: &str) -> syn::Result<Option<bool>> {
        match self.find(key) {
            None => Ok(None),
            Some(Entry {
                value: Value::Flag(flag),
                ..
            }) => Ok(Some(*flag)),
            Some(Entry { key, .. }) => Err(syn::Error::new(
                key.span(),
                format!("`{key}` is a flag: write `{key}` or `{key} = false`"),
            )),
        }
    }

    /// Where `key` stands.
    pub(crate) fn span(&self, key: &str) -> Option<Span> {
        self.find(key).map(|entry| entry.key.span())
    }

    fn find(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any)?;
        if input.parse::<Option<Token![=]>>()?.is_none() {
            return Ok(Self {
                key,
                value: Value::Flag(true),
            });
        }
        let value = if input.peek(LitStr) {
            Value::Text(input.parse()?)
        } else if input.peek(LitBool) {
            Value::Flag(input.parse::<LitBool>()?.value)
        } else {
            return Err(input.error(format!("`{key}` takes a text in quotes, `true` or `false`")));
        };
        Ok(Self { key, value })
    }
}

fn unknown(key: &Ident, known: &[&str]) -> syn::Error {
    let remedy = match mcp_edge_config::nearest(&key.to_string(), known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it may be one of `{}`", known.join("`, `")),
    };
    syn::Error::new(key.span(), format!("`{key}` is not known here; {remedy}"))
}
