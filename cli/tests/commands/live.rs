//! `mcp-edge live`

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;

use crate::commands::run::Folder;

const SERVER: &str = r#"
[server]
url = "https://mcp.bank.example/mcp"
[issuers.okta]
issuer = "https://bank.okta.example/oauth2/default"
algorithms = ["RS256"]
[live]
enabled = true
min_version = 2
"#;

const POLICY: &str = r#"
[[policy]]
name = "analysts read"
issuers = ["okta"]
groups = ["analysts"]
tools = ["read_*"]
"#;

/// A folder with keys and the configuration of a server that trusts them, whose live policy is at `source`.
fn folder(source: &str) -> Folder {
    let folder = Folder::new();
    folder.write("mcp.toml", SERVER);
    folder
        .run(&["keys", "generate", "--live", "--file", "live.keys"])
        .says(
            0,
            &[
                "l1 signs",
                "put what `mcp-edge keys public --live --file live.keys` prints into [live]",
            ],
        );
    trust(&folder, source);
    folder.write("live-policy.toml", POLICY);
    folder
}

/// Puts the public halves of the keys into the configuration, as the command prints them.
fn trust(folder: &Folder, source: &str) {
    let public = folder.run(&["keys", "public", "--live", "--file", "live.keys"]);
    let keys = public.stdout.trim();
    assert!(keys.starts_with("keys = [\"l1:"), "{public:?}");
    folder.write(
        "mcp.toml",
        &format!("{SERVER}source = \"{source}\"\n{keys}\n"),
    );
}

fn sign(folder: &Folder, version: &str, output: &str) {
    folder
        .run(&[
            "live",
            "sign",
            "live-policy.toml",
            "--key-file",
            "live.keys",
            "--set-version",
            version,
            "--output",
            output,
        ])
        .says(
            0,
            &["for https://mcp.bank.example/mcp, signed with l", output],
        );
}

