//! Servers whose requests go on record, each with receivers that the test chooses.

use std::fs::DirEntry;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use anyhow::Result;
use mcp_edge_cli::development::{Grant, Issuer, KEYS_VARIABLE};
use mcp_edge_verify::{ChainVerdict, Lines, Log, LogVerdict, Options, PublicKeys, Report};
use serde_json::{Value, json};
use xtask::audit::SERVER;
use xtask::host::{Host, Running, free_port};
use xtask::workspace;

use crate::events::Events;
use crate::http::Endpoint;
use crate::receivers::Collector;
use crate::recorder::{Recorder, wait_for};
use crate::request::{modern, post};
use crate::servers::shared;
use crate::tokens;

/// The audit signing keys of the test servers: one that signs, one that comes next, and one whose private half is gone. They
/// prove nothing: they are SHA-256 of `def` and of `ghi`, and the public half of a test of RFC 8032.
pub const EVIDENCE: &str = "e3:next:y4N5rCCYqhZQKeOTilHaC87PwAj9Z5X0AReGR/lsWzQ= \
    e2:sign:UK5h6EH6xOj55AuvKtNuyGiSLqSDaMGPlTXkfbVt1/s= \
    e1:public:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// What the receivers know the server by.
pub const TOKEN: &str = "not-a-real-token";

/// The secret in the documentation of Standard Webhooks.
pub const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What the tests of the audit trail share.
#[derive(Debug)]
pub struct Hosting {
    /// What runs the servers.
    pub host: Host,
    collector: OnceLock<Result<Collector, String>>,
}

impl Hosting {
    /// Takes what `cargo xtask test` has built for the host in `MCP_EDGE_HOST`; without that variable, builds natively.
    pub fn from_environment() -> Result<Self> {
        let host = match std::env::var("MCP_EDGE_HOST") {
            Ok(name) => name.parse()?,
            Err(_) => {
                Host::Native.build(SERVER)?;
                Host::Native
            }
        };
        Ok(Self {
            host,
            collector: OnceLock::new(),
        })
    }

    /// The collector that tests share.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[track_caller]
    pub fn collector(&self) -> &Collector {
        shared(&self.collector, Collector::start)
    }

    /// Starts a server in an environment of its `mcp.toml`, with these variables.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[track_caller]
    pub fn server(&self, environment: &str, variables: &[(&str, String)]) -> Audited {
        self.try_server(environment, variables).unwrap()
    }

    /// Does the same with a server that may refuse to start. A variable replaces the one of its name that every server has.
    pub fn try_server(&self, environment: &str, variables: &[(&str, String)]) -> Result<Audited> {
        Audited::start(self, environment, variables, new_outbox()?, None)
    }

    /// Starts a native server that may open so many descriptors.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[track_caller]
    pub fn server_with_descriptors(
        &self,
        environment: &str,
        variables: &[(&str, String)],
        descriptors: u16,
    ) -> Audited {
        let outbox = new_outbox().unwrap();
        Audited::start(self, environment, variables, outbox, Some(descriptors)).unwrap()
    }

    /// Ends a native server as a power cut would, and starts another one that finds what it left in its outbox.
    ///
    /// # Panics
    ///
    /// When it had ended already, or the other does not start.
    #[track_caller]
    pub fn replace(
        &self,
        server: Audited,
        environment: &str,
        variables: &[(&str, String)],
    ) -> Audited {
        let Audited {
            running, outbox, ..
        } = server;
        running.kill().unwrap();
        Audited::start(self, environment, variables, outbox, None).unwrap()
    }
}

/// An audited server. Dropping it stops it.
pub struct Audited {
    /// Where it listens.
    pub endpoint: Endpoint,
    /// What it logged.
    pub events: Events,
    issuer: Issuer,
    running: Running,
    /// The outbox of a native process.
    outbox: PathBuf,
}

