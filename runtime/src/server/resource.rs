//! Resources and resource templates (2026-07-28, server/resources).

use std::rc::Rc;

use base64ct::{Base64, Encoding as _};
use bytes::Bytes;
use schemars::JsonSchema;
use schemars::generate::Contract;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::described::{Described, described};
use super::error::RequestError;
use super::generated::schema_of;
use super::handler::{Handler, HandlerOutcome, read};
use super::list::{Definition, Entry, render};
use super::result::Json;
use super::state::Requirement;
use super::texts::Texts;
use super::uri_template::UriTemplate;
use crate::context::Context;
use crate::policy::Target;
use crate::start::BuildError;
use crate::{finite_json, uri};

/// Something that becomes a resource: a [`Resource`], or a function with `#[resource(uri = …)]`.
pub trait IntoResource {
    /// The resource.
    fn into_resource(self) -> Resource;
}

impl IntoResource for Resource {
    fn into_resource(self) -> Resource {
        self
    }
}

/// What the attribute makes of a function: another one, that gives the resource.
impl<F: FnOnce() -> Resource> IntoResource for F {
    fn into_resource(self) -> Resource {
        self()
    }
}

/// Something that becomes a template: a [`ResourceTemplate`], or a function with
/// `#[resource(template = …)]`.
pub trait IntoTemplate {
    /// The template.
    fn into_template(self) -> ResourceTemplate;
}

impl IntoTemplate for ResourceTemplate {
    fn into_template(self) -> ResourceTemplate {
        self
    }
}

/// What the attribute makes of a function: another one, that gives the template.
impl<F: FnOnce() -> ResourceTemplate> IntoTemplate for F {
    fn into_template(self) -> ResourceTemplate {
        self()
    }
}

/// A document at a fixed URI.
pub struct Resource {
    uri: String,
    name: String,
    mime_type: Option<String>,
    described: Described,
    requirements: Vec<Requirement>,
    handler: Handler<ResourceContents, RequestError>,
}

/// Documents at all URIs of one shape.
pub struct ResourceTemplate {
    template: String,
    /// The schema of the struct that its variables are read into.
    parameters: Value,
    name: String,
    mime_type: Option<String>,
    described: Described,
    requirements: Vec<Requirement>,
    handler: Handler<ResourceContents, RequestError>,
}

described!(Resource);
described!(ResourceTemplate);

impl Resource {
    /// A document at `uri`, under a short `name`. However its characters are written, here, in a request or in a rule, it
    /// is one resource (RFC 3986 §6.2.2): `docs://Straße` is listed as `docs://Stra%C3%9Fe`.
    pub fn new<F, R, T, E>(uri: impl Into<String>, name: impl Into<String>, handler: F) -> Self
    where
        F: Fn(Context) -> R + 'static,
        R: Future<Output = Result<T, E>> + 'static,
        T: IntoResourceContents,
        E: Into<RequestError>,
    {
        Self {
            uri: uri.into(),
            name: name.into(),
            mime_type: None,
            described: Described::default(),
            requirements: Vec::new(),
            handler: Box::new(move |cx, _| {
                let given = handler(cx);
                Box::pin(async move { given.await.map_err(Into::into)?.into_resource_contents() })
            }),
        }
    }

    /// The media type of its contents, where they do not say it themselves.
    #[must_use]
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }

    pub(super) fn build(self) -> Result<Entry<BuiltResource>, BuildError> {
        let broken = |problem: &str| BuildError::new(format!("resource `{}`: {problem}", self.uri));
        if !uri::has_scheme(&self.uri) {
            return Err(broken("its URI needs a scheme, as in `rules://all`"));
        }
        if self.uri.contains(['{', '}']) {
            return Err(broken(
                "a URI has no braces; for variables use a resource template",
            ));
        }
        let uri = uri::normal(&self.uri)
            .ok_or_else(|| {
                broken("a `%` in a URI is followed by two hexadecimal digits, as in `%20`")
            })?
            .into_owned();
        let definition = define(
            "uri",
            &uri,
            &self.name,
            self.mime_type.as_deref(),
            &self.described,
        )?;
        Ok(Entry {
            definition: Definition::One(definition),
            item: BuiltResource {
                mime_type: self.mime_type,
                handler: self.handler,
            },
            name: uri,
        })
    }
}