#[test]
fn a_policy_is_signed_shown_compared_and_published() {
    let folder = folder("file:/nowhere/live-policy.jws");
    let place = folder.path("live-policy.jws");
    trust(&folder, &format!("file:{}", place.display()));
    sign(&folder, "2", "2.jws");
    folder.run(&["live", "show", "2.jws"]).says(
        0,
        &[
            "Version 2 for https://mcp.bank.example/mcp, signed with l1, without an end",
            "analysts read: issuer okta and group analysts may use tool read_*.",
        ],
    );
    folder
        .run(&["live", "diff", "2.jws", "live-policy.toml"])
        .says(0, &["Nothing changes."]);
    folder.write(
        "live-policy.toml",
        &format!("{POLICY}[disabled]\ntools = [\"read_all\"]\n"),
    );
    let diff = folder.run(&["live", "diff", "2.jws", "live-policy.toml"]);
    diff.says(1, &["+", "Switched off: tools that fit read_all."]);

    folder
        .run(&["live", "publish", "2.jws"])
        .says(0, &["Wrote "]);
    sign(&folder, "3", "3.jws");
    folder
        .run(&["live", "publish", "3.jws"])
        .says(0, &["Version 3"]);
    assert_eq!(folder.read("live-policy.jws"), folder.read("3.jws"));
    folder
        .run(&["live", "publish", "2.jws"])
        .says(1, &["version 3 is there already, and this is 2"]);
    let json = folder.run(&["live", "show", "3.jws", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(json["version"], 3);
    assert_eq!(json["content"]["disabled"]["tools"][0], "read_all");
}

/// A server reads more than the files of keys may have.
#[test]
fn a_policy_may_be_as_long_as_a_server_reads() {
    let folder = folder("kv:POLICY/live");
    let tools: Vec<_> = (0..20_000)
        .map(|number| format!("\"tool_{number}\""))
        .collect();
    let policy = format!(
        "[[policy]]\nname = \"all\"\ntools = [{}]\n",
        tools.join(", ")
    );
    assert!(policy.len() > 2 * 64 * 1024);
    folder.write("live-policy.toml", &policy);
    sign(&folder, "2", "2.jws");
    folder.run(&["live", "show", "2.jws"]).says(0, &["all: "]);
    folder
        .run(&["live", "publish", "2.jws"])
        .says(0, &["wrangler kv key put live"]);
}

#[test]
fn what_no_server_would_take_is_not_signed_shown_or_published() {
    let folder = folder("kv:POLICY/live");
    let sign_with = |options: &[&str]| {
        let all = [
            "live",
            "sign",
            "live-policy.toml",
            "--key-file",
            "live.keys",
        ];
        folder.run(&[&all[..], options].concat())
    };
    sign_with(&["--set-version", "1"]).says(2, &["the version 1 is below live.min_version, 2"]);
    sign_with(&["--expires-in", "soon"]).says(2, &["--expires-in must be a number with a unit"]);
    folder.write("live-policy.toml", "[limits]\npage_size = 5\n");
    sign_with(&[]).says(
        1,
        &["live-policy.toml, line 2: limits.page_size is not part of a live policy"],
    );
    folder.write(
        "live-policy.toml",
        "[[policy]]\ntools = [\"*\"]\nissuers = [\"otka\"]\n",
    );
    sign_with(&[]).says(1, &["line 3", "did you mean okta?"]);
    folder.write("live-policy.toml", POLICY);

    // A key that the server does not trust yet.
    folder
        .run(&["keys", "add", "--live", "--file", "live.keys"])
        .says(0, &["Step 1 of 3"]);
    folder
        .run(&["keys", "rotate", "--live", "--file", "live.keys"])
        .says(0, &["Step 2 of 3"]);
    sign_with(&[]).says(1, &["the server would not take it", "not among live.keys"]);
    trust(&folder, "kv:POLICY/live");
    sign(&folder, "5", "5.jws");
    folder.run(&["live", "publish", "5.jws"]).says(
        0,
        &["wrangler kv key put live --binding POLICY --path 5.jws --remote"],
    );
    folder
        .run(&["keys", "retire", "--live", "--file", "live.keys"])
        .says(0, &["l2 signs"]);
    let public = folder.run(&["keys", "public", "--live", "--file", "live.keys"]);
    assert!(!public.stdout.contains("l1:"), "{public:?}");

    let document = folder.read("5.jws");
    folder.write("5.jws", &document.replace('.', ".e"));
    folder.run(&["live", "show", "5.jws"]).says(1, &["5.jws: "]);
    folder
        .run(&["live", "publish", "5.jws"])
        .says(1, &["5.jws: "]);
    folder.write("mcp.toml", "");
    folder
        .run(&["live", "show", "5.jws"])
        .says(1, &["the server has no live policy"]);
}

#[test]
fn a_policy_is_sent_to_a_url_with_the_token() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let folder = folder(&format!("http://127.0.0.1:{port}/live-policy.jws"));
    sign(&folder, "2", "2.jws");
    folder.write("token", "for tests\n");
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for status in ["404 Not Found", "204 No Content"] {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut request = Vec::new();
            let mut part = [0; 4096];
            while !is_whole(&request) {
                let read = stream.read(&mut part).expect("a request");
                request.extend_from_slice(&part[..read]);
            }
            let answer =
                format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).expect("an answer");
            tell.send(String::from_utf8(request).expect("text"))
                .expect("a test");
        }
    });
    folder
        .run(&["live", "publish", "2.jws", "--token-file", "token"])
        .says(0, &["Sent to http://127.0.0.1:"]);
    let requests: Vec<String> = told.iter().collect();
    for request in &requests {
        assert!(
            request
                .to_lowercase()
                .contains("authorization: bearer for tests\r\n"),
            "{request}"
        );
    }
    assert!(
        requests[1].ends_with(folder.read("2.jws").trim()),
        "{}",
        requests[1]
    );
}

/// Whether a request has as many bytes as its head says.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    length.map_or(Ok(0), str::parse) == Ok(body.len())
}

const READERS: &str = r#"
[[policy]]
name = "analysts read"
groups = ["analysts"]
tools = ["read_*"]
[[policy]]
name = "support"
roles = ["support"]
scopes = ["orders:write"]
tools = ["change_order"]
arguments = { amount = { maximum = 10 } }
"#;

/// What `describe` prints of two tools.
const OFFERED: &str = r#"{ "tools": [
    { "name": "read_order", "annotations": { "readOnlyHint": true } },
    { "name": "change_order" },
    { "name": "read_me" }
] }"#;

fn diff(folder: &Folder, options: &[&str]) -> serde_json::Value {
    let all = [
        &["live", "diff", "live-policy.toml", "new.toml", "--json"][..],
        options,
    ]
    .concat();
    let ran = folder.run(&all);
    assert_eq!(ran.status, 1, "{ran:?}");
    serde_json::from_str(&ran.stdout).expect("JSON")
}

