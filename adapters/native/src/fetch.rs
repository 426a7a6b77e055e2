//! Outbound requests.

use std::cell::OnceCell;
use std::error::Error;

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
                .map_err(|error| failed(&error))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, limit).collect().await.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    FetchError::TooLarge(limit)
                } else {
                    failed(error.as_ref())
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
            .map_err(|error| failed(&error))?
            .https_or_http()
            .enable_all_versions()
            .build();
        let client = legacy::Client::builder(TokioExecutor::new()).build(connector);
        Ok(self.0.get_or_init(|| client).clone())
    }
}

/// With its causes: what hyper says alone is "client error (Connect)".
fn failed(error: &(dyn Error + 'static)) -> FetchError {
    let mut error = Some(error);
    let mut causes: Vec<String> = Vec::new();
    while let Some(cause) = error {
        let sentence = cause.to_string();
        // Some repeat their cause.
        if causes.iter().all(|known| !known.contains(&sentence)) {
            causes.push(sentence);
        }
        error = cause.source();
    }
    FetchError::Failed(causes.join(": "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_with_its_causes() {
        let executor = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let gone = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let client = Client::default();
        let told = |url: String| {
            let request = http::Request::get(url).body(Bytes::new()).unwrap();
            let fetched = executor.block_on(client.fetch(request, 100));
            fetched.unwrap_err().to_string()
        };
        let refused = told(format!("http://{gone}/"));
        assert!(refused.contains("refused"), "{refused}");
        let nameless = told("http://no-such-host.invalid/".to_owned());
        assert!(nameless.contains("lookup"), "{nameless}");
    }
}
