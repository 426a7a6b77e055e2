//! How often an upstream is called, and how many calls of it run at once.

use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use mcp_edge_tests::gateway::{Hosting, call};
use mcp_edge_tests::recorder::wait_for;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::tests;
use mcp_edge_tests::upstream::{Reply, Upstream};
use serde_json::json;
use xtask::host::Host;

use crate::api::{DOCUMENT, answer, variables};

pub(crate) fn tests() -> Vec<Test<Hosting>> {
    tests![calls_of_an_upstream_at_once_have_a_bound]
}

const TWO: &str = r#"
[gateway]
name = "com.example/rates"

[access]
public = true

[server]
url = { variable = "MCP_EDGE_URL" }

[upstreams.slow]
url = { variable = "API_URL" }
private = true
documents = ["api.yaml"]
allow = ["find", "image"]
prefix = "slow"
headers = { X-Api-Key = { secret = "API_KEY" } }

[upstreams.quick]
url = { variable = "QUICK_URL" }
private = true
documents = ["api.yaml"]
allow = ["find"]
prefix = "quick"

[[rate_limit]]
name = "one at once"
concurrent = 1
"#;

/// How many requests the slow upstream has, and whether it answers them.
#[derive(Default)]
struct Gate {
    state: Mutex<(usize, bool)>,
    opened: Condvar,
}

impl Gate {
    fn pass(&self) {
        let mut state = self.state.lock().unwrap();
        state.0 += 1;
        let closed = |state: &mut (usize, bool)| !state.1;
        let wait = Duration::from_secs(15);
        drop(self.opened.wait_timeout_while(state, wait, closed).unwrap());
    }

    fn requests(&self) -> usize {
        self.state.lock().unwrap().0
    }

    fn open(&self) {
        self.state.lock().unwrap().1 = true;
        self.opened.notify_all();
    }
}

/// Only a process can count running calls.
fn calls_of_an_upstream_at_once_have_a_bound(hosting: &Hosting) {
    if hosting.host != Host::Native {
        return;
    }
    for counted in ["per = [\"upstream\"]", "upstreams = [\"sl*\"]"] {
        let gate = Arc::new(Gate::default());
        let own = Arc::clone(&gate);
        let slow = Upstream::start(move |_| {
            own.pass();
            Reply::json(&json!({}))
        });
        let quick = Upstream::start(answer);
        let configuration = format!("{TWO}{counted}\n");
        let files = [("mcp.toml", configuration.as_str()), ("api.yaml", DOCUMENT)];
        let mut variables = variables(&slow);
        variables.push(("QUICK_URL", quick.url()));
        let gateway = hosting.deploy(&files, &variables);
        let find = |upstream: &str| {
            let arguments = json!({ "q": "x", "format": "y" });
            let request = call(&format!("{upstream}_find"), arguments, None);
            gateway.endpoint.send(&request)
        };
        thread::scope(|scope| {
            let running = scope.spawn(|| find("slow"));
            wait_for("the first request", || (gate.requests() == 1).then_some(()));
            // Whatever the tool.
            let image = call("slow_image", json!({}), None);
            for refused in [find("slow"), gateway.endpoint.send(&image)] {
                let (status, _, message) = refused.error();
                assert_eq!(status, 429, "{counted}: {message}");
                assert!(message.contains("one at once"), "{counted}: {message}");
            }
            let answer = find("quick");
            assert!(answer.result().get("isError").is_none(), "{counted}");
            assert_eq!(gate.requests(), 1, "{counted}");
            gate.open();
            let answer = running.join().unwrap();
            assert!(answer.result().get("isError").is_none(), "{counted}");
        });
        wait_for("a place", || (find("slow").status == 200).then_some(()));
    }
}