/// Each cell that differs: the caller, the tool, and what holds before and after.
fn cells(diff: &serde_json::Value) -> Vec<String> {
    let cells = diff["decisions"].as_array().expect("a list").iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let decision = |decided: &serde_json::Value| match decided["depends_on_arguments"] == true {
        true => "some".to_owned(),
        false => text(&decided["decision"]),
    };
    cells
        .map(|cell| {
            format!(
                "{}: {} {} -> {}",
                text(&cell["caller"]),
                text(&cell["name"]),
                decision(&cell["before"]),
                decision(&cell["after"])
            )
        })
        .collect()
}

#[test]
fn a_table_says_what_each_caller_may_do_before_and_after() {
    let folder = folder("kv:POLICY/live");
    folder.write("live-policy.toml", READERS);
    folder.write("offered.json", OFFERED);
    let offered = ["--manifest", "offered.json"];

    // The list of tools is one longer, a condition is gone, and a tenant is switched off.
    let new = READERS
        .replace("\"read_*\"]", "\"read_*\", \"change_order\"]")
        .replace("arguments = { amount = { maximum = 10 } }", "")
        + "[disabled]\ntenants = [\"acme\"]\n";
    folder.write("new.toml", &new);
    assert_eq!(
        cells(&diff(&folder, &offered)),
        [
            "iss=okta group=analysts: change_order deny -> allow",
            "iss=okta role=support scope=orders:write: change_order some -> allow",
        ]
    );
    let text = folder.run(&[
        "live",
        "diff",
        "live-policy.toml",
        "new.toml",
        "--manifest",
        "offered.json",
    ]);
    text.says(
        1,
        &[
            "+  Switched off: callers of tenants that fit acme.",
            "tool change_order",
            "no → yes",
            "some arguments → yes",
        ],
    );
    assert!(!text.stdout.contains("tool read_order"), "{text:?}");

    // A rule before the others denies, and one allows an anonymous caller to read.
    let denies = "[[policy]]\nname = \"stop\"\neffect = \"deny\"\ntools = [\"read_order\"]\n";
    let open = "[[policy]]\nname = \"open\"\nanonymous = true\ntools = [\"read_me\"]\n";
    folder.write("new.toml", &format!("{denies}{READERS}{open}"));
    assert_eq!(
        cells(&diff(&folder, &offered)),
        [
            "anonymous: read_me authenticate -> allow",
            "iss=okta: read_me deny -> allow",
            "iss=okta group=analysts: read_order allow -> deny",
            "iss=okta role=support scope=orders:write: read_me deny -> allow",
        ]
    );

    // Without a description, the names and patterns of the rules are what is asked about.
    assert_eq!(
        cells(&diff(&folder, &[])),
        [
            "anonymous: read_me authenticate -> allow",
            "iss=okta: read_me deny -> allow",
            "iss=okta group=analysts: read_order allow -> deny",
            "iss=okta role=support scope=orders:write: read_me deny -> allow",
        ]
    );

    // What is approved is known of a description alone.
    let approved = "[approvals]\ntools = [\"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"]\n";
    folder.write("new.toml", &format!("{READERS}{approved}"));
    assert_eq!(
        cells(&diff(&folder, &offered)),
        [
            "iss=okta group=analysts: read_order allow -> deny",
            "iss=okta group=analysts: read_me allow -> deny",
            "iss=okta role=support scope=orders:write: change_order some -> deny",
        ]
    );

    // A rule that only has another name decides the same.
    folder.write("new.toml", &READERS.replace("analysts read", "readers"));
    let renamed = diff(&folder, &offered);
    assert_eq!(cells(&renamed), Vec::<String>::new());
    assert_eq!(renamed["sentences"].as_array().expect("a list").len(), 2);
}

