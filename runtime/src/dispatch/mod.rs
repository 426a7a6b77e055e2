//! What each method does.

mod authorize;
mod call_task;
mod complete;
mod discover;
mod list;
mod offer;
mod prompts;
pub(crate) mod replay;
mod resources;
pub(crate) mod respond;
mod session;
mod subject;
mod subscribe;
mod tools;

use std::cell::{Cell, RefCell};
use std::net::IpAddr;
use std::rc::Rc;

use serde_json::{Map, Value};

use self::call_task::CallTask;
use self::offer::offers;
use self::subject::Subject;
use crate::audit_trail::Record;
use crate::auth::Authenticated;
use crate::context::{Context, Exchange};
use crate::host::SharedHost;
use crate::instance::Instance;
use crate::jsonrpc::member;
use crate::policy::{AccessMode, Target};
use crate::protocol::answer::ResponsePayload;
use crate::protocol::{Call, Method, bounds};
use crate::refusal::Refusal;
use crate::revision::Era;
use crate::server::{Capabilities, RequestError, ToolResult};
use crate::token::TokenError;

/// The result of a call.
pub(crate) struct CallOutput {
    pub(crate) payload: ResponsePayload,
    /// A session that begins, or changes, with this answer.
    pub(crate) session: Option<String>,
    /// What the log should know and the caller not.
    pub(crate) detail: Option<String>,
}

impl From<ResponsePayload> for CallOutput {
    fn from(payload: ResponsePayload) -> Self {
        Self {
            payload,
            session: None,
            detail: None,
        }
    }
}

impl From<Map<String, Value>> for CallOutput {
    fn from(members: Map<String, Value>) -> Self {
        ResponsePayload::Members(members).into()
    }
}

/// Why a call has no result, and what only the log should know of it.
pub(crate) struct CallError {
    pub(crate) refusal: Refusal,
    pub(crate) detail: Option<String>,
    pub(crate) token: Option<TokenError>,
}

impl From<Refusal> for CallError {
    fn from(refusal: Refusal) -> Self {
        Self {
            refusal,
            detail: None,
            token: None,
        }
    }
}

impl CallError {
    pub(crate) fn internal(detail: impl std::fmt::Display) -> Self {
        Self {
            detail: Some(detail.to_string()),
            ..Refusal::InternalError.into()
        }
    }

    fn token(refusal: Refusal, error: TokenError) -> Self {
        Self {
            token: Some(error),
            ..refusal.into()
        }
    }
}

/// Everything a method needs.
struct CallHandler {
    cx: Context,
    instance: Rc<Instance>,
    call: Rc<Call>,
    subject: Subject,
}

/// Starts a call.
pub(crate) fn start(
    mut call: Call,
    authenticated: &Authenticated,
    address: Option<IpAddr>,
    instance: &Rc<Instance>,
    host: &SharedHost,
    mut record: Record,
) -> CallTask {
    let caller = &authenticated.caller;
    let sees = |target: Target<'_>| instance.sees(caller, target);
    let subject = Subject::resolve(&call, &instance.server, sees);
    record.call(
        &call,
        subject.asked(),
        subject.target(),
        subject.arguments(),
    );
    let cx = Context::new(Exchange {
        host: SharedHost::clone(host),
        server: Rc::clone(&instance.server),
        settings: instance.settings,
        policy: Rc::clone(&instance.policy),
        sign_keys: Rc::clone(&instance.sign_keys),
        client: Rc::clone(&call.client),
        caller: caller.clone(),
        subject_token: authenticated.token.clone(),
        may_ask: call.method.may_ask(),
        progress_token: call.progress_token.take(),
        log_level: call.log_level,
        memory: RefCell::default(),
        outbox: RefCell::default(),
        progressed: Cell::new(f64::NEG_INFINITY),
        busy: Cell::new(0),
        address,
        record: RefCell::new(Some(record)),
    });
    let call = Rc::new(call);
    let serving = CallHandler {
        cx: cx.clone(),
        instance: Rc::clone(instance),
        call: Rc::clone(&call),
        subject,
    };
    CallTask::new(call, Rc::clone(instance), cx, Box::pin(serving.serve()))
}

impl CallHandler {
    async fn serve(self) -> Result<CallOutput, CallError> {
        self.is_offered()?;
        self.restore_journal()?;
        match self.call.method {
            Method::Initialize => self.initialize(),
            Method::Ping => Ok(Map::new().into()),
            Method::SetLevel => self.set_level(),
            Method::Subscribe | Method::Unsubscribe => self.subscribe(),
            Method::Discover => Ok(self.discover().into()),
            Method::Listen => self.listen(),
            Method::ListTools
            | Method::ListResources
            | Method::ListTemplates
            | Method::ListPrompts => self.list().await,
            Method::CallTool => self.call_tool().await,
            Method::ReadResource => self.read_resource().await,
            Method::GetPrompt => self.get_prompt().await,
            Method::Complete => self.complete().await,
        }
    }

    /// Methods of a capability that the caller is not told of do not exist. A caller who may see nothing at all is told that
    /// instead: it would take "method not found" for a fault of its client.
    fn is_offered(&self) -> Result<(), CallError> {
        let (instance, caller) = (&self.instance, self.cx.caller());
        let offered = offers(
            self.call.method,
            &instance.server,
            self.subject.target(),
            |target, arguments| instance.policy.decide(caller, target, arguments).shows(),
            || instance.capabilities(caller),
        );
        if offered {
            return Ok(());
        }
        let refusal = self.absent(match self.is_allowed_nothing() {
            true => Refusal::AccessDenied,
            false => Refusal::MethodNotFound,
        });
        let detail = match (&refusal, AccessMode::of(self.instance.settings)) {
            (Refusal::AccessDenied, AccessMode::None) => {
                Some("no policy rule allows anything; add [[policy]] to mcp.toml".to_owned())
            }
            _ => None,
        };
        Err(CallError {
            detail,
            ..refusal.into()
        })
    }

    /// Whether there are rules, and none of them shows the caller anything. Whether there is anything that it could see does
    /// not count.
    fn is_allowed_nothing(&self) -> bool {
        let Capabilities {
            tools,
            resources,
            prompts,
            ..
        } = self.instance.capabilities(self.cx.caller());
        !(self.instance.policy.is_open() || tools || resources || prompts)
    }

    /// A parameter that must be a string of at most `limit` bytes.
    fn text(&self, name: &str, limit: usize) -> Result<&str, Refusal> {
        bounds::text(name, self.call.params.get(name), limit)
    }

    /// `arguments`, which may be left out; those of the operation that the call is about.
    fn arguments(&self) -> Result<Map<String, Value>, Refusal> {
        if let Some(Value::Object(arguments)) = self.subject.arguments() {
            return Ok(arguments.clone());
        }
        match member(&self.call.params, "arguments") {
            None => Ok(Map::new()),
            Some(Value::Object(arguments)) => Ok(arguments.clone()),
            Some(_) => Err(Refusal::InvalidParams {
                why: "`arguments` must be an object".to_owned(),
            }),
        }
    }

    fn era(&self) -> Era {
        self.call.client.revision().era()
    }

    /// Why a prompt, a resource or a completion could not be given.
    fn failed_request(&self, error: RequestError, uri: Option<&str>) -> CallError {
        let (refusal, detail) = error.refuse(self.era(), uri);
        CallError {
            detail,
            ..refusal.into()
        }
    }

    fn members(&self, result: ToolResult) -> Map<String, Value> {
        result.members(self.call.client.revision())
    }
}
