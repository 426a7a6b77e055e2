//! Putting a server together.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;
use serde_json::value::RawValue;

use super::complete::{Completer, CompletionRequest, CompletionTarget};
use super::error::RequestError;
use super::list::{Registry, render};
use super::prompt::{BuiltPrompt, IntoPrompt};
use super::resource::{BuiltResource, BuiltTemplate, IntoResource, IntoTemplate, Readable};
use super::source::ToolSource;
use super::state::{Requirement, States};
use super::tool::{BuiltTool, IntoTool};
use super::tool_set::ToolSet;
use crate::context::Context;
use crate::implementation::Implementation;
use crate::signature::{PublicKey, SigningAlgorithm};
use crate::start::BuildError;
use crate::uri;

/// A server: what it is called and what it offers, checked and ready to serve.
#[derive(Clone)]
pub struct Server(Rc<ServerInner>);

pub(crate) struct ServerInner {
    pub(crate) info: Rc<RawValue>,
    pub(crate) identity: Implementation,
    pub(crate) instructions: Option<String>,
    pub(crate) tools: ToolSet,
    pub(crate) resources: Registry<BuiltResource>,
    pub(crate) templates: Registry<BuiltTemplate>,
    pub(crate) prompts: Registry<BuiltPrompt>,
    pub(crate) completers: BTreeMap<CompletionTarget, Completer>,
    pub(crate) states: States,
    pub(crate) keys: Vec<Value>,
}

impl Server {
    /// Starts a server with a name, as `com.example/fraud-rules`, and a version.
    pub fn builder(name: impl Into<String>, version: impl Into<String>) -> ServerBuilder {
        ServerBuilder {
            identity: Implementation {
                name: name.into(),
                version: version.into(),
                title: None,
                description: None,
                website_url: None,
            },
            instructions: None,
            parts: Collected::default(),
            states: States::default(),
            requirements: Vec::new(),
            completers: Vec::new(),
            mistake: None,
            keys: Vec::new(),
        }
    }

    pub(crate) fn parts(&self) -> Rc<ServerInner> {
        Rc::clone(&self.0)
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Server").field(&self.0.identity).finish()
    }
}

impl ServerInner {
    /// The resource at `uri`, however it is written: one with this URI, or else the first template that it fits,
    /// among those that `counts` by their name in their list.
    pub(crate) fn resource(&self, uri: &str, counts: impl Fn(&str) -> bool) -> Option<Readable> {
        let uri = uri::normal(uri)?;
        let fixed = self
            .resources
            .entry(&uri)
            .filter(|entry| counts(&entry.name));
        if let Some(entry) = fixed {
            return Some(Readable::Fixed(entry));
        }
        self.templates
            .entries()
            .iter()
            .filter(|entry| counts(&entry.name))
            .find_map(|entry| Readable::of_template(entry, &uri))
    }
}

/// A server that is being put together. A mistake is reported by [`build`](ServerBuilder::build).
#[must_use = "a builder does nothing until `build` is called"]
pub struct ServerBuilder {
    identity: Implementation,
    instructions: Option<String>,
    parts: Collected,
    states: States,
    requirements: Vec<(String, Requirement)>,
    completers: Vec<(CompletionTarget, Completer)>,
    mistake: Option<BuildError>,
    keys: Vec<Value>,
}

#[derive(Default)]
struct Collected {
    tools: Registry<BuiltTool>,
    sources: Vec<Rc<dyn ToolSource>>,
    resources: Registry<BuiltResource>,
    templates: Registry<BuiltTemplate>,
    prompts: Registry<BuiltPrompt>,
}

impl ServerBuilder {
    /// What to call the server in front of people.
    pub fn title(mut self, text: impl Into<String>) -> Self {
        self.identity.title = Some(text.into());
        self
    }

