//! Outbound requests.

use std::cell::OnceCell;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use mcp_edge_runtime::host::FetchError;

type Https = legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// An HTTP client with its connections, made when it is first used.
#[derive(Default)]
pub(crate) struct Client(OnceCell<Https>);

impl Client {
    pub(crate) fn fetch(
        &self,
        request: http::Request<Bytes>,
        limit: usize,
    ) -> impl Future<Output = Result<http::Response<Bytes>, FetchError>> + use<> {
        let client = self.client();
        async move {
            let response = client?
                .request(request.map(Full::new))
                .await
                .map_err(failed)?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, limit).collect().await.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    FetchError::TooLarge(limit)
                } else {
                    failed(error)
                }
            })?;
            Ok(http::Response::from_parts(head, body.to_bytes()))
        }
    }

    fn client(&self) -> Result<Https, FetchError> {
        if let Some(client) = self.0.get() {
            return Ok(client.clone());
        }
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(failed)?
            .https_or_http()
            .enable_all_versions()
            .build();
        let client = legacy::Client::builder(TokioExecutor::new()).build(connector);
        Ok(self.0.get_or_init(|| client).clone())
    }
}

fn failed(error: impl std::fmt::Display) -> FetchError {
    FetchError::Failed(error.to_string())
}
