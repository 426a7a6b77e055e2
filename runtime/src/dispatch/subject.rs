//! The item that a call names.

use std::rc::Rc;

use serde_json::Value;

use crate::jsonrpc::member;
use crate::policy::Target;
use crate::protocol::{Call, Method};
use crate::server::{
    BuiltPrompt, BuiltTemplate, CalledTool, CompletionTarget, Entry, FoundTool, PolicySubject,
    Readable, ServerInner,
};
use crate::uri;

/// The item that a call names, resolved once for its caller. Policy, dispatch, the audit event and `[[capture]]` use this
/// resolution and no other, so that an event cannot name another item than the one that was served.
pub(crate) struct Subject {
    /// The name or URI in the caller's words, if the method has one; of the operation, where a broker calls one.
    asked: Option<String>,
    item: Option<Item>,
    /// The arguments of the operation that a broker calls, which are among its own.
    arguments: Option<Value>,
}

/// An item of the server.
enum Item {
    Tool(FoundTool),
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
            Method::CallTool => server.tools.get(asked).map(|tool| Item::Tool(tool.found())),
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
        let item = asked.as_deref().and_then(find);
        if let Some(Item::Tool(tool)) = item {
            return Self::of_tool(tool, asked, call);
        }
        Self {
            item,
            asked,
            arguments: None,
        }
    }

    /// A tool, or the operation that `call` calls through it.
    fn of_tool(tool: FoundTool, asked: Option<String>, call: &Call) -> Self {
        match tool.called(|| member(&call.params, "arguments")) {
            CalledTool::Itself(tool) => Self {
                item: Some(Item::Tool(tool)),
                asked,
                arguments: None,
            },
            CalledTool::Operation {
                tool,
                name,
                arguments,
            } => Self {
                item: tool.map(Item::Tool),
                asked: Some(name),
                arguments: Some(arguments),
            },
        }
    }

    /// The name or URI in the caller's words.
    pub(crate) fn asked(&self) -> Option<&str> {
        self.asked.as_deref()
    }

    /// The item as the policy sees it; `None` if the server does not have it.
    pub(crate) fn target(&self) -> Option<Target<'_>> {
        match self.item.as_ref()? {
            Item::Tool(tool) => tool.target(),
            Item::Prompt(entry) => Some(entry.item.target(&entry.name)),
            Item::Resource(found) => Some(found.target()),
            Item::Template(entry) => Some(entry.item.target(&entry.name)),
        }
    }

    /// The arguments of the operation that a broker calls.
    pub(super) fn arguments(&self) -> Option<&Value> {
        self.arguments.as_ref()
    }

    pub(super) fn tool(&self) -> Option<&FoundTool> {
        match &self.item {
            Some(Item::Tool(tool)) => Some(tool),
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
