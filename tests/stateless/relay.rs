//! Sends every request to the next host, and rolls new keys out on the way.

use std::collections::BTreeMap;

use anyhow::Result;
use mcp_edge_tests::{Answer, Endpoint, Request};
use xtask::host::{Host, Running};

/// A rotation, as docs/reference/sessions.md describes it: each instance knows the new key before one signs with it, and the old
/// one stays known as long as what it signed may come back. The keys protect nothing: they
/// are SHA-256 of no bytes and of `abc`.
const STAGES: [&str; 3] = [
    "before:sign:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "before:sign:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= after:next:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
    "before:old:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= after:sign:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
];

/// Starts the server on a host, with these keys.
type Start = dyn Fn(Host, &str) -> Result<Running>;

/// Every host in turn.
pub struct Relay {
    hosts: Vec<Host>,
    start: Box<Start>,
    running: BTreeMap<Host, Instance>,
    sent: usize,
    stage: usize,
}

struct Instance {
    running: Running,
    stage: usize,
}

impl Relay {
    pub fn new(hosts: Vec<Host>, start: impl Fn(Host, &str) -> Result<Running> + 'static) -> Self {
        Self {
            hosts,
            start: Box::new(start),
            running: BTreeMap::new(),
            sent: 0,
            stage: 0,
        }
    }

    /// Begins the next stage of the rotation. Each host comes to it when its turn comes, so that for a while
    /// some are a stage behind.
    pub fn rotate(&mut self) {
        // No host may be two stages behind.
        for host in self.hosts.clone() {
            self.bring_up(host, false).unwrap();
        }
        self.stage += 1;
        assert!(self.stage < STAGES.len(), "the rotation is over");
    }

    /// Has the next host answer, the native one as a process that has answered nothing before.
    #[track_caller]
    pub fn send(&mut self, request: &Request) -> Answer {
        let host = self.hosts[self.sent % self.hosts.len()];
        self.sent += 1;
        let url = self.bring_up(host, host == Host::Native).unwrap();
        Endpoint::new(&url).unwrap().send(request)
    }

    fn bring_up(&mut self, host: Host, afresh: bool) -> Result<String> {
        let is_current = self
            .running
            .get(&host)
            .is_some_and(|instance| instance.stage == self.stage);
        if afresh || !is_current {
            // Stopped before another is started.
            self.running.remove(&host);
            let instance = Instance {
                running: (self.start)(host, STAGES[self.stage])?,
                stage: self.stage,
            };
            self.running.insert(host, instance);
        }
        Ok(self.running[&host].running.url().to_owned())
    }
}
