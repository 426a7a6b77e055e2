//! A live policy: what changes without a deployment.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mcp_edge_tests::gateway::{Folder, Gateway, Hosting, call, list};
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::tests;
use mcp_edge_tests::upstream::{Reply, Upstream};
use serde_json::{Value, json};
use xtask::host::Host;

use crate::api::{DOCUMENT, answer, variables};

pub(crate) fn tests() -> Vec<Test<Hosting>> {
    tests![
        a_policy_changes_without_a_deployment,
        without_a_policy_every_request_is_refused_until_there_is_one,
        a_revocation_holds_for_tokens_of_before,
        no_request_is_decided_by_two_versions,
        the_host_s_own_places_are_read,
        a_place_of_another_host_is_refused,
    ]
}

/// Longer than a change may take to arrive on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

const SERVER: &str = r#"
[gateway]
name = "com.example/live-gateway"

[server]
url = { variable = "MCP_EDGE_URL" }

[issuers.local]
preset = "development"

[upstreams.api]
url = { variable = "API_URL" }
private = true
documents = ["api.yaml"]
allow = ["tag:tests"]
headers = { X-Api-Key = { secret = "API_KEY" } }

[live]
enabled = true
source = { variable = "LIVE_URL" }
interval = "1s"
min_version = 2
"#;

/// What answers with a document, and what signs others.
struct Place {
    document: Arc<Mutex<Option<String>>>,
    upstream: Upstream,
}

impl Place {
    fn start() -> Self {
        let document = Arc::new(Mutex::new(None::<String>));
        let served = Arc::clone(&document);
        let upstream = Upstream::start(move |_| match &*served.lock().unwrap() {
            Some(document) => Reply::of(200, "application/jose", document.as_str()),
            None => Reply::of(404, "text/plain", ""),
        });
        Self { document, upstream }
    }

    fn put(&self, document: &str) {
        self.document.lock().unwrap().replace(document.to_owned());
    }
}

/// A gateway that has its live policy at a place, and the folder with the keys that sign it.
struct Live<'a> {
    hosting: &'a Hosting,
    gateway: Gateway,
    api: Upstream,
    place: Place,
    folder: Folder,
}

impl<'a> Live<'a> {
    fn start(hosting: &'a Hosting) -> Self {
        let folder = hosting.folder(&[("mcp.toml", SERVER), ("api.yaml", DOCUMENT)]);
        let keys = new_keys(hosting, &folder);
        std::fs::write(folder.join("mcp.toml"), format!("{SERVER}{keys}")).unwrap();
        // With it the command signs versions that the gateway does not accept.
        let signer = SERVER.replace("min_version = 2\n", "");
        std::fs::write(folder.join("signer.toml"), format!("{signer}{keys}")).unwrap();
        hosting.build(&folder, None).unwrap();
        let (api, place) = (Upstream::start(answer), Place::start());
        let mut all = variables(&api);
        all.push((
            "LIVE_URL",
            format!("{}/live-policy.jws", place.upstream.url()),
        ));
        Self {
            gateway: hosting.start(&folder, &all).unwrap(),
            hosting,
            api,
            place,
            folder,
        }
    }

    /// The signed document of a version that has this in its file.
    fn sign(&self, version: u64, policy: &str) -> String {
        std::fs::write(self.folder.join("live-policy.toml"), policy).unwrap();
        let version = version.to_string();
        let sign = [
            "live",
            "sign",
            "live-policy.toml",
            "--config",
            "signer.toml",
            "--key-file",
            "live.keys",
            "--set-version",
            &version,
            "--server",
            self.gateway.url(),
        ];
        run(self.hosting, &self.folder, &sign).trim().to_owned()
    }

    /// The names of the tools of a caller. Each instance of the gateway looks for its first policy by itself.
    fn names(&self, token: &str) -> Vec<String> {
        let list = list(Some(token));
        let answer = self.until("a policy", || {
            let answer = self.gateway.endpoint.send(&list);
            (answer.status != 503).then_some(answer)
        });
        names(answer.result())
    }

    /// The same, until it holds for every instance: natively there is one for each processor, which take turns.
    fn everywhere(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let instances = std::thread::available_parallelism().map_or(1, usize::from);
        let mut held = 0;
        self.until(what, || {
            held = if holds() { held + 1 } else { 0 };
            (held >= 4 * instances).then_some(())
        });
    }

