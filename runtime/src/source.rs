//! Where a runtime gets its server and its settings from.

use std::cell::{OnceCell, RefCell};
use std::time::Duration;

use futures_util::future::LocalBoxFuture;

use crate::config::{Configuration, Settings};
use crate::host::{SharedHost, Timestamp};
use crate::server::Server;
use crate::start::{BuildError, ENVIRONMENT_VARIABLE, StartError};

/// For how long requests get the error of a start that has failed before another is tried. Each may decode a lot and leak some of
/// it.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A server and the settings of the environment that it runs in, as [`Runtime::deferred`](crate::Runtime::deferred) gets them.
#[derive(Debug, Clone)]
pub struct Started {
    /// The server.
    pub server: Server,
    /// The settings of the environment. They live as long as the process: a program that decodes them leaks them.
    pub settings: &'static Settings,
}

type Start =
    dyn Fn(SharedHost, Option<String>) -> LocalBoxFuture<'static, Result<Started, StartError>>;

/// A server with its configuration, or what makes them when the instance starts.
pub(crate) enum Source {
    Ready {
        server: Result<Server, BuildError>,
        configuration: &'static Configuration,
    },
    Deferred(Deferred),
}

/// A server that is made with what the host has.
pub(crate) struct Deferred {
    start: Box<Start>,
    /// What was made, so that an instance which cannot start for another reason does not make it again.
    started: OnceCell<Started>,
    failed: RefCell<Option<(Timestamp, StartError)>>,
}

impl Source {
    pub(crate) fn deferred<F, R>(start: F) -> Self
    where
        F: Fn(SharedHost, Option<String>) -> R + 'static,
        R: Future<Output = Result<Started, StartError>> + 'static,
    {
        Self::Deferred(Deferred {
            start: Box::new(move |host, environment| Box::pin(start(host, environment))),
            started: OnceCell::new(),
            failed: RefCell::default(),
        })
    }

    /// The server, for a host that wants nothing but its description.
    pub(crate) async fn server(&self, host: &SharedHost) -> Result<Server, StartError> {
        match self {
            Self::Ready { server, .. } => Ok(server.clone()?),
            Self::Deferred(_) => Ok(self.start(host).await?.0.server),
        }
    }

    /// The server with the settings of the environment that the host names, and its name.
    pub(crate) async fn start(
        &self,
        host: &SharedHost,
    ) -> Result<(Started, Option<String>), StartError> {
        // Before the environment, so that a wrong server is told of whatever the environment is.
        if let Self::Ready {
            server: Err(error), ..
        } = self
        {
            return Err(error.clone().into());
        }
        let environment = host.variable(ENVIRONMENT_VARIABLE).await?;
        let environment = environment.filter(|name| !name.is_empty());
        let started = match self {
            Self::Ready {
                server,
                configuration,
            } => Started {
                server: server.clone()?,
                settings: configuration.settings(environment.as_deref())?,
            },
            Self::Deferred(deferred) => deferred.get(host, environment.clone()).await?,
        };
        Ok((started, environment))
    }
}

impl Deferred {
    async fn get(
        &self,
        host: &SharedHost,
        environment: Option<String>,
    ) -> Result<Started, StartError> {
        if let Some(started) = self.started.get() {
            return Ok(started.clone());
        }
        let now = host.now();
        if let Some((when, error)) = self.failed.borrow().as_ref()
            && now.since(*when) < RETRY_AFTER
        {
            return Err(error.clone());
        }
        match (self.start)(SharedHost::clone(host), environment).await {
            // Of two that are made at once, one is kept.
            Ok(started) => Ok(self.started.get_or_init(|| started).clone()),
            Err(error) => {
                self.failed.replace(Some((now, error.clone())));
                Err(error)
            }
        }
    }
}
