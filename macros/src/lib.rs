//! The macros of mcp-edge. Depend on `mcp-edge`, which re-exports them; what they expand to names that crate.
//!
//! `#[tool]`, `#[resource]` and `#[prompt]` each replace an `async fn` by two items of its name:
//!
//! - a function without parameters that gives the definition, so that `.tool(evaluate_rule)` registers it and
//!   `evaluate_rule()` can be looked at or changed first;
//! - a type whose associated function `call` is the function as it was written, so that a unit test can run
//!   `evaluate_rule::call(…)`.
//!
//! ```ignore
//! /// Adds two numbers.
//! #[tool(read_only, idempotent)]
//! async fn add(input: Add) -> Result<String, ToolError> {
//!     Ok((input.a + input.b).to_string())
//! }
//!
//! Server::builder("com.example/sums", "1.0.0").tool(add).build()
//! ```
//!
//! `config!` compiles `mcp.toml` into constants; a mistake in the file is an error of the build, at its line.

mod attribute;
mod configuration;
mod expansion;
mod function;
mod prompt;
mod resource;
mod tool;
mod uri_template;

use proc_macro::TokenStream;

/// Makes a tool of an `async fn`.
///
/// The doc comment is the tool's description. Parameters, in any order: `Context`, any number of `State<T>`, and at
/// most one other, the input: a type with `Deserialize` and `JsonSchema`. The return type is
/// `Result<impl IntoToolResult, impl Into<ToolError>>`.
///
/// | key | meaning |
/// |---|---|
/// | `name = "…"` | the tool's name; else the function's |
/// | `title = "…"` | the name that people see |
/// | `read_only` | changes nothing |
/// | `destructive`, `destructive = false` | whether a change may destroy something |
/// | `idempotent` | calling it again with the same arguments changes nothing more |
/// | `open_world`, `open_world = false` | whether it deals with things outside the server |
///
/// The last four are the hints of the standard (server/tools, ToolAnnotations).
#[proc_macro_attribute]
pub fn tool(attribute: TokenStream, item: TokenStream) -> TokenStream {
    finish(tool::expand(attribute.into(), item.into()))
}

/// Makes a resource, or a template of resources, of an `async fn`.
///
/// The doc comment is the description. Parameters, in any order: `Context`, any number of `State<T>`, and for a
/// template one other: a struct with a field for each variable, which is a string, a number, a boolean or an enum. A server
/// whose fields are not the variables of its template does not build. The return type is
/// `Result<impl IntoResourceContents, impl Into<RequestError>>`.
///
/// | key | meaning |
/// |---|---|
/// | `uri = "…"` | the URI of the one resource |
/// | `template = "…"` | the URI template (RFC 6570) of all of them, as `rules://{id}` |
/// | `name = "…"` | the resource's name; else the function's |
/// | `title = "…"` | the name that people see |
/// | `mime_type = "…"` | the media type of its contents |
#[proc_macro_attribute]
pub fn resource(attribute: TokenStream, item: TokenStream) -> TokenStream {
    finish(resource::expand(attribute.into(), item.into()))
}

/// Makes a prompt of an `async fn`.
///
/// The doc comment is the description. Parameters, in any order: `Context`, any number of `State<T>`, and at most
/// one other, the prompt's arguments: a struct of strings, numbers, booleans or enums. The return type is
/// `Result<impl IntoPromptResult, impl Into<RequestError>>`.
///
/// | key | meaning |
/// |---|---|
/// | `name = "…"` | the prompt's name; else the function's |
/// | `title = "…"` | the name that people see |
#[proc_macro_attribute]
pub fn prompt(attribute: TokenStream, item: TokenStream) -> TokenStream {
    finish(prompt::expand(attribute.into(), item.into()))
}

/// The configuration of the package being compiled, as a constant expression of type `Configuration`.
///
/// `config!()` reads `mcp.toml` in the folder of the package's `Cargo.toml`; an empty file keeps every default.
/// `config!("../mcp.toml")` reads another file, relative to that folder. A file that is missing does not compile, and
/// neither does a file with mistakes: the compile error lists each with its line, its key and the remedy.
///
/// Cargo rebuilds the package when the file changes, and the build fails once the file is gone. As for source files,
/// cargo compares modification times: it does not notice a file that is replaced by an older one.
#[proc_macro]
pub fn config(arguments: TokenStream) -> TokenStream {
    finish(configuration::expand(arguments.into()))
}

fn finish(expanded: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    expanded
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
