//! What a decision is about.

/// Something that a server offers, as rules see it.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// What it is.
    pub kind: Kind,
    /// A tool's or a prompt's name, a resource's URI, a resource template's text.
    pub name: &'a str,
    /// Whether it changes nothing. Prompts and resources do not.
    pub read_only: bool,
    /// Whether it may destroy something.
    pub destructive: bool,
    /// The scopes that it asks for itself, whatever rule lets the caller in.
    pub scopes: &'a [String],
}

/// What kinds of things a server offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A tool.
    Tool,
    /// A prompt.
    Prompt,
    /// A resource or a resource template.
    Resource,
}

impl<'a> Target<'a> {
    /// A prompt.
    pub fn prompt(name: &'a str) -> Self {
        Self::harmless(Kind::Prompt, name)
    }

    /// A resource by its URI, or a template by its text.
    pub fn resource(name: &'a str) -> Self {
        Self::harmless(Kind::Resource, name)
    }

    fn harmless(kind: Kind, name: &'a str) -> Self {
        Self {
            kind,
            name,
            read_only: true,
            destructive: false,
            scopes: &[],
        }
    }
}