    /// What the server is for.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.identity.description = Some(text.into());
        self
    }

    /// Where people read more about it.
    pub fn website(mut self, url: impl Into<String>) -> Self {
        self.identity.website_url = Some(url.into());
        self
    }

    /// How to use what the server offers, for the model.
    pub fn instructions(mut self, text: impl Into<String>) -> Self {
        self.instructions = Some(text.into());
        self
    }

    /// Gives handlers a value to share. They take it as a [`State`](super::State) of its type.
    pub fn state<T: 'static>(mut self, value: T) -> Self {
        if !self.states.insert(value) {
            self.blame(BuildError::new(format!(
                "there are two states of type {}; wrap one of them in a type of its own",
                std::any::type_name::<T>()
            )));
        }
        self
    }

    /// Offers a tool.
    pub fn tool(mut self, tool: impl IntoTool) -> Self {
        let tool = tool.into_tool();
        let requirements = tool.requirements().to_vec();
        let added = tool.build().and_then(|entry| {
            self.require(&format!("tool `{}`", entry.name), requirements);
            self.parts.tools.add("tool", entry)
        });
        self.note(added)
    }

    /// Offers the tools of a source: a catalog of operations, or whatever else has an index of tools. Lists have them after the
    /// tools of the server itself and of the sources that were added before.
    ///
    /// [`build`](Self::build) fails if two tools have the same name.
    pub fn tools(mut self, source: impl ToolSource + 'static) -> Self {
        self.parts.sources.push(Rc::new(source));
        self
    }

    /// Publishes a public key at `/.well-known/assertion-jwks.json`, under the name `id` (RFC 7517): that of a private key with
    /// which handlers [sign](Context::sign) with `algorithm`. The same key twice is one.
    pub fn public_key(mut self, id: &str, algorithm: SigningAlgorithm, key: &PublicKey) -> Self {
        let mut jwk: Value = serde_json::from_str(&key.to_jwk()).unwrap_or_default();
        if let Some(members) = jwk.as_object_mut() {
            members.insert("alg".to_owned(), algorithm.name().into());
            members.insert("kid".to_owned(), id.into());
            members.insert("use".to_owned(), "sig".into());
        }
        if !self.keys.contains(&jwk) {
            self.keys.push(jwk);
        }
        self
    }

    /// Offers a resource.
    pub fn resource(mut self, resource: impl IntoResource) -> Self {
        let resource = resource.into_resource();
        let requirements = resource.requirements().to_vec();
        let added = resource.build().and_then(|entry| {
            self.require(&format!("resource `{}`", entry.name), requirements);
            self.parts.resources.add("resource", entry)
        });
        self.note(added)
    }

    /// Offers the resources of a template. Where several fit a URI, the first one is read.
    pub fn template(mut self, template: impl IntoTemplate) -> Self {
        let template = template.into_template();
        let requirements = template.requirements().to_vec();
        let added = template.build().and_then(|entry| {
            self.require(&format!("resource template `{}`", entry.name), requirements);
            self.parts.templates.add("resource template", entry)
        });
        self.note(added)
    }

    /// Offers a prompt.
    pub fn prompt(mut self, prompt: impl IntoPrompt) -> Self {
        let prompt = prompt.into_prompt();
        let requirements = prompt.requirements().to_vec();
        let added = prompt.build().and_then(|entry| {
            self.require(&format!("prompt `{}`", entry.name), requirements);
            self.parts.prompts.add("prompt", entry)
        });
        self.note(added)
    }

    /// Completes an argument of a prompt.
    pub fn complete_prompt<F, R>(
        mut self,
        prompt: impl Into<String>,
        argument: impl Into<String>,
        handler: F,
    ) -> Self
    where
        F: Fn(Context, CompletionRequest) -> R + 'static,
        R: Future<Output = Result<Vec<String>, RequestError>> + 'static,
    {
        let target = CompletionTarget::Prompt {
            name: prompt.into(),
            argument: argument.into(),
        };
        self.completers.push((target, Completer::new(handler)));
        self
    }

    /// Completes a variable of a resource template.
    pub fn complete_resource<F, R>(
        mut self,
        template: impl Into<String>,
        variable: impl Into<String>,
        handler: F,
    ) -> Self
    where
        F: Fn(Context, CompletionRequest) -> R + 'static,
        R: Future<Output = Result<Vec<String>, RequestError>> + 'static,
    {
        let target = CompletionTarget::Template {
            template: uri::normal_pattern(&template.into()).into_owned(),
            variable: variable.into(),
        };
        self.completers.push((target, Completer::new(handler)));
        self
    }

    /// The server, unless something is wrong with it; then the first mistake.
    pub fn build(self) -> Result<Server, BuildError> {
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        for (what, requirement) in self.requirements {
            self.states
                .meet(requirement)
                .map_err(|missing| BuildError::new(format!("{what}: {missing}")))?;
        }
        let mut completers = BTreeMap::new();
        for (target, completer) in self.completers {
            check_target(&self.parts, &target)?;
            completers.insert(target, completer);
        }
        let info = serde_json::to_value(&self.identity)
            .map_err(|error| BuildError::new(error.to_string()))
            .and_then(|info| render(&info))?;
        Ok(Server(Rc::new(ServerInner {
            info,
            identity: self.identity,
            instructions: self.instructions,
            tools: ToolSet::new(self.parts.tools, self.parts.sources)?,
            resources: self.parts.resources,
            templates: self.parts.templates,
            prompts: self.parts.prompts,
            completers,
            states: self.states,
            keys: self.keys,
        })))
    }

    fn require(&mut self, what: &str, requirements: Vec<Requirement>) {
        self.requirements.extend(
            requirements
                .into_iter()
                .map(|requirement| (what.to_owned(), requirement)),
        );
    }

    fn note(mut self, added: Result<(), BuildError>) -> Self {
        if let Err(mistake) = added {
            self.blame(mistake);
        }
        self
    }

    fn blame(&mut self, mistake: BuildError) {
        self.mistake.get_or_insert(mistake);
    }
}

fn check_target(parts: &Collected, target: &CompletionTarget) -> Result<(), BuildError> {
    let found = match target {
        CompletionTarget::Prompt { name, argument } => parts
            .prompts
            .get(name)
            .is_some_and(|prompt| prompt.has_argument(argument)),
        CompletionTarget::Template { template, variable } => parts
            .templates
            .get(template)
            .is_some_and(|found| found.has_variable(variable)),
    };
    if found {
        return Ok(());
    }
    let (kind, owner, part) = match target {
        CompletionTarget::Prompt { name, argument } => ("prompt", name, argument),
        CompletionTarget::Template { template, variable } => {
            ("resource template", template, variable)
        }
    };
    Err(BuildError::new(format!(
        "there is a completion for `{part}` of the {kind} `{owner}`, but no such {kind} or nothing of that name in it"
    )))
}
