//! The path of a request.

use std::cell::OnceCell;
use std::rc::Rc;

use http::StatusCode;

use crate::audit::{Outcome, Record};
use crate::config::Configuration;
use crate::guard;
use crate::host::{Host, SharedHost};
use crate::http::{Body, ClientAddress, Request, Response};
use crate::instance::{Instance, StartError};
use crate::refusal::{Refusal, Refused};
use crate::reply;
use crate::route::{Surface, surface};
use crate::serve;
use crate::server::{BuildError, Server};
use crate::wire::{self, Inbound};

/// A server, ready to be asked. An adapter keeps one for as long as its instance lives, and hands it every
/// request together with the host that serves it.
pub struct Runtime {
    server: Result<Server, BuildError>,
    configuration: &'static Configuration,
    instance: OnceCell<Rc<Instance>>,
}

impl Runtime {
    /// A runtime for what a user wrote. A mistake in it is kept until [`start`](Self::start).
    pub fn new(server: Result<Server, BuildError>, configuration: &'static Configuration) -> Self {
        Self {
            server,
            configuration,
            instance: OnceCell::new(),
        }
    }

    /// Checks that the server can serve: it is put together rightly, its environment is known, its keys are
    /// there. A host that can refuse to start calls this first; any other learns it with each request.
    ///
    /// Gives the path of the endpoint.
    pub async fn start(&self, host: &dyn Host) -> Result<String, StartError> {
        let instance = self.instance(host).await?;
        Ok(instance.location.path().to_owned())
    }

    /// Answers one request. What is wrong with the request becomes a response too.
    pub async fn serve(&self, request: Request, host: SharedHost) -> Response {
        let mut record = Record::begin(SharedHost::clone(&host));
        let instance = match self.instance(host.as_ref()).await {
            Ok(instance) => instance,
            Err(error) => {
                record.detail(error.to_string());
                return refuse(Refusal::Misconfigured.into(), record);
            }
        };
        record.server(
            &instance.server.identity.name,
            instance.environment.as_deref(),
        );

        let (head, body) = request.into_parts();
        let access = &instance.settings.access;
        if let Err(refusal) = guard::host(&head, access, &instance.location, host.loopback_only()) {
            return refuse(refusal.into(), record);
        }
        let surface = surface(&head, &instance);
        if let Ok(Surface::Document(document)) = surface {
            return match document.respond(&head.method) {
                Ok(response) => {
                    record.ended(Outcome::Ok, response.status().as_u16());
                    response
                }
                Err(refusal) => refuse(refusal.into(), record),
            };
        }
        let origin = match guard::origin(&head, access, &instance.location) {
            Ok(origin) => origin,
            Err(refusal) => return refuse(refusal.into(), record),
        };
        let mut response = match surface {
            Err(refusal) => refuse(refusal.into(), record),
            Ok(Surface::Endpoint) => endpoint(head, body, &instance, host, record).await,
            Ok(Surface::Preflight | Surface::Document(_)) => {
                record.ended(Outcome::Ok, StatusCode::NO_CONTENT.as_u16());
                guard::preflight(&head.headers)
            }
        };
        if let Some(origin) = origin {
            guard::allow(&mut response, &origin);
        }
        response
    }

    /// Two first requests may both start an instance; one of them is kept. Neither waits for the other,
    /// which some hosts do not forgive.
    async fn instance(&self, host: &dyn Host) -> Result<Rc<Instance>, StartError> {
        if let Some(instance) = self.instance.get() {
            return Ok(Rc::clone(instance));
        }
        let instance = Rc::new(Instance::start(&self.server, self.configuration, host).await?);
        Ok(Rc::clone(self.instance.get_or_init(|| instance)))
    }
}

async fn endpoint(
    head: http::request::Parts,
    body: crate::http::Incoming,
    instance: &Rc<Instance>,
    host: SharedHost,
    mut record: Record,
) -> Response {
    let settings = instance.settings;
    let caller = match instance
        .identity
        .caller(&head, &instance.codec, &host)
        .await
    {
        Ok(caller) => caller,
        Err(unproven) => {
            if let Some(reason) = unproven.reason {
                record.token(reason);
            }
            if let Some(detail) = unproven.detail {
                record.detail(detail);
            }
            return refuse(unproven.refusal.into(), record);
        }
    };
    record.caller(&caller);
    let address = head
        .extensions
        .get::<ClientAddress>()
        .map(|address| address.0);
    let admitted = match guard::admit(head, body, &settings.limits).await {
        Ok(admitted) => admitted,
        Err(refusal) => return refuse(refusal.into(), record),
    };
    record.received(admitted.size);

    match wire::read(admitted, &caller, instance, host.now()) {
        Err(unread) => {
            if let Some(error) = unread.token {
                record.token(error.reason());
            }
            refuse(unread.refused, record)
        }
        Ok(Inbound::Nothing { method, client }) => {
            record.notification(method.as_deref(), client.as_deref());
            record.ended(Outcome::Accepted, StatusCode::ACCEPTED.as_u16());
            let mut response = Response::new(Body::Empty);
            *response.status_mut() = StatusCode::ACCEPTED;
            response
        }
        Ok(Inbound::One(call)) => {
            record.call(&call);
            let running = serve::start(*call, &caller, address, instance, &host, record);
            reply::one(running, &settings.streams, host).await
        }
        Ok(Inbound::Batch(messages)) => {
            let mut running = Vec::new();
            let mut refused = Vec::new();
            for message in messages {
                let mut record = record.branch();
                match message {
                    Ok(call) => {
                        record.call(&call);
                        running.push(serve::start(
                            call, &caller, address, instance, &host, record,
                        ));
                    }
                    Err(single) => {
                        refused.push(single.message());
                        record.refused(&single.refusal, StatusCode::OK.as_u16());
                    }
                }
            }
            record.dissolve();
            reply::many(running, refused, &settings.streams, host).await
        }
    }
}

fn refuse(refused: Refused, record: Record) -> Response {
    let response = refused.respond();
    record.refused_whole(&refused);
    response
}
