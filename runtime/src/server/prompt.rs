//! Prompts (2026-07-28, server/prompts).

use std::rc::Rc;

use mcp_edge_schema::text::{MAX_SHOWN, shorten};
use schemars::JsonSchema;
use schemars::generate::Contract;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::content::{Content, Role};
use super::described::{Described, described};
use super::error::RequestError;
use super::generated::schema_of;
use super::handler::{Handler, HandlerOutcome, read};
use super::list::{Definition, Entry, check_name, render};
use super::state::Requirement;
use super::texts::Texts;
use crate::context::Context;
use crate::finite_json::NotFiniteError;
use crate::revision::Revision;
use crate::start::BuildError;

/// Something that becomes a prompt: a [`Prompt`], or a function with `#[prompt]`.
pub trait IntoPrompt {
    /// The prompt.
    fn into_prompt(self) -> Prompt;
}

impl IntoPrompt for Prompt {
    fn into_prompt(self) -> Prompt {
        self
    }
}

/// What the attribute makes of a function: another one, that gives the prompt.
impl<F: FnOnce() -> Prompt> IntoPrompt for F {
    fn into_prompt(self) -> Prompt {
        self()
    }
}

/// A template for a conversation, which a person picks.
pub struct Prompt {
    name: String,
    described: Described,
    /// Where the arguments come from: a struct's schema.
    arguments: Option<Value>,
    requirements: Vec<Requirement>,
    handler: Handler<PromptResult, RequestError>,
}

#[derive(Debug, Clone, Serialize)]
struct Argument {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    required: bool,
}

described!(Prompt);

impl Prompt {
    /// A prompt whose arguments are the fields of `A`: strings, numbers, booleans or enums. On the wire they are all strings; a
    /// policy sees them as the handler does.
    pub fn typed<A, F, R, T, E>(name: impl Into<String>, handler: F) -> Self
    where
        A: DeserializeOwned + JsonSchema + 'static,
        F: Fn(Context, A) -> R + 'static,
        R: Future<Output = Result<T, E>> + 'static,
        T: IntoPromptResult,
        E: Into<RequestError>,
    {
        let handler = Rc::new(handler);
        Self {
            name: name.into(),
            described: Described::default(),
            arguments: Some(schema_of::<A>(Contract::Deserialize)),
            requirements: Vec::new(),
            handler: Box::new(move |cx, arguments| {
                let handler = Rc::clone(&handler);
                Box::pin(async move {
                    let arguments = read(arguments).map_err(RequestError::invalid)?;
                    let given = handler(cx, arguments).await.map_err(Into::into)?;
                    Ok(given.into_prompt_result())
                })
            }),
        }
    }

    /// A prompt without arguments.
    pub fn plain<F, R, T, E>(name: impl Into<String>, handler: F) -> Self
    where
        F: Fn(Context) -> R + 'static,
        R: Future<Output = Result<T, E>> + 'static,
        T: IntoPromptResult,
        E: Into<RequestError>,
    {
        Self {
            arguments: None,
            ..Self::typed(name, move |cx, _: Map<String, Value>| handler(cx))
        }
    }

    pub(super) fn build(self) -> Result<Entry<BuiltPrompt>, BuildError> {
        check_name("prompt", &self.name)?;
        let texts = self.arguments.as_ref().map(Texts::of).transpose();
        let texts = texts
            .map_err(|problem| BuildError::new(format!("prompt `{}`: {problem}", self.name)))?;
        let arguments = self.arguments.as_ref().map_or_else(Vec::new, arguments_of);
        let mut definition = json!({ "name": self.name, "arguments": arguments });
        if let Some(members) = definition.as_object_mut() {
            self.described.write(members);
        }
        let definition = render(&definition)?;
        Ok(Entry {
            name: self.name,
            definition: Definition::One(definition),
            item: BuiltPrompt {
                arguments,
                texts,
                handler: self.handler,
            },
        })
    }
}

fn arguments_of(schema: &Value) -> Vec<Argument> {
    let text = |of: &Value, member: &str| of.get(member).and_then(Value::as_str).map(str::to_owned);
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map_or_else(Vec::new, |names| {
            names.iter().filter_map(Value::as_str).collect()
        });
    schema
        .get("properties")
        .and_then(Value::as_object)
        .map_or_else(Vec::new, |properties| {
            properties
                .iter()
                .map(|(name, property)| Argument {
                    name: name.clone(),
                    title: text(property, "title"),
                    description: text(property, "description"),
                    required: required.contains(&name.as_str()),
                })
                .collect()
        })
}

