//! `#[prompt]`

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse2;

use crate::attribute::Attribute;
use crate::expansion;
use crate::function::Function;

const KEYS: &[&str] = &["name", "title"];

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let attribute = Attribute::parse(attribute, KEYS)?;
    let function: Function = parse2(item)?;

    let name = expansion::name(&attribute, &function)?;
    let title = attribute.text("title")?.into_iter();
    let description = &function.description;
    let requirements = expansion::requirements(&function);
    let arguments = function.input().map(ToTokens::to_token_stream);
    let constructor = if arguments.is_some() {
        quote!(typed)
    } else {
        quote!(plain)
    };
    let generics = expansion::generics(&function, arguments.as_ref());
    let handler = expansion::handler(&function, "RequestError", arguments);

    Ok(expansion::expand(
        &function,
        "Prompt",
        quote! {
            ::mcp_edge::server::Prompt::#constructor #generics(#name, #handler)
                .description(#description)
                #(.title(#title))*
                #requirements
        },
    ))
}
