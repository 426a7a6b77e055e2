//! `#[tool]`

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse2;

use crate::attribute::Attribute;
use crate::expansion;
use crate::function::Function;

const KEYS: &[&str] = &[
    "name",
    "title",
    "scope",
    "read_only",
    "destructive",
    "idempotent",
    "open_world",
];
const HINTS: &[&str] = &["read_only", "destructive", "idempotent", "open_world"];

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let attribute = Attribute::parse(attribute, KEYS)?;
    let function: Function = parse2(item)?;

    let name = expansion::name(&attribute, &function)?;
    let title = attribute.text("title")?.into_iter();
    let scope = attribute.text("scope")?.into_iter();
    let hints = hints(&attribute)?;
    let description = &function.description;
    let requirements = expansion::requirements(&function);
    let input = function.input().map_or_else(
        || quote!(::mcp_edge::server::NoInput),
        |input| quote!(#input),
    );
    let generics = expansion::generics(&function, Some(&input));
    let handler = expansion::handler(&function, "ToolError", Some(input));

    Ok(expansion::expand(
        &function,
        "Tool",
        quote! {
            ::mcp_edge::server::Tool::typed #generics(#name, #handler)
                .description(#description)
                #(.title(#title))*
                #(.scope(#scope))*
                #hints
                #requirements
        },
    ))
}

/// The hints that the attribute gives (ToolAnnotations); what it leaves open stays open.
fn hints(attribute: &Attribute) -> syn::Result<TokenStream> {
    let read_only = attribute.flag("read_only")?;
    let destructive = attribute.flag("destructive")?;
    if let (Some(true), Some(true), Some(span)) =
        (read_only, destructive, attribute.span("destructive"))
    {
        return Err(syn::Error::new(
            span,
            "a tool that is `read_only` changes nothing and so destroys nothing",
        ));
    }
    let mut hints = TokenStream::new();
    for hint in HINTS {
        if let Some(flag) = attribute.flag(hint)? {
            let method = format_ident!("{hint}");
            hints.extend(quote!(.#method(#flag)));
        }
    }
    Ok(hints)
}