impl ResourceTemplate {
    /// Documents whose URIs fit `template` (RFC 6570, `{name}` and `{+name}`), whose variables are the
    /// fields of `P`: strings, numbers, booleans or enums. The server does not build where a variable has no field, or a
    /// field that is not an `Option` has no variable. A policy sees the variables as the handler does.
    pub fn typed<P, F, R, T, E>(
        template: impl Into<String>,
        name: impl Into<String>,
        handler: F,
    ) -> Self
    where
        P: DeserializeOwned + JsonSchema + 'static,
        F: Fn(Context, P) -> R + 'static,
        R: Future<Output = Result<T, E>> + 'static,
        T: IntoResourceContents,
        E: Into<RequestError>,
    {
        let handler = Rc::new(handler);
        Self {
            template: template.into(),
            parameters: schema_of::<P>(Contract::Deserialize),
            name: name.into(),
            mime_type: None,
            described: Described::default(),
            requirements: Vec::new(),
            handler: Box::new(move |cx, variables| {
                let handler = Rc::clone(&handler);
                Box::pin(async move {
                    let variables = read(variables).map_err(RequestError::invalid)?;
                    handler(cx, variables)
                        .await
                        .map_err(Into::into)?
                        .into_resource_contents()
                })
            }),
        }
    }

    /// The media type of its contents, where they do not say it themselves.
    #[must_use]
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }

    pub(super) fn build(self) -> Result<Entry<BuiltTemplate>, BuildError> {
        let broken = |problem: &dyn std::fmt::Display| {
            BuildError::new(format!("resource template `{}`: {problem}", self.template))
        };
        let template = UriTemplate::parse(&self.template).map_err(|error| broken(&error))?;
        let variables = Texts::of(&self.parameters).map_err(|problem| broken(&problem))?;
        variables
            .fit(&template.variables().collect())
            .map_err(|problem| broken(&problem))?;
        let name = template.to_string();
        let definition = define(
            "uriTemplate",
            &name,
            &self.name,
            self.mime_type.as_deref(),
            &self.described,
        )?;
        Ok(Entry {
            definition: Definition::One(definition),
            item: BuiltTemplate {
                template,
                variables,
                contents: BuiltResource {
                    mime_type: self.mime_type,
                    handler: self.handler,
                },
            },
            name,
        })
    }
}

fn define(
    key: &str,
    uri: &str,
    name: &str,
    mime_type: Option<&str>,
    described: &Described,
) -> Result<Rc<RawValue>, BuildError> {
    let mut definition = Map::new();
    definition.insert(key.to_owned(), Value::from(uri));
    definition.insert("name".to_owned(), Value::from(name));
    if let Some(mime_type) = mime_type {
        definition.insert("mimeType".to_owned(), Value::from(mime_type));
    }
    described.write(&mut definition);
    render(&Value::Object(definition))
}

/// A resource that has been checked.
pub(crate) struct BuiltResource {
    mime_type: Option<String>,
    handler: Handler<ResourceContents, RequestError>,
}

/// A template that has been checked.
pub(crate) struct BuiltTemplate {
    template: UriTemplate,
    variables: Texts,
    contents: BuiltResource,
}

impl BuiltTemplate {
    pub(crate) fn has_variable(&self, name: &str) -> bool {
        self.template.variables().any(|variable| variable == name)
    }
}

/// What a URI names: a resource, or a template with its variables.
pub(crate) enum Readable {
    Fixed(Rc<Entry<BuiltResource>>),
    Templated {
        entry: Rc<Entry<BuiltTemplate>>,
        /// As what their fields are.
        variables: Map<String, Value>,
    },
}

impl Readable {
    /// The template, if `uri`, in its normal form, fits it.
    pub(super) fn of_template(entry: &Rc<Entry<BuiltTemplate>>, uri: &str) -> Option<Self> {
        let mut variables = entry.item.template.variables_of(uri)?;
        entry.item.variables.read(&mut variables);
        Some(Self::Templated {
            entry: Rc::clone(entry),
            variables,
        })
    }