impl Audited {
    fn start(
        hosting: &Hosting,
        environment: &str,
        variables: &[(&str, String)],
        outbox: PathBuf,
        descriptors: Option<u16>,
    ) -> Result<Self> {
        let issuer = Issuer::new()?;
        let mut all = vec![
            ("MCP_EDGE_ENV", environment.to_owned()),
            ("MCP_EDGE_AUDIT_KEYS", EVIDENCE.to_owned()),
            (KEYS_VARIABLE, issuer.jwks().to_string()),
            ("TEST_TOKEN", TOKEN.to_owned()),
            ("TEST_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
        ];
        if hosting.host == Host::Native {
            all.push(("MCP_EDGE_OUTBOX", outbox.display().to_string()));
        }
        all.retain(|(name, _)| !variables.iter().any(|(known, _)| known == name));
        all.extend(variables.iter().cloned());
        let running = xtask::audit::start_server(hosting.host, tokens::KEYS, &all, descriptors)?;
        Ok(Self {
            endpoint: Endpoint::new(running.url())?,
            events: Events::new(running.log().to_owned()),
            issuer,
            running,
            outbox,
        })
    }

    /// Its public URL.
    pub fn url(&self) -> &str {
        self.running.url()
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.running.id()
    }

    /// Waits until what the receiver refused, in the last attempt to do without the outbox, is in there.
    ///
    /// # Panics
    ///
    /// When nothing comes.
    #[track_caller]
    pub fn wait_for_outbox(&self, host: Host, receiver: &Recorder) {
        if host == Host::Native {
            wait_for("something in the outbox", || {
                let mut files = std::fs::read_dir(&self.outbox).ok()?;
                // A file that is still being written is hidden.
                files
                    .any(|file| file.is_ok_and(|file| !is_hidden(&file)))
                    .then_some(())
            });
        } else {
            // What the edge keeps cannot be seen from outside, but nothing is attempted before it is stored.
            let before = receiver.spoiled();
            wait_for("another attempt", || {
                self.endpoint.send(&modern("server/discover", json!({})));
                (receiver.spoiled() > before).then_some(())
            });
        }
    }

    /// An access token for this server.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    #[track_caller]
    pub fn token(&self, subject: &str, scopes: &[&str]) -> String {
        self.issue(&self.grant(subject, scopes))
    }

    /// An access token for this server that ends soon.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    #[track_caller]
    pub fn token_for(&self, subject: &str, scopes: &[&str], lifetime: Duration) -> String {
        self.issue(&Grant {
            lifetime,
            ..self.grant(subject, scopes)
        })
    }

    fn grant(&self, subject: &str, scopes: &[&str]) -> Grant {
        Grant {
            subject: subject.to_owned(),
            scopes: scopes.iter().copied().map(str::to_owned).collect(),
            ..Grant::to(self.running.url())
        }
    }

    #[track_caller]
    fn issue(&self, grant: &Grant) -> String {
        self.issuer.issue(grant, SystemTime::now()).unwrap()
    }

    /// What `mcp-edge audit verify` says of a log, with the keys that the server publishes.
    ///
    /// # Panics
    ///
    /// When it publishes none.
    #[track_caller]
    pub fn verify(&self, log: &[Value]) -> Report {
        verify(&self.keys(), log)
    }

    /// The keys that it publishes.
    ///
    /// # Panics
    ///
    /// When it publishes none.
    #[track_caller]
    pub fn keys(&self) -> Value {
        self.document("/.well-known/jwks.json")
    }

    /// Ends it in good order. What it logged is there then.
    pub fn stop(self) -> Events {
        drop(self.running);
        self.events
    }

    /// Ends it as a power cut would.
    ///
    /// # Panics
    ///
    /// When it had ended already.
    #[track_caller]
    pub fn kill(self) -> Events {
        self.running.kill().unwrap();
        self.events
    }

    /// Asks a native server to end, and waits for its exit status.
    ///
    /// # Panics
    ///
    /// When it had ended already.
    #[track_caller]
    pub fn terminate(self) -> ExitStatus {
        self.running.terminate().unwrap()
    }

    /// Does what Ctrl-C in a terminal does to a native server, and waits for its exit status.
    ///
    /// # Panics
    ///
    /// When it had ended already.
    #[track_caller]
    pub fn interrupt(self) -> ExitStatus {
        self.running.interrupt().unwrap()
    }

    /// A document that it publishes.
    ///
    /// # Panics
    ///
    /// When it does not.
    #[track_caller]
    pub fn document(&self, path: &str) -> Value {
        let get = post(Value::Null).http_method("GET").path(path);
        let answer = self.endpoint.raw(&get).unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }
}

/// What `mcp-edge audit verify` says of a log, with these keys.
///
/// # Panics
///
/// When there is none among them.
#[track_caller]
pub fn verify(keys: &Value, log: &[Value]) -> Report {
    let keys = PublicKeys::parse(&keys.to_string()).unwrap();
    let lines: Vec<String> = log.iter().map(Value::to_string).collect();
    let mut log = Log::new(Some(keys), Options::default());
    log.add(Lines::read(&lines.join("\n")));
    log.judge(&[])
}

/// Every event is there and signed; the server may still run, so that there can be more.
///
/// # Panics
///
/// When anything else is found.
#[track_caller]
pub fn assert_signed(report: &Report) {
    let is_signed = |verdict| verdict <= ChainVerdict::OpenEnd;
    assert!(
        report.verdict < LogVerdict::Contradicted
            && report.chains.iter().all(|chain| is_signed(chain.verdict)),
        "{report:#?}"
    );
}

/// An empty folder for the outbox of a server.
fn new_outbox() -> Result<PathBuf> {
    let outbox = workspace::target_folder(format!("outbox/{}", free_port()?))?;
    // A server of an earlier run may have left something there.
    std::fs::remove_dir_all(&outbox)?;
    std::fs::create_dir(&outbox)?;
    Ok(outbox)
}

fn is_hidden(file: &DirEntry) -> bool {
    file.file_name().as_bytes().starts_with(b".")
}
