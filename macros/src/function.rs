//! The function under an attribute: what it is told, what it is handed, what it gives back.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{
    Attribute, Expr, ExprLit, FnArg, GenericArgument, Lit, Meta, Path, PathArguments, ReturnType,
    Safety, Signature, Type, Visibility,
};

/// A function that can be called with a context, states and an input.
pub(crate) struct Function {
    /// Its doc comment, as attributes.
    pub(crate) docs: Vec<Attribute>,
    /// Those that hold for whatever the function becomes: conditions and lints.
    pub(crate) everywhere: Vec<Attribute>,
    /// All its other attributes.
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// Left unread, so that an editor can still complete inside a body that does not parse yet.
    pub(crate) body: TokenStream,
    /// The text of its doc comment.
    pub(crate) description: String,
    /// What each parameter asks for, in order.
    pub(crate) parameters: Vec<Parameter>,
}

/// What a parameter asks for.
pub(crate) enum Parameter {
    Context,
    State(Type),
    Input(Type),
}

impl Function {
    /// The name as a client sees it where the attribute gives no other.
    pub(crate) fn name(&self) -> String {
        self.signature.ident.unraw().to_string()
    }

    /// The type of the one parameter that is neither a context nor a state.
    pub(crate) fn input(&self) -> Option<&Type> {
        self.parameters
            .iter()
            .find_map(|parameter| match parameter {
                Parameter::Input(of) => Some(of),
                Parameter::Context | Parameter::State(_) => None,
            })
    }

    /// The `T` of the `Result<T, E>` that it returns, where it has a name.
    pub(crate) fn success(&self) -> Option<&Type> {
        self.returned(0)
    }

    /// The `E` of the `Result<T, E>` that it returns, where it says one.
    pub(crate) fn error(&self) -> Option<&Type> {
        self.returned(1)
    }

    fn returned(&self, position: usize) -> Option<&Type> {
        let ReturnType::Type(_, of) = &self.signature.output else {
            return None;
        };
        match of.as_ref() {
            Type::Path(path) => {
                argument(&path.path, position).filter(|of| !matches!(of, Type::ImplTrait(_)))
            }
            _ => None,
        }
    }

    /// The states that must be there before it can be called.
    pub(crate) fn states(&self) -> impl Iterator<Item = &Type> {
        self.parameters
            .iter()
            .filter_map(|parameter| match parameter {
                Parameter::State(of) => Some(of),
                Parameter::Context | Parameter::Input(_) => None,
            })
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let signature: Signature = input.parse()?;
        let body = input.parse()?;

        check_qualifiers(&signature)?;
        let parameters = parameters(&signature)?;
        check_output(&signature)?;
        let (docs, attributes): (Vec<_>, Vec<_>) = attributes
            .into_iter()
            .partition(|attribute| attribute.path().is_ident("doc"));
        let (everywhere, attributes) = attributes.into_iter().partition(|attribute| {
            ["cfg", "cfg_attr", "allow"]
                .iter()
                .any(|name| attribute.path().is_ident(name))
        });
        let description = description(&docs, &signature.ident)?;

        Ok(Self {
            docs,
            everywhere,
            attributes,
            visibility,
            signature,
            body,
            description,
            parameters,
        })
    }
}

fn check_qualifiers(signature: &Signature) -> syn::Result<()> {
    if signature.asyncness.is_none() {
        return Err(syn::Error::new(
            signature.fn_token.span,
            "this must be an `async fn`",
        ));
    }
    if let Safety::Unsafe(token) = &signature.safety {
        return Err(syn::Error::new(
            token.span,
            "clients call this: it cannot be `unsafe`",
        ));
    }
    if let Some(abi) = &signature.abi {
        return Err(syn::Error::new(
            abi.span(),
            "clients call this over MCP: it cannot be `extern`",
        ));
    }
    if !signature.generics.params.is_empty() {
        return Err(syn::Error::new(
            signature.generics.span(),
            "this cannot be generic: clients call it with one concrete type",
        ));
    }
    Ok(())
}