    /// Its name in its list: the URI, or the template.
    fn name(&self) -> &str {
        match self {
            Self::Fixed(entry) => &entry.name,
            Self::Templated { entry, .. } => &entry.name,
        }
    }

    /// The resource as the policy sees it.
    pub(crate) fn target(&self) -> Target<'_> {
        Target::resource(self.name())
    }

    /// The arguments as the policy sees them: the template's variables.
    pub(crate) fn arguments(&self) -> Value {
        match self {
            Self::Fixed(_) => Value::Object(Map::new()),
            Self::Templated { variables, .. } => Value::Object(variables.clone()),
        }
    }

    /// Starts the user's function, unless the variables are not what its fields are.
    pub(crate) fn read(
        &self,
        cx: Context,
        uri: &str,
    ) -> HandlerOutcome<Map<String, Value>, RequestError> {
        let variables = self.arguments();
        let resource = match self {
            Self::Fixed(entry) => &entry.item,
            Self::Templated { entry, .. } => {
                if let Err(why) = entry.item.variables.check(&variables) {
                    return Box::pin(async { Err(RequestError::invalid(why)) });
                }
                &entry.item.contents
            }
        };
        let given = (resource.handler)(cx, variables);
        let mime_type = resource.mime_type.clone();
        let uri = uri::normal_or_same(uri.to_owned());
        Box::pin(async move { Ok(given.await?.members(&uri, mime_type)) })
    }
}

/// What a resource holds (2026-07-28, `TextResourceContents` and `BlobResourceContents`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceContents {
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mime_type: Option<String>,
    #[serde(flatten)]
    data: Data,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Data {
    Text(String),
    Blob(String),
}

impl ResourceContents {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            uri: None,
            mime_type: None,
            data: Data::Text(text.into()),
        }
    }

    /// Anything else.
    pub fn blob(bytes: impl AsRef<[u8]>) -> Self {
        Self {
            uri: None,
            mime_type: None,
            data: Data::Blob(Base64::encode_string(bytes.as_ref())),
        }
    }

    /// The media type.
    #[must_use]
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }

    /// The URI, where it is not the one that was asked for. Embedded in a tool's result it is needed.
    #[must_use]
    pub fn uri(mut self, uri: impl Into<String>) -> Self {
        self.uri = Some(uri::normal_or_same(uri.into()));
        self
    }

    fn members(mut self, uri: &str, mime_type: Option<String>) -> Map<String, Value> {
        self.uri.get_or_insert_with(|| uri.to_owned());
        self.mime_type = self.mime_type.or(mime_type);
        let mut members = Map::new();
        members.insert("contents".to_owned(), serde_json::json!([self]));
        members
    }
}

/// What a resource may return.
pub trait IntoResourceContents {
    /// The contents themselves.
    fn into_resource_contents(self) -> Result<ResourceContents, RequestError>;
}

impl IntoResourceContents for ResourceContents {
    fn into_resource_contents(self) -> Result<ResourceContents, RequestError> {
        Ok(self)
    }
}

impl IntoResourceContents for String {
    fn into_resource_contents(self) -> Result<ResourceContents, RequestError> {
        Ok(ResourceContents::text(self))
    }
}

impl IntoResourceContents for &str {
    fn into_resource_contents(self) -> Result<ResourceContents, RequestError> {
        Ok(ResourceContents::text(self))
    }
}

impl IntoResourceContents for Bytes {
    fn into_resource_contents(self) -> Result<ResourceContents, RequestError> {
        Ok(ResourceContents::blob(self))
    }
}

impl IntoResourceContents for Vec<u8> {
    fn into_resource_contents(self) -> Result<ResourceContents, RequestError> {
        Ok(ResourceContents::blob(self))
    }
}

impl<T: Serialize> IntoResourceContents for Json<T> {
    fn into_resource_contents(self) -> Result<ResourceContents, RequestError> {
        let text = finite_json::to_string(&self.0).map_err(RequestError::internal)?;
        Ok(ResourceContents::text(text).mime_type("application/json"))
    }
}