/// What a policy decides by, in whatever a sentence could cut, leave out or run together.
#[test]
fn every_difference_is_one() {
    let folder = folder("kv:POLICY/live");
    let schema = |most: u32| {
        let about = "a".repeat(200);
        format!("arguments = {{ amount = {{ description = \"{about}\", maximum = {most} }} }}")
    };
    let long = |end: &str| format!("groups = [\"{}{end}\"]", "g".repeat(200));
    let scopes = "scopes = [\"orders:write\"]";
    for (old, new) in [
        (schema(10), schema(1_000_000)),
        (long("a"), long("b")),
        (
            r#"groups = ["a", "b"]"#.to_owned(),
            r#"groups = ["a or b"]"#.to_owned(),
        ),
        (
            r#"prompts = ["a"]"#.to_owned(),
            r#"tools = ["*, prompt a"]"#.to_owned(),
        ),
        (scopes.to_owned(), format!("{scopes}\nstep_up = false")),
    ] {
        let rule = |condition: &str| {
            let tools = match condition.contains("tools = ") {
                true => "",
                false => "tools = [\"*\"]",
            };
            format!("[[policy]]\nname = \"all\"\nissuers = [\"okta\"]\n{tools}\n{condition}\n")
        };
        folder.write("live-policy.toml", &rule(&old));
        folder.write("new.toml", &rule(&new));
        let diff = diff(&folder, &[]);
        assert_eq!(diff["sentences"].as_array().expect("a list").len(), 2);
    }

    folder.write("live-policy.toml", POLICY);
    sign(&folder, "2", "2.jws");
    sign(&folder, "3", "3.jws");
    let [same, ends] = ["3.jws", "4.jws"].map(|new| ["live", "diff", "2.jws", new]);
    folder.run(&same).says(0, &["Nothing changes."]);
    let sign = "live sign live-policy.toml --key-file live.keys --set-version 4 --output 4.jws --expires-in 30d";
    let sign: Vec<_> = sign.split(' ').collect();
    folder.run(&sign).says(0, &["until "]);
    folder
        .run(&ends)
        .says(1, &["Holds without an end.", "Holds until "]);
}

/// A table of thousands of callers and tools would take minutes; the sentences are whole.
#[test]
fn a_table_that_is_too_large_is_cut_with_a_sentence() {
    let folder = folder("kv:POLICY/live");
    let rules = |changed: usize| -> String {
        let rules = (0..2_000).map(|number| {
            let effect = if number == changed { "deny" } else { "allow" };
            format!(
                "[[policy]]\nname = \"r{number}\"\ngroups = [\"g{number}\"]\ntools = [\"t{number}\"]\neffect = \"{effect}\"\n"
            )
        });
        rules.collect()
    };
    folder.write("live-policy.toml", &rules(2_000));
    folder.write("new.toml", &rules(1_999));
    let diff = diff(&folder, &[]);
    assert_eq!(diff["sentences"].as_array().expect("a list").len(), 2);
    assert_eq!(diff["left_out"][0], "The table has 200 of 2001 callers.");
    let about = diff["left_out"][1].as_str().unwrap_or_default();
    assert!(
        about.ends_with("of 2001 tools, prompts and resources."),
        "{about}"
    );
    // What it still has is what the rules that differ are about.
    assert_eq!(cells(&diff), ["iss=okta group=g1999: t1999 allow -> deny"]);
}

/// The tools of a gateway are those of its documents, each with its upstream.
#[test]
fn an_upstream_that_is_switched_off_takes_its_tools_with_it() {
    let folder = folder("kv:POLICY/live");
    let document = |name: &str| {
        format!(
            "openapi: 3.1.0\ninfo: {{ title: A, version: '1' }}\npaths:\n  /things:\n    get:\n      operationId: {name}\n      responses: {{ '200': {{ description: It. }} }}\n"
        )
    };
    let mut gateway = format!(
        "{}\n[gateway]\nname = \"com.example/orders\"\n",
        folder.read("mcp.toml")
    );
    for (upstream, tool) in [("orders", "getOrder"), ("stock", "getStock")] {
        folder.write(&format!("{upstream}.yaml"), &document(tool));
        gateway += &format!(
            "[upstreams.{upstream}]\nurl = \"https://{upstream}.example\"\ndocuments = [\"{upstream}.yaml\"]\nallow = [\"*\"]\n"
        );
    }
    folder.write("mcp.toml", &gateway);
    let policy = "[[policy]]\nname = \"all\"\nissuers = [\"okta\"]\ntools = [\"*\"]\n";
    folder.write("live-policy.toml", policy);
    folder.write(
        "new.toml",
        &format!("{policy}[disabled]\nupstreams = [\"orders\"]\n"),
    );
    assert_eq!(
        cells(&diff(&folder, &[])),
        ["iss=okta: getOrder allow -> deny"]
    );
}
