//! Objects of an S3-compatible store: AWS S3, Cloudflare R2, Google Cloud Storage with HMAC keys, and others.
//!
//! A batch is one object of lines, put by its path-style URL. The signature is AWS Signature Version 4; crates that make it
//! weigh more than it does: `aws-sigv4` brings the runtime of the AWS SDK, `rusty-s3` a URL parser, a second date library
//! and a second SHA-256.

use bytes::Bytes;
use hmac::{Hmac, Mac as _};
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use mcp_edge_audit::digest::{hexadecimal, sha256};
use mcp_edge_runtime::config::{Format, SinkSettings};
use mcp_edge_runtime::host::Timestamp;
use sha2::Sha256;

use crate::object_key::{CONTENT_TYPE, compact};
use crate::{Batch, BatchStatus, ReceiverApi, SinkPayload};

const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const DATE: HeaderName = HeaderName::from_static("x-amz-date");

struct S3 {
    /// The store's own URL, with the bucket and a slash behind it.
    bucket: String,
    prefix: &'static str,
    format: Format,
    signer: Signer,
}

struct Signer {
    access_key_id: String,
    secret: String,
    region: &'static str,
}

pub(crate) fn start(setup: SinkSettings) -> Result<Box<dyn ReceiverApi>, String> {
    let store = setup.endpoint("/")?;
    if store.query().is_some() {
        // It is not repeated: it could hold a credential.
        return Err("`url` must have no query".to_owned());
    }
    let name = SinkSettings::needs(setup.settings.bucket, "bucket")?;
    let secret = SinkSettings::needs(setup.token(), "token")?.to_owned();
    let bucket = format!("{}/{name}/", store.to_string().trim_end_matches('/'));
    if name.contains('/') || bucket.parse::<Uri>().is_err() {
        return Err(format!("`bucket` is no name of a bucket: {name}"));
    }
    Ok(Box::new(S3 {
        bucket,
        prefix: setup.settings.prefix,
        format: setup.settings.format,
        signer: Signer {
            access_key_id: SinkSettings::needs(setup.access_key_id, "access_key_id")?,
            secret,
            region: setup.settings.region,
        },
    }))
}

impl ReceiverApi for S3 {
    fn parcel(&self, batch: &Batch<'_>) -> Result<SinkPayload, String> {
        let url = format!("{}{}", self.bucket, encoded(&batch.key(self.prefix)));
        let request = http::Request::put(url)
            .body(batch.object(self.format))
            .map_err(|error| error.to_string())?;
        let mut request = self.signer.sign(request, batch.now)?;
        let content_type = HeaderValue::from_static(CONTENT_TYPE);
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, content_type);
        Ok(SinkPayload::Http(request))
    }

    /// Even 400 speaks of keys and clocks here, since a store does not look into an object.
    fn verdict(&self, answer: &http::Response<Bytes>, _: usize) -> BatchStatus {
        match BatchStatus::unless_accepted(answer, format!("it answered {}", answer.status())) {
            // "If successful, the service sends back an HTTP 200 response" with the object's entity tag and without a body
            // (Amazon S3 API, PutObject).
            BatchStatus::Accepted
                if answer.status() != StatusCode::OK
                    || !answer.headers().contains_key(header::ETAG)
                    || !answer.body().is_empty() =>
            {
                BatchStatus::unacknowledged(answer, "200, an ETag and no body")
            }
            verdict => verdict,
        }
    }
}

impl Signer {
    /// Puts the signature into a request (AWS, "Signature Calculations for the Authorization Header: Transferring Payload in
    /// a Single Chunk"). All headers that it has are signed, and the host.
    fn sign(
        &self,
        mut request: http::Request<Bytes>,
        now: Timestamp,
    ) -> Result<http::Request<Bytes>, String> {
        let broken = |_| "`access_key_id` cannot be in a header".to_owned();
        // Seconds, as `20130524T000000Z`.
        let time = compact(Timestamp::from_secs(now.as_secs())).replace("000Z", "Z");
        let day = time.split('T').next().unwrap_or_default();
        let digest = sha256(request.body());
        let host = host_of(request.uri());
        let headers = request.headers_mut();
        headers.insert(CONTENT_SHA256, digest.parse().map_err(broken)?);
        headers.insert(DATE, time.parse().map_err(broken)?);

        let mut signed: Vec<(&str, &str)> = vec![("host", &host)];
        for (name, value) in &*headers {
            signed.push((name.as_str(), value.to_str().unwrap_or_default().trim()));
        }
        signed.sort_unstable();
        let lines: Vec<_> = signed
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        let names: Vec<_> = signed.iter().map(|(name, _)| *name).collect();
        let (lines, names) = (lines.concat(), names.join(";"));

        let canonical = canonical(request.method(), request.uri(), &lines, &names, &digest);
        let scope = format!("{day}/{}/s3/aws4_request", self.region);
        let digest = sha256(canonical.as_bytes());
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}");
        let key = format!("AWS4{}", self.secret).into_bytes();
        let key = [day, self.region, "s3", "aws4_request"]
            .iter()
            .fold(key, |key, part| keyed(&key, part));
        let signature = hexadecimal(&keyed(&key, &text));
        let access_key_id = &self.access_key_id;
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={access_key_id}/{scope},SignedHeaders={names},Signature={signature}"
        );
        let mut authorization: HeaderValue = authorization.parse().map_err(broken)?;
        authorization.set_sensitive(true);
        request
            .headers_mut()
            .insert(header::AUTHORIZATION, authorization);
        Ok(request)
    }
}

/// The request as it is signed. What this module sends has no query.
fn canonical(method: &Method, uri: &Uri, headers: &str, names: &str, digest: &str) -> String {
    format!("{method}\n{}\n\n{headers}\n{names}\n{digest}", uri.path())
}

