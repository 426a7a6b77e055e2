//! Real receivers of events.

use std::path::Path;

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::http::Endpoint;
use crate::request::post;

/// An OpenTelemetry collector.
#[derive(Debug)]
pub struct Collector(xtask::audit::Collector);

impl Collector {
    pub(crate) fn start() -> Result<Self> {
        xtask::audit::Collector::start().map(Self)
    }

    /// Where it takes OTLP over HTTP.
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// What it handed on at this path, as `/v1/logs`: a request in each, as OTLP writes it in JSON but for ids, which are
    /// in base64.
    pub fn handed_on(&self, path: &str) -> Vec<Value> {
        lines(self.0.decoded())
            .into_iter()
            .filter(|line| line["path"] == path)
            .map(|mut line| line["request"].take())
            .collect()
    }

    /// Everything that it handed on, for what must not be in it.
    pub fn text(&self) -> String {
        std::fs::read_to_string(self.0.decoded()).unwrap_or_default()
    }
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    // The last may be half-written.
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// A store of objects that speaks the S3 API.
#[derive(Debug)]
pub struct Objects {
    endpoint: Endpoint,
    running: xtask::audit::Receiver,
}

impl Objects {
    /// Starts one that is empty but for a bucket.
    pub fn start(bucket: &str) -> Result<Self> {
        let running = xtask::audit::start_objects()?;
        let endpoint = Endpoint::new(&running.url())?;
        let objects = Self { endpoint, running };
        objects.make(bucket)?;
        Ok(objects)
    }

    /// Its URL.
    pub fn url(&self) -> String {
        self.running.url()
    }

    fn make(&self, bucket: &str) -> Result<()> {
        let request = post(Value::Null)
            .path(&format!("/{bucket}"))
            // So that it can be looked into without a signature.
            .header("x-amz-acl", "public-read")
            .http_method("PUT");
        let answer = self.endpoint.raw(&request)?;
        ensure!(answer.status == 200, "{}: {}", answer.status, answer.body);
        Ok(())
    }

    /// All objects of a bucket, each with its key.
    pub fn of(&self, bucket: &str) -> Result<Vec<(String, String)>> {
        let list = self.get(&format!("/{bucket}?list-type=2"))?;
        let keys = list.split("<Key>").skip(1);
        let keys = keys.filter_map(|rest| rest.split_once("</Key>"));
        keys.map(|(key, _)| Ok((key.to_owned(), self.get(&format!("/{bucket}/{key}"))?)))
            .collect()
    }

    fn get(&self, path: &str) -> Result<String> {
        let request = post(Value::Null).path(path).http_method("GET");
        let answer = self.endpoint.raw(&request)?;
        ensure!(answer.status == 200, "{}: {}", answer.status, answer.body);
        Ok(answer.body)
    }
}
