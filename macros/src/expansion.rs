//! What `#[tool]`, `#[resource]` and `#[prompt]` have in common.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::attribute::Attribute;
use crate::function::{Function, Parameter};

/// Two items in place of the function: a function of its name that gives the `definition`, of the type
/// `::mcp_edge::server::kind`, and a type of its name that holds the original as `call`.
pub(crate) fn expand(function: &Function, kind: &str, definition: TokenStream) -> TokenStream {
    let Function {
        docs,
        everywhere,
        attributes,
        visibility,
        signature,
        body,
        ..
    } = function;
    let name = &signature.ident;
    let (inputs, output) = (&signature.inputs, &signature.output);
    let kind = format_ident!("{kind}");
    // A unit struct would be one item for both, but then no variable or parameter in the user's module could
    // have its name.
    quote! {
        #(#everywhere)*
        #(#docs)*
        #[allow(clippy::useless_conversion)]
        #visibility fn #name() -> ::mcp_edge::server::#kind {
            #definition
        }

        #(#everywhere)*
        #(#docs)*
        #[allow(non_camel_case_types)]
        #visibility enum #name {}

        #(#everywhere)*
        impl #name {
            #(#docs)*
            #(#attributes)*
            #visibility async fn call(#inputs) #output #body
        }
    }
}

/// A closure that takes the context, and the `input` if there is one, and calls the function with what it asks for.
/// States that are missing, and the function's own errors, become the `error` of that name.
pub(crate) fn handler(function: &Function, error: &str, input: Option<TokenStream>) -> TokenStream {
    let name = &function.signature.ident;
    let mut states = TokenStream::new();
    let mut arguments = Vec::new();
    for (position, parameter) in function.parameters.iter().enumerate() {
        arguments.push(match parameter {
            Parameter::Context => quote!(__context),
            Parameter::Input(_) => quote!(__input),
            Parameter::State(of) => {
                let state = format_ident!("__state_{position}");
                states.extend(quote!(let #state = __context.state::<#of>()?;));
                quote!(#state)
            }
        });
    }
    let input = input.map(|input| quote!(__input: #input));
    // Spanned so that an error that does not convert is shown where the function names it.
    let place = function.error().map_or_else(Span::call_site, Spanned::span);
    let error = Ident::new(error, place);
    let converted =
        quote_spanned!(place=> .map_err(::core::convert::Into::<::mcp_edge::server::#error>::into));
    quote! {
        |__context: ::mcp_edge::context::Context, #input| async move {
            #states
            #name::call(#(#arguments),*).await #converted
        }
    }
}

/// What the constructors are generic over: the input if there is one, the handler, its future, its two outcomes.
/// Named as the function names them, so that the compiler shows there what does not fit.
pub(crate) fn generics(function: &Function, input: Option<&TokenStream>) -> TokenStream {
    let input = input.into_iter();
    let success = function
        .success()
        .map_or_else(|| quote!(_), ToTokens::to_token_stream);
    quote!(::<#(#input,)* _, _, #success, _>)
}

/// The name that the attribute gives, or that of the function.
pub(crate) fn name(attribute: &Attribute, function: &Function) -> syn::Result<String> {
    let name = attribute.text("name")?;
    Ok(name.map_or_else(|| function.name(), |name| name.value()))
}

/// `.requires::<T>()` for each state, so that the builder notices one that it was not given.
pub(crate) fn requirements(function: &Function) -> TokenStream {
    let states = function.states();
    quote!(#(.requires::<#states>())*)
}
