//! `#[resource]`

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{LitStr, parse2};

use crate::attribute::Attribute;
use crate::expansion;
use crate::function::Function;
use crate::uri_template;

const KEYS: &[&str] = &["uri", "template", "name", "title", "mime_type"];

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let attribute = Attribute::parse(attribute, KEYS)?;
    let function: Function = parse2(item)?;

    let (kind, constructor, address) = match (attribute.text("uri")?, attribute.text("template")?) {
        (Some(uri), None) => {
            check_uri(uri, &function)?;
            ("Resource", quote!(Resource::new), uri)
        }
        (None, Some(template)) => {
            check_template(template, &function)?;
            (
                "ResourceTemplate",
                quote!(ResourceTemplate::typed),
                template,
            )
        }
        (None, None) => {
            return Err(syn::Error::new(
                Span::call_site(),
                "a resource needs an address: `uri = \"rules://all\"`, or `template = \"rules://{id}\"` for many",
            ));
        }
        (Some(_), Some(template)) => {
            return Err(syn::Error::new(
                template.span(),
                "a resource has a `uri` or a `template`, not both",
            ));
        }
    };
    let name = expansion::name(&attribute, &function)?;
    let title = attribute.text("title")?.into_iter();
    let mime_type = attribute.text("mime_type")?.into_iter();
    let description = &function.description;
    let requirements = expansion::requirements(&function);
    let variables = function.input().map(ToTokens::to_token_stream);
    let generics = expansion::generics(&function, variables.as_ref());
    let handler = expansion::handler(&function, "RequestError", variables);

    Ok(expansion::expand(
        &function,
        kind,
        quote! {
            ::mcp_edge::server::#constructor #generics(#address, #name, #handler)
                .description(#description)
                #(.title(#title))*
                #(.mime_type(#mime_type))*
                #requirements
        },
    ))
}

fn check_uri(uri: &LitStr, function: &Function) -> syn::Result<()> {
    if uri.value().contains(['{', '}']) {
        return Err(syn::Error::new(
            uri.span(),
            "a URI has no braces; for variables write `template = …`",
        ));
    }
    match function.input() {
        None => Ok(()),
        Some(input) => Err(syn::Error::new_spanned(
            input,
            "a resource at one `uri` is read without parameters; variables come from a `template`",
        )),
    }
}

fn check_template(template: &LitStr, function: &Function) -> syn::Result<()> {
    let text = template.value();
    let variables =
        uri_template::variables(&text).map_err(|says| syn::Error::new(template.span(), says))?;
    match function.input() {
        Some(_) => Ok(()),
        None => Err(syn::Error::new(
            function.signature.ident.span(),
            format!(
                "this needs a parameter for the variables of its template: a struct with `{}`",
                variables.join("`, `")
            ),
        )),
    }
}
