//! The path of a request.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::join_all;
use http::{Method, StatusCode};
use mcp_edge_audit::event::Outcome;
use serde_json::Value;

use crate::audit_trail::{Record, Recorded};
use crate::auth::Authenticated;
use crate::config::{Configuration, Settings};
use crate::discovery::Document;
use crate::discovery::manifest::{self, Form};
use crate::dispatch::{self, respond};
use crate::guard;
use crate::health::{self, Probe};
use crate::host::{Host, SharedHost};
use crate::http::{Body, ClientAddress, Request, Response};
use crate::instance::Instance;
use crate::policy::AccessMode;
use crate::protocol::{self, Inbound, Reader};
use crate::refusal::{Refusal, RefusedRequest, UnreadId};
use crate::route::{Guarded, Surface, surface};
use crate::server::Server;
use crate::source::{Source, Started};
use crate::start::{BuildError, StartError};

/// A server, ready to be asked. An adapter keeps one for as long as its instance lives, and hands it every
/// request together with the host that serves it.
pub struct Runtime {
    source: Source,
    instance: Rc<RefCell<Option<Rc<Instance>>>>,
    /// What the last readiness probe was told.
    was_ready: Cell<bool>,
}

/// A server that can serve, as a host tells those who run it.
#[derive(Debug, Clone, PartialEq)]
pub struct StartSummary {
    /// The path of the endpoint.
    pub path: String,
    /// Who may call it.
    pub callers: AccessMode,
    /// Why it refuses every request on this host, if it does.
    pub refusal: Option<Refusal>,
    /// The settings of its environment.
    pub settings: &'static Settings,
}

impl Runtime {
    /// A runtime for what a user wrote. A mistake in it is kept until [`start`](Self::start).
    pub fn new(server: Result<Server, BuildError>, configuration: &'static Configuration) -> Self {
        Self::of(Source::Ready {
            server,
            configuration,
        })
    }

