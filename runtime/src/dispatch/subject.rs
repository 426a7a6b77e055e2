//! The item that a call names.

use std::rc::Rc;

use serde_json::Value;

use crate::policy::Target;
use crate::protocol::{Call, Method};
use crate::server::{
    BuiltPrompt, BuiltTemplate, BuiltTool, CompletionTarget, Entry, PolicySubject, Readable,
    ServerInner,
};
use crate::uri;

/// The item that a call names, resolved once for its caller. Policy, dispatch, the audit event and `[[capture]]` use this
/// resolution and no other, so that an event cannot name another item than the one that was served.
pub(crate) struct Subject {
    /// The name or URI in the caller's words, if the method has one.
    asked: Option<String>,
    item: Option<Item>,
}

/// An item of the server.
enum Item {
    Tool(Rc<Entry<BuiltTool>>),
    Prompt(Rc<Entry<BuiltPrompt>>),
    /// A resource or a template that the URI fits.
    Resource(Readable),
    /// A template by its text, of which a variable is completed.
    Template(Rc<Entry<BuiltTemplate>>),
}

impl Subject {
    /// Resolves what `call` names. Among resources that fit a URI, those that the caller may not know of are not in the
    /// way of the others; where it may know of none, the first is what the policy refuses.
    pub(crate) fn resolve(
        call: &Call,
        server: &ServerInner,
        sees: impl Fn(Target<'_>) -> bool,
    ) -> Self {
        let text = |place: Option<&Value>| place.and_then(Value::as_str).map(str::to_owned);
        let reference = call.params.get("ref");
        let of_reference = |member: &str| text(reference.and_then(|object| object.get(member)));
        let kind = of_reference("type");
        let is_prompt = kind.as_deref() == Some("ref/prompt");
        let asked = match call.method {
            Method::CallTool | Method::GetPrompt => text(call.params.get("name")),
            Method::ReadResource | Method::Subscribe | Method::Unsubscribe => {
                text(call.params.get("uri"))
            }
            Method::Complete if is_prompt => of_reference("name"),
            Method::Complete => of_reference("uri"),
            _ => None,
        };
        let find = |asked: &str| match call.method {
            Method::CallTool => server.tools.entry(asked).map(Item::Tool),
            Method::GetPrompt => server.prompts.entry(asked).map(Item::Prompt),
            Method::Complete if is_prompt => server.prompts.entry(asked).map(Item::Prompt),
            Method::Complete => server
                .templates
                .entry(&uri::normal_pattern(asked))
                .map(Item::Template),
            _ => server
                .resource(asked, |name| sees(Target::resource(name)))
                .or_else(|| server.resource(asked, |_| true))
                .map(Item::Resource),
        };
        Self {
            item: asked.as_deref().and_then(find),
            asked,
        }
    }

    /// The name or URI in the caller's words.
    pub(crate) fn asked(&self) -> Option<&str> {
        self.asked.as_deref()
    }

    /// The item as the policy sees it; `None` if the server does not have it.
    pub(crate) fn target(&self) -> Option<Target<'_>> {
        self.item.as_ref().map(|item| match item {
            Item::Tool(entry) => entry.item.target(&entry.name),
            Item::Prompt(entry) => entry.item.target(&entry.name),
            Item::Resource(found) => found.target(),
            Item::Template(entry) => entry.item.target(&entry.name),
        })
    }

    pub(super) fn tool(&self) -> Option<&Entry<BuiltTool>> {
        match &self.item {
            Some(Item::Tool(entry)) => Some(entry),
            _ => None,
        }
    }

    pub(super) fn prompt(&self) -> Option<&Entry<BuiltPrompt>> {
        match &self.item {
            Some(Item::Prompt(entry)) => Some(entry),
            _ => None,
        }
    }

    pub(super) fn resource(&self) -> Option<&Readable> {
        match &self.item {
            Some(Item::Resource(found)) => Some(found),
            _ => None,
        }
    }

    /// The argument or variable of the item that is to be completed; `None` if the item has none of that name.
    pub(super) fn completion(&self, argument: &str) -> Option<CompletionTarget> {
        let argument = || argument.to_owned();
        match &self.item {
            Some(Item::Prompt(entry)) => {
                let has_argument = entry.item.has_argument(&argument());
                has_argument.then(|| CompletionTarget::Prompt {
                    name: entry.name.clone(),
                    argument: argument(),
                })
            }
            Some(Item::Template(entry)) => {
                let has_variable = entry.item.has_variable(&argument());
                has_variable.then(|| CompletionTarget::Template {
                    template: entry.name.clone(),
                    variable: argument(),
                })
            }
            _ => None,
        }
    }
}
