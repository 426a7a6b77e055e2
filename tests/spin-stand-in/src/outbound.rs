//! Requests that the component sends.

use std::sync::Arc;

use http::uri::Scheme;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use crate::allowed_hosts::AllowedHosts;

/// The way out of the component: plain HTTP, to the allowed hosts only.
#[derive(Clone)]
pub(crate) struct Outbound {
    allowed: Arc<AllowedHosts>,
    client: Client<HttpConnector, WasiBody>,
}

type Transmission = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl Outbound {
    pub(crate) fn new(allowed: AllowedHosts) -> Self {
        Self {
            allowed: Arc::new(allowed),
            client: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    async fn send(self, request: Request<WasiBody>) -> Result<Response<WasiBody>, Error> {
        if !self.allowed.allow(request.uri()) {
            eprintln!(
                "spin-stand-in: a request to {} was refused; it is not in allowed_outbound_hosts",
                request.uri().host().unwrap_or_default()
            );
            return Err(Error::HttpRequestDenied);
        }
        if request.uri().scheme() != Some(&Scheme::HTTP) {
            eprintln!("spin-stand-in: there is no outbound TLS in the stand-in");
            return Err(Error::TlsProtocolError);
        }
        let response = self
            .client
            .request(request)
            .await
            .map_err(|error| Error::Connect(std::io::Error::other(error)))?;
        Ok(response.map(|body| body.map_err(Error::from).boxed_unsync()))
    }
}

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        _options: Option<RequestOptions>,
        _response_read: Transmission,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Transmission), Error>> + Send> {
        let outbound = self.clone();
        Box::new(async move {
            let response = outbound.send(request).await?;
            // The pooled client drives the connection by itself.
            let driven: Transmission = Box::new(std::future::ready(Ok(())));
            Ok((response, driven))
        })
    }
}