    /// Sends this until the answer is as it should be: the document is read again after a response.
    fn until<T>(&self, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = ask() {
                return found;
            }
            assert!(Instant::now() < deadline, "{what}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn names(result: &Value) -> Vec<String> {
    let tools = result["tools"].as_array().unwrap().iter();
    tools
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .collect()
}

/// Makes the keys that sign live policies, and gives the line of `[live]` that trusts them.
fn new_keys(hosting: &Hosting, folder: &Path) -> String {
    let keys = |step| {
        run(
            hosting,
            folder,
            &["keys", step, "--live", "--file", "live.keys"],
        )
    };
    keys("generate");
    keys("public")
}

fn run(hosting: &Hosting, folder: &Path, arguments: &[&str]) -> String {
    let output = hosting.program(folder, arguments).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

const READERS: &str = "[[policy]]\nname = \"readers\"\nscopes = [\"things:read\"]\ntools = [\"getThing\", \"find\"]\n";

fn a_policy_changes_without_a_deployment(hosting: &Hosting) {
    let live = Live::start(hosting);
    live.place.put(&live.sign(2, READERS));
    let token = live.gateway.token("ada", &["things:read"]);
    assert_eq!(live.names(&token), ["find", "getThing"]);

    let off = format!("{READERS}[disabled]\ntools = [\"find\"]\n");
    let third = live.sign(3, &off);
    live.place.put(&third);
    live.everywhere("version 3", || live.names(&token) == ["getThing"]);
    // What is older, or not signed, changes nothing. An instance that starts now has no policy.
    for document in [
        live.sign(1, READERS),
        live.sign(4, READERS).replacen('.', ".e", 1),
    ] {
        live.place.put(&document);
        let looks = || live.place.upstream.received().len();
        let before = looks();
        live.until("the place is asked", || {
            let answer = live.gateway.endpoint.send(&list(Some(&token)));
            assert!(answer.status == 503 || names(answer.result()) == ["getThing"]);
            (looks() > before + 2).then_some(())
        });
    }
    live.place.put(&third);
    assert_eq!(live.names(&token), ["getThing"]);
    // And an upstream, at once for every tool of it.
    live.place
        .put(&live.sign(5, &format!("{READERS}[disabled]\nupstreams = [\"api\"]\n")));
    live.until("version 5", || {
        let answer =
            live.gateway
                .endpoint
                .send(&call("getThing", json!({ "id": "1" }), Some(&token)));
        (answer.status != 200).then_some(())
    });
    let versions: Vec<Value> = live
        .gateway
        .events
        .all()
        .iter()
        .map(|event| event["live_policy"].clone())
        .collect();
    let first = versions
        .iter()
        .find(|version| version["version"] == 3)
        .unwrap();
    assert_eq!(first["key"], "l1");
    assert_eq!(first["digest"].as_str().map(str::len), Some(64));
    let later = versions
        .iter()
        .rfind(|version| version["version"] == 3)
        .unwrap();
    assert!(later.get("digest").is_none(), "{later}");
}

fn without_a_policy_every_request_is_refused_until_there_is_one(hosting: &Hosting) {
    let live = Live::start(hosting);
    let token = live.gateway.token("ada", &["things:read"]);
    let ask = || {
        live.gateway
            .endpoint
            .send(&call("getThing", json!({ "id": "1" }), Some(&token)))
    };
    let refused = ask();
    assert_eq!(refused.status, 503);
    live.place.put(&live.sign(2, READERS));
    live.until("version 2", || (ask().status == 200).then_some(()));
    let is_refused = |event: &Value| event["reason"] == "policy_unavailable";
    live.gateway.events.wait(1, is_refused);
    assert_eq!(live.api.received().len(), 1);
}

fn a_revocation_holds_for_tokens_of_before(hosting: &Hosting) {
    let live = Live::start(hosting);
    live.place.put(&live.sign(2, READERS));
    let token = live.gateway.token("ada", &["things:read"]);
    assert_eq!(live.names(&token).len(), 2);
    let all = "[tokens.not_before]\nall = 2100-01-01T00:00:00Z\n";
    live.place.put(&live.sign(3, &format!("{READERS}{all}")));
    let status = || {
        let request = call("getThing", json!({ "id": "1" }), Some(&token));
        live.gateway.endpoint.send(&request).status
    };
    live.until("version 3", || (status() == 401).then_some(()));
    let is_revoked = |event: &Value| event["token_error"] == "revoked";
    live.gateway.events.wait(1, is_revoked);
}

/// Two tools of which each version allows the other one: a caller never sees both, and never none.
fn no_request_is_decided_by_two_versions(hosting: &Hosting) {
    let live = Live::start(hosting);
    let only = |version, tool: &str| {
        let rule = format!("[[policy]]\nscopes = [\"things:read\"]\ntools = [\"{tool}\"]\n");
        live.sign(version, &rule)
    };
    let documents = [only(2, "find"), only(3, "getThing"), only(4, "find")];
    live.place.put(&documents[0]);
    let token = live.gateway.token("ada", &["things:read"]);
    assert_eq!(live.names(&token), ["find"]);
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut requests = 0;
                    while !done.load(std::sync::atomic::Ordering::Relaxed) {
                        assert_eq!(live.names(&token).len(), 1);
                        requests += 1;
                    }
                    requests
                })
            })
            .collect();
        for (document, tool) in [(&documents[1], "getThing"), (&documents[2], "find")] {
            live.place.put(document);
            live.until(tool, || (live.names(&token) == [tool]).then_some(()));
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        let requests: i32 = callers
            .into_iter()
            .map(|caller| caller.join().unwrap())
            .sum();
        assert!(requests > 0);
    });
}

