//! This machine, as a host that runs the runtime's checks.

use std::io::Read;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::future::{LocalBoxFuture, ready};
use mcp_edge_runtime::host::{
    FetchError, FetchOptions, Host, HostError, Timestamp, is_private_address,
};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use crate::http_error::RequestFailure;

/// This machine. Everything is done at once, and nothing beside anything else.
pub(crate) struct LocalHost {
    agent: ureq::Agent,
    variables: Vec<(&'static str, String)>,
}

impl LocalHost {
    /// `timeout` is how long one request may take; `variables` hold where the environment does not have them.
    pub(crate) fn new(timeout: Duration, variables: Vec<(&'static str, String)>) -> Self {
        Self {
            agent: agent(timeout),
            variables,
        }
    }

    fn get(
        &self,
        request: http::Request<Bytes>,
        limit: usize,
    ) -> Result<http::Response<Bytes>, FetchError> {
        let failed = |error: RequestFailure| FetchError::Failed(error.to_string());
        let answer = self.agent.run(request.map(drop));
        let answer = answer.map_err(|error| failed(RequestFailure::because_of(&error)))?;
        let (head, body) = answer.into_parts();
        let bytes = whole(body, limit).map_err(failed)?;
        let bytes = bytes.ok_or(FetchError::TooLarge(limit))?;
        Ok(http::Response::from_parts(head, bytes.into()))
    }
}

impl Host for LocalHost {
    fn name(&self) -> &'static str {
        "cli"
    }

    fn now(&self) -> Timestamp {
        timestamp(SystemTime::now())
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), HostError> {
        getrandom::fill(buffer).map_err(|error| HostError {
            operation: "give random bytes".to_owned(),
            reason: error.to_string(),
        })
    }

    /// A request has ended by itself before a timeout is looked at.
    fn sleep(&self, _: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }

    fn fetch(
        &self,
        request: http::Request<Bytes>,
        options: FetchOptions,
    ) -> LocalBoxFuture<'static, Result<http::Response<Bytes>, FetchError>> {
        let fetched = options
            .check_network()
            .and_then(|()| self.get(request, options.max_bytes));
        Box::pin(ready(fetched))
    }

    fn after_response(&self, _: LocalBoxFuture<'static, ()>) {}

    fn variable(&self, name: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        let known = self.variables.iter().find(|(known, _)| *known == name);
        let value = std::env::var(name)
            .ok()
            .or_else(|| known.map(|(_, value)| value.clone()));
        Box::pin(ready(Ok(value)))
    }

    fn log(&self, _: &str) {}
}

/// Sends requests, each of which may take `timeout`, and hands over what they are answered with: redirects and errors too.
pub(crate) fn agent(timeout: Duration) -> ureq::Agent {
    config(timeout).into()
}

/// The same, for the public internet alone: what is connected to is what was checked.
pub(crate) fn public_agent(timeout: Duration) -> ureq::Agent {
    ureq::Agent::with_parts(
        config(timeout),
        DefaultConnector::default(),
        PublicResolver(DefaultResolver::default()),
    )
}

/// Resolves names to addresses of the public internet, and to no others.
#[derive(Debug)]
struct PublicResolver(DefaultResolver);

impl Resolver for PublicResolver {
    fn resolve(
        &self,
        uri: &http::Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.0.resolve(uri, config, timeout)?;
        // A proxy resolves the names of others by itself; this one is its own.
        if config.proxy().is_some() {
            return Ok(found);
        }
        let mut public = self.empty();
        for address in found.iter() {
            if !is_private_address(address.ip()) {
                public.push(*address);
            }
        }
        if public.is_empty() {
            let error = std::io::Error::other(FetchError::Private);
            return Err(ureq::Error::Io(error));
        }
        Ok(public)
    }
}

fn config(timeout: Duration) -> ureq::config::Config {
    // A company's own certificate authorities are known to the system.
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .build();
    ureq::Agent::config_builder()
        .timeout_global(Some(timeout))
        .max_redirects(0)
        .http_status_as_error(false)
        .tls_config(tls)
        .build()
}

/// Everything that `body` holds; `None` where that is more than `longest` bytes.
pub(crate) fn whole(body: ureq::Body, longest: usize) -> Result<Option<Vec<u8>>, RequestFailure> {
    let most = u64::try_from(longest).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    body.into_reader()
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| RequestFailure::in_io(&error))?;
    Ok((bytes.len() <= longest).then_some(bytes))
}

/// `time` as the runtime counts it.
pub(crate) fn timestamp(time: SystemTime) -> Timestamp {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use ureq::config::Config;

    use super::*;

    #[test]
    fn a_name_of_a_private_network_is_not_connected_to() {
        let config = Config::builder().proxy(None).build();
        let resolver = PublicResolver(DefaultResolver::default());
        let resolve =
            |url: &str| resolver.resolve(&url.parse().unwrap(), &config, NextTimeout::default());
        let error = resolve("http://127.0.0.1:9/").unwrap_err();
        let why = RequestFailure::because_of(&error).why;
        assert!(why.contains("a private network"), "{why}");
        let found = resolve("http://8.8.8.8:9/").unwrap();
        assert_eq!(found.to_vec(), ["8.8.8.8:9".parse().unwrap()]);
    }
}
