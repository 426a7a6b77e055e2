//! The audit events in a server's log.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long an event may take into the log before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(120);

/// The log of one server.
#[derive(Debug, Clone)]
pub struct Events(PathBuf);

/// One event, as it was logged.
pub type LoggedEvent = Value;

impl Events {
    pub(crate) fn new(log: PathBuf) -> Self {
        Self(log)
    }

    /// The whole log, for what must not be in it.
    pub fn text(&self) -> String {
        let bytes = std::fs::read(&self.0).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// All events so far, of whatever kind. Hosts may put their own words before an event on its line, and behind it.
    pub fn every(&self) -> Vec<LoggedEvent> {
        self.text()
            .lines()
            .filter_map(|line| line.get(line.find('{')?..))
            .filter_map(|event| {
                serde_json::Deserializer::from_str(event)
                    .into_iter::<Value>()
                    .next()?
                    .ok()
            })
            .filter(|event| event["event"].as_str().is_some_and(is_ours))
            .collect()
    }

    /// The events of requests so far.
    pub fn all(&self) -> Vec<LoggedEvent> {
        let mut events = self.every();
        events.retain(|event| event["event"] == "mcp.request");
        events
    }

    /// The first event of a call of the tool `name` that `wanted` picks.
    ///
    /// # Panics
    ///
    /// When it does not come.
    #[track_caller]
    pub fn of_tool(&self, name: &str, wanted: impl Fn(&LoggedEvent) -> bool) -> LoggedEvent {
        self.wait(1, |event| event["name"] == name && wanted(event))
            .remove(0)
    }

    /// The first event whose `detail` contains `part`.
    ///
    /// # Panics
    ///
    /// When it does not come.
    #[track_caller]
    pub fn of_detail(&self, part: &str) -> LoggedEvent {
        let contains = |detail: &str| detail.contains(part);
        self.wait(1, |event| event["detail"].as_str().is_some_and(contains))
            .remove(0)
    }

    /// The events that `wanted` picks, once there are `count` of them.
    ///
    /// # Panics
    ///
    /// When they do not come.
    #[track_caller]
    pub fn wait(&self, count: usize, wanted: impl Fn(&LoggedEvent) -> bool) -> Vec<LoggedEvent> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found: Vec<_> = self.all().into_iter().filter(&wanted).collect();
            if found.len() >= count {
                return found;
            }
            assert!(
                Instant::now() < deadline,
                "{} of {count} events are in the log",
                found.len()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The one event of the client of this name.
    ///
    /// # Panics
    ///
    /// When there is none, or more than one.
    #[track_caller]
    pub fn of_client(&self, client: &str) -> LoggedEvent {
        let mut found = self.wait(1, |event| event["client_info"] == format!("{client}/1"));
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }
}

fn is_ours(kind: &str) -> bool {
    kind.starts_with("mcp.")
}