/// A file natively, a value of KV and an object of R2 on Workers, a value of the key-value store on Spin.
fn the_host_s_own_places_are_read(hosting: &Hosting) {
    let sources = match hosting.host {
        Host::Native => &["file:FOLDER/live-policy.jws"][..],
        Host::Workers => &["kv:POLICY/bank/live", "r2:POLICIES/bank/live"],
        Host::Spin => &["kv:default/bank/live"],
    };
    for source in sources {
        let folder = with_policy_at(hosting, source);
        let document = folder.join("live-policy.jws");
        if hosting.host == Host::Workers {
            put(&folder.join("deploy"), source, &document);
        }
        let document = std::fs::read_to_string(document).unwrap();
        let key_values = [("bank/live", document.trim().to_owned())];
        let api = Upstream::start(answer);
        let gateway = hosting
            .start_with(&folder, &variables(&api), &key_values)
            .unwrap();
        let tools = gateway.tools(None);
        assert_eq!(tools.len(), 1, "{source}: {tools:?}");
        assert_eq!(tools[0]["name"], "find");
    }
}

/// The refusal of a place that the host does not have names the host.
fn a_place_of_another_host_is_refused(hosting: &Hosting) {
    let (source, why) = match hosting.host {
        Host::Native => ("kv:POLICY/live", "the host native has no key-value stores"),
        Host::Workers => ("file:/live-policy.jws", "the host workers has no files"),
        Host::Spin => ("file:/live-policy.jws", "the host spin has no files"),
    };
    let folder = with_policy_at(hosting, source);
    let gateway = hosting
        .start(&folder, &variables(&Upstream::start(answer)))
        .unwrap();
    let refused = gateway.endpoint.send(&call("find", json!({}), None));
    assert_eq!(refused.status, 503);
    let log = gateway.events.text();
    assert!(log.contains(why), "{log}");
}

/// A folder to deploy whose live policy is at `source`, with the signed document in `live-policy.jws`.
fn with_policy_at(hosting: &Hosting, source: &str) -> Folder {
    let folder = hosting.folder(&[("mcp.toml", SERVER), ("api.yaml", DOCUMENT)]);
    let source = source.replace("FOLDER", &folder.display().to_string());
    let keys = new_keys(hosting, &folder);
    // Without a public URL a document is for the name of the server.
    let server = SERVER
        .replace("{ variable = \"LIVE_URL\" }", &format!("\"{source}\""))
        .replace("[server]\nurl = { variable = \"MCP_EDGE_URL\" }\n", "")
        .replace("[issuers.local]\npreset = \"development\"\n", "");
    std::fs::write(folder.join("mcp.toml"), format!("{server}{keys}")).unwrap();
    hosting.build(&folder, None).unwrap();
    let policy = "[[policy]]\nanonymous = true\ntools = [\"find\"]\n";
    std::fs::write(folder.join("live-policy.toml"), policy).unwrap();
    let sign = [
        "live",
        "sign",
        "live-policy.toml",
        "--key-file",
        "live.keys",
        "--server",
        "com.example/live-gateway",
        "--output",
        "live-policy.jws",
    ];
    run(hosting, &folder, &sign);
    folder
}

/// Has Wrangler put the document into the local KV or R2 of a Worker in `deploy`.
fn put(deploy: &Path, source: &str, document: &Path) {
    let mut wrangler = Command::new("wrangler");
    xtask::setup::workers(&mut wrangler).unwrap();
    if source.starts_with("kv:") {
        wrangler
            .args([
                "kv",
                "key",
                "put",
                "bank/live",
                "--binding",
                "POLICY",
                "--path",
            ])
            .arg(document);
    } else {
        let manifest = xtask::workspace::table(&deploy.join("wrangler.toml")).unwrap();
        let bucket = manifest["r2_buckets"][0]["bucket_name"].as_str().unwrap();
        wrangler
            .args([
                "r2",
                "object",
                "put",
                &format!("{bucket}/bank/live"),
                "--file",
            ])
            .arg(document);
    }
    wrangler.arg("--local").current_dir(deploy);
    xtask::process::run(&mut wrangler).unwrap();
}