/// The host as the request will name it: hosts leave the scheme's own port out.
fn host_of(uri: &Uri) -> String {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let port = match uri.scheme_str() {
        Some("https") => ":443",
        _ => ":80",
    };
    authority.strip_suffix(port).unwrap_or(authority).to_owned()
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    // A key of any length will do (RFC 2104), so there is always one.
    Hmac::<Sha256>::new_from_slice(key).map_or_else(
        |_| Vec::new(),
        |mac| mac.chain_update(text).finalize().into_bytes().to_vec(),
    )
}

/// The name of an object as it is in a URL and is signed: all but unreserved characters and slashes encoded.
fn encoded(key: &str) -> String {
    let mut encoded = String::with_capacity(key.len());
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&hexadecimal(&[byte]).to_uppercase());
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use mcp_edge_runtime::config::{Sink, TextSetting};

    use super::*;
    use crate::testing::{answer, body, events, header, http, start, start_error};

    const STORE: Sink = Sink {
        name: "archive",
        protocol: crate::S3,
        url: Some(TextSetting::Literal("https://s3.example")),
        access_key_id: Some(TextSetting::Literal("AKIDEXAMPLE")),
        token: Some("TOKEN"),
        bucket: Some("logs"),
        prefix: "mcp edge/",
        ..Sink::DEFAULT
    };

    /// The credentials of the examples in the documentation of AWS.
    fn of_the_documentation() -> Signer {
        Signer {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            region: "us-east-1",
        }
    }

    fn signed(request: http::request::Builder, body: &'static str) -> String {
        let request = request.body(Bytes::from(body)).unwrap();
        let now = Timestamp::from_rfc3339("2013-05-24T00:00:00Z").unwrap();
        let request = of_the_documentation().sign(request, now).unwrap();
        header(&request, "authorization").to_owned()
    }

    #[test]
    fn the_signature_is_that_of_the_put_in_the_documentation_of_aws() {
        let url = format!(
            "https://examplebucket.s3.amazonaws.com/{}",
            encoded("test$file.text")
        );
        let request = http::Request::put(url)
            .header("date", "Fri, 24 May 2013 00:00:00 GMT")
            .header("x-amz-storage-class", "REDUCED_REDUNDANCY");
        assert_eq!(
            signed(request, "Welcome to Amazon S3."),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
             SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,\
             Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        );
    }

    #[test]
    fn the_signature_is_that_of_the_get_in_the_documentation_of_aws() {
        let request = http::Request::get("https://examplebucket.s3.amazonaws.com:443/test.txt")
            .header("range", "bytes=0-9");
        assert!(signed(request, "").ends_with(
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        ));
    }

    #[test]
    fn a_batch_is_put_by_its_path_style_url() {
        let events = events(2);
        let request = http(start(STORE).as_ref(), &events);
        let chain = events[0].chain();
        assert_eq!(request.method(), Method::PUT);
        assert_eq!(
            request.uri().to_string(),
            format!(
                "https://s3.example/logs/mcp%20edge/2026/09/21/20260921T141320500Z-{chain}-0-1.ndjson"
            )
        );
        assert_eq!(header(&request, "content-type"), "application/x-ndjson");
        let authorization = header(&request, "authorization");
        assert!(
            authorization.starts_with(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260921/auto/s3/aws4_request,SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature="
            ),
            "{authorization}"
        );
        let lines = format!("{}\n{}\n", events[0].json, events[1].json);
        assert_eq!(
            header(&request, "x-amz-content-sha256"),
            sha256(lines.as_bytes())
        );
        assert_eq!(body(&request), lines);
    }

    #[test]
    fn a_url_may_have_a_path_before_the_bucket() {
        let receiver = start(Sink {
            url: Some(TextSetting::Literal("http://127.0.0.1:9000/storage/")),
            prefix: "",
            ..STORE
        });
        let url = http(receiver.as_ref(), &events(1)).uri().to_string();
        assert!(
            url.starts_with("http://127.0.0.1:9000/storage/logs/2026/"),
            "{url}"
        );
    }

    #[test]
    fn nothing_that_a_store_answers_is_about_the_events() {
        let receiver = start(STORE);
        let says = |status| receiver.verdict(&answer(status, ""), 2);
        let stored = |status, text| {
            let mut stored = answer(status, text);
            let tag = "\"9bb58f26192e4ba00f01e2e7b136bbd8\"".parse().unwrap();
            stored.headers_mut().insert("etag", tag);
            receiver.verdict(&stored, 2)
        };
        assert_eq!(stored(200, ""), BatchStatus::Accepted);
        for other in [says(200), says(204), stored(200, "<html>"), stored(201, "")] {
            assert!(matches!(other, BatchStatus::Again { .. }), "{other:?}");
        }
        assert!(matches!(says(413), BatchStatus::Smaller { .. }));
        for status in [301, 400, 403, 404, 500, 503] {
            assert!(
                matches!(says(status), BatchStatus::Again { .. }),
                "{status}"
            );
        }
    }

    #[test]
    fn a_missing_setting_is_named() {
        for (sink, why) in [
            (
                Sink {
                    bucket: None,
                    ..STORE
                },
                "`bucket` is missing; a sink of this type needs it",
            ),
            (
                Sink {
                    access_key_id: None,
                    ..STORE
                },
                "`access_key_id` is missing; a sink of this type needs it",
            ),
            (
                Sink {
                    token: None,
                    ..STORE
                },
                "`token` is missing; a sink of this type needs it",
            ),
            (
                Sink {
                    bucket: Some("a/b"),
                    ..STORE
                },
                "`bucket` is no name of a bucket: a/b",
            ),
        ] {
            assert_eq!(start_error(sink), why);
        }
    }
}
