//! How long servers take to start, in turn.

use anyhow::Result;

use super::Effort;
use super::median::median;
use super::server::Server;

/// Milliseconds from the start of a process to its first answer: for each server, one for each round.
pub(super) struct Starts(Vec<(&'static str, Vec<f64>)>);

impl Starts {
    /// Starts every server as often as `effort` says, and stops it again.
    pub(super) fn measure(servers: &[Server], effort: &Effort) -> Result<Self> {
        let mut starts: Vec<_> = servers
            .iter()
            .map(|server| (server.name, Vec::new()))
            .collect();
        for _ in 0..effort.starts {
            for (server, (_, millis)) in servers.iter().zip(&mut starts) {
                millis.push(server.start()?.start.as_secs_f64() * 1e3);
            }
        }
        Ok(Self(starts))
    }

    /// The median.
    pub(super) fn of(&self, server: &str) -> f64 {
        median(self.all(server).iter().copied())
    }

    /// How much longer than `reference` it takes: the median of what it is in each round.
    pub(super) fn over(&self, server: &str, reference: &str) -> f64 {
        let pairs = self.all(server).iter().zip(self.all(reference));
        median(pairs.map(|(server, reference)| server - reference))
    }

    fn all(&self, name: &str) -> &[f64] {
        let mut servers = self.0.iter();
        servers
            .find(|(server, _)| *server == name)
            .map_or(&[], |(_, millis)| millis)
    }
}