fn parameters(signature: &Signature) -> syn::Result<Vec<Parameter>> {
    let mut parameters = Vec::new();
    for argument in &signature.inputs {
        let parameter = parameter(argument)?;
        let twice = match parameter {
            Parameter::Context => parameters
                .iter()
                .any(|earlier| matches!(earlier, Parameter::Context)),
            Parameter::Input(_) => parameters
                .iter()
                .any(|earlier| matches!(earlier, Parameter::Input(_))),
            Parameter::State(_) => false,
        };
        if twice {
            return Err(syn::Error::new(
                argument.span(),
                match parameter {
                    Parameter::Context => "the `Context` is already a parameter",
                    Parameter::State(_) | Parameter::Input(_) => {
                        "there is already an input: put both into one struct, whose fields are then the arguments"
                    }
                },
            ));
        }
        parameters.push(parameter);
    }
    Ok(parameters)
}

fn parameter(argument: &FnArg) -> syn::Result<Parameter> {
    let of = match argument {
        FnArg::Receiver(receiver) => {
            return Err(syn::Error::new(
                receiver.span(),
                "this cannot take `self`: give what it needs to the builder with `.state(…)` and take a `State<T>`",
            ));
        }
        FnArg::Typed(typed) => typed.ty.as_ref(),
    };
    match of {
        Type::Path(path)
            if path
                .path
                .segments
                .last()
                .is_some_and(|last| last.ident == "Context") =>
        {
            Ok(Parameter::Context)
        }
        Type::Path(path) => Ok(match state(&path.path) {
            Some(state) => Parameter::State(state),
            None => Parameter::Input(of.clone()),
        }),
        Type::Reference(reference) => Err(syn::Error::new(
            reference.span(),
            format!(
                "this is handed over by value: write `{}`",
                reference.elem.to_token_stream()
            ),
        )),
        Type::ImplTrait(generic) => Err(syn::Error::new(
            generic.span(),
            "this cannot be generic: clients call it with one concrete type",
        )),
        other => Ok(Parameter::Input(other.clone())),
    }
}

/// The `T` of a `State<T>`.
fn state(path: &Path) -> Option<Type> {
    let named = path
        .segments
        .last()
        .is_some_and(|last| last.ident == "State");
    argument(path, 0).filter(|_| named).cloned()
}

/// The type at a position between the angle brackets at the end of a path.
fn argument(path: &Path, position: usize) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &path.segments.last()?.arguments else {
        return None;
    };
    match arguments.args.get(position)? {
        GenericArgument::Type(of) => Some(of),
        _ => None,
    }
}

fn check_output(signature: &Signature) -> syn::Result<()> {
    let says = "this must return a `Result`, for example `Result<String, ToolError>` of a tool or \
                `Result<String, RequestError>` of a resource or prompt";
    match &signature.output {
        ReturnType::Default => Err(syn::Error::new(signature.ident.span(), says)),
        ReturnType::Type(_, of) => match of.as_ref() {
            Type::Path(path)
                if path
                    .path
                    .segments
                    .last()
                    .is_some_and(|last| last.ident == "Result") =>
            {
                Ok(())
            }
            other => Err(syn::Error::new(other.span(), says)),
        },
    }
}

/// The text of a doc comment, without the space that stands before each line.
fn description(docs: &[Attribute], function: &Ident) -> syn::Result<String> {
    let mut lines = Vec::new();
    for doc in docs {
        if let Meta::NameValue(pair) = &doc.meta {
            let Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) = &pair.value
            else {
                return Err(syn::Error::new(
                    pair.value.span(),
                    "the description must stand here as text",
                ));
            };
            lines.extend(
                // Not `lines()`, which has none for the empty comment between paragraphs.
                text.value()
                    .split('\n')
                    .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned()),
            );
        }
    }
    let text = lines.join("\n").trim().to_owned();
    if text.is_empty() {
        return Err(syn::Error::new(
            function.span(),
            format!("`{function}` needs a doc comment: it is the description that a model reads"),
        ));
    }
    Ok(text)
}