    /// A runtime whose server and settings are made when the instance starts, of what the host has: data files, variables.
    ///
    /// `start` gets the host of the first request and the name of the environment, from the variable `MCP_EDGE_ENV`, and returns
    /// the server with the settings of that environment; an unknown name is an
    /// [`UnknownEnvironment`](crate::config::UnknownEnvironment). What it returns is stored for the life of the instance, and
    /// nothing in it may hold on to the host, which belongs to one request.
    ///
    /// # Errors
    ///
    /// Requests are answered with 500 while `start` fails, and the log has the sentence. A later request, after a second at the
    /// earliest, runs it again.
    pub fn deferred<F, R>(start: F) -> Self
    where
        F: Fn(SharedHost, Option<String>) -> R + 'static,
        R: Future<Output = Result<Started, StartError>> + 'static,
    {
        Self::of(Source::deferred(start))
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            instance: Rc::default(),
            was_ready: Cell::new(true),
        }
    }

    /// What the server offers; see [`Server::describe`].
    pub async fn describe(&self, host: &SharedHost) -> Result<Value, StartError> {
        Ok(self.source.server(host).await?.describe())
    }

    /// Checks that the server can serve: it is put together rightly, its environment is known, its keys are
    /// there. A host that can refuse to start calls this first; any other learns it with each request.
    ///
    /// A server that would answer every request with [`Refusal::NotPublic`] can start.
    pub async fn start(&self, host: &SharedHost) -> Result<StartSummary, StartError> {
        let instance = self.instance(host).await?;
        Ok(StartSummary {
            path: instance.location.path().to_owned(),
            callers: AccessMode::of(instance.settings),
            refusal: instance.serves_on(host.as_ref()).err(),
            settings: instance.settings,
        })
    }

    /// Delivers events that instances before this one stored in the host's outbox, and to those that wait for a sink which could
    /// not be reached. A host that works without requests calls this when it starts and from time to time; on any other the
    /// next request that has an event for the same sink does it.
    pub async fn resume(&self, host: SharedHost) -> Result<(), StartError> {
        let instance = self.instance(&host).await?;
        instance.trail.resume(&host);
        Ok(())
    }

    /// Delivers the events that still wait, for the last time, in about the time given, and closes the chain of the instance
    /// with an `mcp.end`. A host that ends a server in good order calls this last. What a sink does not take then goes into
    /// the outbox; without one it is lost, and the log says so.
    ///
    /// Gives the number of events that each sink has lost, of those that no event has told of before.
    pub async fn finish(&self, within: Duration, host: SharedHost) -> BTreeMap<String, u64> {
        let instance = self.instance.borrow().clone();
        match instance {
            Some(instance) => instance.trail.finish(within, &host).await,
            None => BTreeMap::new(),
        }
    }

    /// Hands over events that the host kept for a sink and hands out by itself (Workers: a queue that the Worker
    /// consumes), and says whether it need not hand them out again.
    pub async fn deliver(&self, parcel: &str, host: SharedHost) -> Result<bool, StartError> {
        let instance = self.instance(&host).await?;
        Ok(instance.trail.deliver(parcel, &host).await)
    }

    /// Answers one request. What is wrong with the request becomes a response too.
    ///
    /// Every request leaves one event, but for the health probes `/livez` and `/readyz`, which leave none.
    pub async fn serve(&self, request: Request, host: SharedHost) -> Response {
        if let Some(probe) = Probe::asked(request.uri().path()) {
            return health::respond(match (request.method(), probe) {
                (&Method::GET | &Method::HEAD, Probe::Live) => StatusCode::OK,
                (&Method::GET | &Method::HEAD, Probe::Ready) => self.readiness(&host).await,
                _ => StatusCode::METHOD_NOT_ALLOWED,
            });
        }
        let mut record = Record::begin(SharedHost::clone(&host));
        let unread = protocol::unread_id(request.headers());
        let instance = match self.instance(&host).await {
            Ok(instance) => instance,
            Err(error) => {
                record.detail(error.to_string());
                return refuse(Refusal::Misconfigured.into(), unread, record).await;
            }
        };
        record.instance(
            &instance.server.identity.name,
            instance.environment.as_deref(),
            instance.live_policy(),
            &instance.trail,
        );

        // Before anything of the request counts, so that documents and pages are refused as well.
        if let Err(refusal) = instance.serves_on(host.as_ref()) {
            return refuse(refusal.into(), unread, record).await;
        }
        let (head, body) = request.into_parts();
        let access = &instance.settings.access;
        let address = guard::address(&head, access);
        record.address(address);
        let allowed = guard::target(&head)
            .and_then(|()| guard::host(&head, access, &instance.location, host.loopback_only()));
        if let Err(refusal) = allowed {
            return refuse(refusal.into(), unread, record).await;
        }
        let surface = surface(&head, &instance);
        if surface.as_ref().is_ok_and(|surface| !surface.is_endpoint()) {
            record.path(head.uri.path());
        }
        let guarded = match surface {
            Ok(Surface::Guarded(guarded)) => Ok(guarded),
            Err(refusal) => Err(refusal),
            Ok(Surface::Page(page)) => return answered(page.respond(&head), record).await,
            Ok(Surface::Document(document)) => {
                return match document.respond(&head) {
                    Ok(response) => answered(response, record).await,
                    Err(refusal) => {
                        let mut response = refuse(refusal.into(), unread, record).await;
                        Document::allow(&mut response);
                        response
                    }
                };
            }
        };
        let origin = match guard::origin(&head, access, &instance.location) {
            Ok(origin) => origin,
            Err(refusal) => return refuse(refusal.into(), unread, record).await,
        };
        let mut response = match guarded {
            Err(refusal) => refuse(refusal.into(), unread, record).await,
            Ok(Guarded::Endpoint) => {
                endpoint(head, body, &instance, host, address, unread, record).await
            }
            Ok(Guarded::Manifest(form)) => {
                manifest(form, &head, &instance, &host, unread, record).await
            }
            Ok(Guarded::Preflight(methods)) => {
                answered(guard::preflight(&head.headers, methods), record).await
            }
        };
        if let Some(origin) = origin {
            guard::allow(&mut response, &origin);
        }
        response
    }

    /// Records a request that the host's HTTP library answered itself with `status`, since it could not read its head. Nothing
    /// of it is known but the connection that it came from.
    pub async fn unread(&self, status: StatusCode, client: ClientAddress, host: SharedHost) {
        let refusal = match status {
            StatusCode::URI_TOO_LONG => Refusal::UriTooLong,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Refusal::HeadTooLarge,
            _ => Refusal::NotHttp,
        };
        let mut record = Record::begin(SharedHost::clone(&host));
        match self.instance(&host).await {
            Ok(instance) => {
                record.instance(
                    &instance.server.identity.name,
                    instance.environment.as_deref(),
                    instance.live_policy(),
                    &instance.trail,
                );
                let (mut head, ()) = http::Request::new(()).into_parts();
                head.extensions.insert(client);
                record.address(guard::address(&head, &instance.settings.access));
            }
            Err(error) => record.detail(error.to_string()),
        }
        on_record(record.refused_whole(&refusal.into())).await;
    }

    /// Whether requests can be served now, for a load balancer. The log is told when that changes, and why.
    async fn readiness(&self, host: &SharedHost) -> StatusCode {
        let checked = self.check_readiness(host).await;
        let was_ready = self.was_ready.replace(checked.is_ok());
        match checked {
            Ok(()) => {
                if !was_ready {
                    host.warn("ready again");
                }
                StatusCode::OK
            }
            Err(why) => {
                if was_ready {
                    host.warn(&format!("not ready: {why}"));
                }
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    async fn check_readiness(&self, host: &SharedHost) -> Result<(), String> {
        if host.is_stopping() {
            return Err("the server is stopping".to_owned());
        }
        let started = self.instance(host).await;
        let instance = started.map_err(|error| error.to_string())?;
        let open = instance.serves_on(host.as_ref());
        open.map_err(|refusal| refusal.to_string())?;
        if let Err(why) = instance.trail.check() {
            // Without requests nothing else would find out that the sink is back.
            instance.trail.resume(host);
            return Err(why);
        }
        instance.identity.check(&instance.codec, host).await
    }

    /// The instance as it is for a request that begins now.
    pub(crate) async fn instance(&self, host: &SharedHost) -> Result<Rc<Instance>, StartError> {
        let instance = self.started(host).await?;
        match instance.look_for_policy(host.now()) {
            None => Ok(instance),
            Some(false) => {
                let (current, own) = (Rc::clone(&self.instance), SharedHost::clone(host));
                let before = Rc::clone(&instance);
                host.after_response(Box::pin(async move {
                    follow(&before, &current, own.as_ref()).await;
                }));
                Ok(instance)
            }
            Some(true) => Ok(follow(&instance, &self.instance, host.as_ref())
                .await
                .unwrap_or(instance)),
        }
    }

    /// Two first requests may both start an instance; one of them is kept. Neither waits for the other,
    /// which some hosts do not forgive.
    async fn started(&self, host: &SharedHost) -> Result<Rc<Instance>, StartError> {
        let started = self.instance.borrow().clone();
        if let Some(instance) = started {
            return Ok(instance);
        }
        let (started, environment) = self.source.start(host).await?;
        let instance = Instance::start(started, environment, host.as_ref()).await?;
        let mut kept = self.instance.borrow_mut();
        Ok(Rc::clone(kept.get_or_insert_with(|| Rc::new(instance))))
    }
}

/// Puts the live policy that there is now in place of the one of `instance`, unless another request has put a newer one there.
async fn follow(
    instance: &Instance,
    current: &RefCell<Option<Rc<Instance>>>,
    host: &dyn Host,
) -> Option<Rc<Instance>> {
    let next = Rc::new(instance.next_policy(host).await?);
    let version = |instance: &Instance| instance.live_policy().map(|policy| policy.version);
    let mut current = current.borrow_mut();
    let is_newest = current
        .as_deref()
        .is_none_or(|current| version(current) <= version(&next));
    is_newest.then(|| Rc::clone(current.insert(next)))
}

async fn endpoint(
    head: http::request::Parts,
    body: crate::http::Incoming,
    instance: &Rc<Instance>,
    host: SharedHost,
    address: Option<IpAddr>,
    unread: UnreadId,
    mut record: Record,
) -> Response {
    let settings = instance.settings;
    let authenticated = match authenticate(&head, instance, &host, &mut record).await {
        Ok(authenticated) => authenticated,
        Err(refusal) => return refuse(refusal.into(), unread, record).await,
    };
    let mut admitted = match guard::admit(head, body, &settings.limits, host.as_ref()).await {
        Ok(admitted) => admitted,
        Err(refusal) => return refuse(refusal.into(), unread, record).await,
    };
    let caller = &authenticated.caller;
    record.received(admitted.size);
    let place = std::mem::take(&mut admitted.place);

    let reading = Reader {
        headers: &admitted.head.headers,
        caller,
        codec: &instance.codec,
        max_batch: settings.limits.batch_messages,
        mirrored: &|tool| instance.mirrored(caller, tool),
        now: host.now(),
    };
    match reading.read(admitted.body) {
        Err(why) => {
            if let Some(error) = why.token {
                record.token(error.reason());
            }
            if let Some(method) = &why.method {
                record.asked(method);
            }
            refuse(why.refused, unread, record).await
        }
        Ok(Inbound::Nothing { method, client }) => {
            record.notification(method.as_deref(), client.as_deref());
            on_record(record.ended(Outcome::Accepted, StatusCode::ACCEPTED.as_u16())).await;
            let mut response = Response::new(Body::Empty);
            *response.status_mut() = StatusCode::ACCEPTED;
            response
        }
        Ok(Inbound::One(call)) => {
            let running = dispatch::start(*call, &authenticated, address, instance, &host, record);
            respond::one(running, place, &settings.streams, host).await
        }
        Ok(Inbound::Batch(messages)) => {
            let mut running = Vec::new();
            let mut refused = Vec::new();
            let mut recorded = Vec::new();
            for message in messages {
                let record = record.branch();
                match message {
                    Ok(call) => {
                        running.push(dispatch::start(
                            call,
                            &authenticated,
                            address,
                            instance,
                            &host,
                            record,
                        ));
                    }
                    Err(single) => {
                        refused.push(single.message(unread));
                        recorded.push(record.refused(&single.refusal, StatusCode::OK.as_u16()));
                    }
                }
            }
            record.discard();
            join_all(recorded.into_iter().map(on_record)).await;
            respond::many(running, refused, place, &settings.streams, host).await
        }
    }
}

async fn manifest(
    form: Form,
    head: &http::request::Parts,
    instance: &Instance,
    host: &SharedHost,
    unread: UnreadId,
    mut record: Record,
) -> Response {
    let made = authenticate(head, instance, host, &mut record)
        .await
        .and_then(|authenticated| {
            manifest::respond(form, head, &authenticated.caller, &instance.sources())
        });
    match made {
        Ok(response) => answered(response, record).await,
        Err(refusal) => refuse(refusal.into(), unread, record).await,
    }
}

/// Who is calling, on record either way.
async fn authenticate(
    head: &http::request::Parts,
    instance: &Instance,
    host: &SharedHost,
    record: &mut Record,
) -> Result<Authenticated, Refusal> {
    let proven = instance.identity.caller(head, &instance.codec, host).await;
    let proven = proven.and_then(|authenticated| {
        record.caller(&authenticated.caller);
        match instance.revokes(&authenticated.caller) {
            true => Err(instance.identity.revoked()),
            false => Ok(authenticated),
        }
    });
    match proven {
        Ok(authenticated) => Ok(authenticated),
        Err(unproven) => {
            if let Some(reason) = unproven.reason {
                record.token(reason);
            }
            if let Some(detail) = unproven.detail {
                record.detail(detail);
            }
            Err(unproven.refusal)
        }
    }
}

/// Ends the record of what is no message of MCP with what was answered.
async fn answered(response: Response, mut record: Record) -> Response {
    record.sent(response.body().known_bytes());
    on_record(record.ended(Outcome::Ok, response.status().as_u16())).await;
    response
}

async fn refuse(refused: RefusedRequest, unread: UnreadId, mut record: Record) -> Response {
    let response = refused.respond(unread);
    record.sent(response.body().known_bytes());
    on_record(record.refused_whole(&refused)).await;
    response
}

/// Waits for the sinks that require it. Nothing is taken back if they do not answer: nothing was done that could be.
async fn on_record(recorded: Recorded) {
    let _ = recorded.settle().await;
}