/// A prompt that has been checked.
pub(crate) struct BuiltPrompt {
    arguments: Vec<Argument>,
    /// How the arguments become the fields of a type, where there is one.
    texts: Option<Texts>,
    handler: Handler<PromptResult, RequestError>,
}

impl BuiltPrompt {
    /// The arguments as what their fields are.
    pub(crate) fn read(&self, mut arguments: Map<String, Value>) -> Value {
        if let Some(texts) = &self.texts {
            texts.read(&mut arguments);
        }
        Value::Object(arguments)
    }

    pub(crate) fn has_argument(&self, name: &str) -> bool {
        self.arguments.iter().any(|argument| argument.name == name)
    }

    /// Checks that the arguments are strings, that none is missing, and that they were `read` as what their fields are.
    pub(crate) fn check(&self, arguments: &Map<String, Value>, read: &Value) -> Result<(), String> {
        if let Some((name, _)) = arguments.iter().find(|(_, value)| !value.is_string()) {
            return Err(format!(
                "the argument `{}` must be a string",
                shorten(name, MAX_SHOWN)
            ));
        }
        match self
            .arguments
            .iter()
            .find(|argument| argument.required && !arguments.contains_key(&argument.name))
        {
            Some(missing) => Err(format!("the argument `{}` is missing", missing.name)),
            None => self
                .texts
                .as_ref()
                .map_or(Ok(()), |texts| texts.check(read)),
        }
    }

    /// Starts the user's function.
    pub(crate) fn get(
        &self,
        cx: Context,
        arguments: Value,
    ) -> HandlerOutcome<PromptResult, RequestError> {
        (self.handler)(cx, arguments)
    }
}

/// One message of a prompt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PromptMessage {
    role: Role,
    content: Content,
}

impl PromptMessage {
    /// Something the person says.
    pub fn user(content: impl Into<Content>) -> Self {
        Self {
            role: Role::User,
            content: content.into(),
        }
    }

    /// Something the model says.
    pub fn assistant(content: impl Into<Content>) -> Self {
        Self {
            role: Role::Assistant,
            content: content.into(),
        }
    }
}

/// What a prompt gives (2026-07-28, `GetPromptResult`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PromptResult {
    description: Option<String>,
    messages: Vec<PromptMessage>,
}

impl PromptResult {
    /// A conversation.
    pub fn new(messages: impl IntoIterator<Item = PromptMessage>) -> Self {
        Self {
            description: None,
            messages: messages.into_iter().collect(),
        }
    }

    /// What this conversation is about, now that its arguments are known.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Checks the hints of its messages.
    pub(crate) fn check(&self) -> Result<(), NotFiniteError> {
        let mut messages = self.messages.iter().enumerate();
        messages.try_for_each(|(place, message)| {
            message.content.check(&format!("/messages/{place}/content"))
        })
    }

    pub(crate) fn members(mut self, revision: Revision) -> Map<String, Value> {
        if !revision.has_structured_content() {
            for message in &mut self.messages {
                message.content = message.content.clone().without_links();
            }
        }
        let mut members = Map::new();
        if let Some(text) = self.description {
            members.insert("description".to_owned(), Value::from(text));
        }
        members.insert("messages".to_owned(), json!(self.messages));
        members
    }
}

/// What a prompt may return.
pub trait IntoPromptResult {
    /// The result itself.
    fn into_prompt_result(self) -> PromptResult;
}

impl IntoPromptResult for PromptResult {
    fn into_prompt_result(self) -> PromptResult {
        self
    }
}

impl IntoPromptResult for Vec<PromptMessage> {
    fn into_prompt_result(self) -> PromptResult {
        PromptResult::new(self)
    }
}

impl IntoPromptResult for String {
    fn into_prompt_result(self) -> PromptResult {
        PromptResult::new([PromptMessage::user(self)])
    }
}

impl IntoPromptResult for &str {
    fn into_prompt_result(self) -> PromptResult {
        PromptResult::new([PromptMessage::user(self)])
    }
}
