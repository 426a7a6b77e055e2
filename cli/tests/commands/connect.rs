//! `mcp-edge connect`

use serde_json::{Value as Json, json};

use crate::commands::run::{Ended, Folder};
use crate::commands::site::Site;

/// A person's files, and the server that they add.
struct Person {
    folder: Folder,
    home: String,
    site: Site,
}

impl Person {
    fn new() -> Self {
        let folder = Folder::new();
        let home = folder.path("home").display().to_string();
        let site = Site::new();
        site.has("/mcp/server-card", &card(&format!("{}/mcp", site.origin)));
        site.serves("/mcp", "server/discover", &discovered());
        Self { folder, home, site }
    }

    fn url(&self) -> String {
        format!("{}/mcp", self.site.origin)
    }

    /// One signs in to the server.
    fn is_protected(&self) {
        let document = json!({ "resource": self.url(), "authorization_servers": ["https://login.example.com"] });
        self.site
            .has("/.well-known/oauth-protected-resource/mcp", &document);
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let arguments = [&["connect"], arguments].concat();
        let variables = [
            ("HOME", self.home.as_str()),
            ("XDG_CONFIG_HOME", ""),
            ("CLAUDE_CONFIG_DIR", ""),
            ("CODEX_HOME", ""),
            ("GEMINI_CLI_HOME", ""),
            ("HTTP_PROXY", ""),
            ("http_proxy", ""),
            ("ALL_PROXY", ""),
            ("all_proxy", ""),
        ];
        let Ended {
            status,
            stdout,
            stderr,
        } = self.folder.run_with(&arguments, "", &variables);
        let shown = |text: String| {
            let text = text.replace(&self.home, "<home>");
            text.replace(&self.site.origin, "<site>")
        };
        Ended {
            status,
            stdout: shown(stdout),
            stderr: shown(stderr),
        }
    }

    /// Adds the server to `client`.
    fn write(&self, client: &str, options: &[&str]) -> Ended {
        let url = self.url();
        self.run(&[&[client, "--url", &url, "--write"], options].concat())
    }

    fn file(&self, path: &str) -> String {
        self.folder.read(&format!("home/{path}"))
    }

    fn has(&self, path: &str, text: &str) {
        let path = self.folder.path(&format!("home/{path}"));
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
}

/// What a server of 2026-07-28 says of itself.
fn discovered() -> Json {
    json!({
        "resultType": "complete",
        "supportedVersions": ["2026-07-28"],
        "capabilities": {},
        "ttlMs": 0,
        "cacheScope": "public",
        "_meta": { "io.modelcontextprotocol/serverInfo": {
            "name": "com.example/fraud-rules", "title": "Fraud rules", "version": "1.2.0",
        } },
    })
}

fn card(url: &str) -> Json {
    json!({
        "$schema": "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json",
        "name": "com.example/fraud-rules",
        "title": "Fraud rules",
        "version": "1.2.0",
        "description": "Rules against fraud.",
        "remotes": [{ "type": "streamable-http", "url": url, "supportedProtocolVersions": ["2026-07-28"] }],
    })
}

#[test]
fn without_a_client_all_are_listed() {
    let person = Person::new();
    person
        .run(&[])
        .says(0, &["claude-code  Claude Code  ~/.claude.json", "a dialog"]);
    person.run(&["--json"]).is_golden("connect-json");
}

#[test]
fn the_block_is_all_that_is_on_standard_output() {
    let person = Person::new();
    let url = person.url();
    person.is_protected();
    person.run(&["claude-code", "--url", &url]).says(
        0,
        &[
            "\"mcpServers\"",
            "file     <home>/.claude.json",
            "claude mcp add --transport http --scope user fraud-rules <site>/mcp",
        ],
    );
    person.run(&["codex", "--url", &url, "--project"]).says(
        0,
        &[
            "[mcp_servers.fraud-rules]\nurl = \"<site>/mcp\"\n",
            "file     .codex/config.toml",
        ],
    );
    person.run(&["chatgpt", "--url", &url]).says(
        0,
        &[
            "fraud-rules in ChatGPT: <site>/mcp, with sign-in",
            "Set the authentication to OAuth.",
        ],
    );
    let ended = person.run(&["cursor", "--url", &url]);
    let block: Json = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!(
        block,
        json!({ "mcpServers": { "fraud-rules": { "url": "<site>/mcp" } } })
    );
}

#[test]
fn a_program_is_told_all_of_it() {
    let person = Person::new();
    person
        .run(&["gemini-cli", "--url", &person.url(), "--json"])
        .is_golden("connect-gemini-cli-json");
    let written = person.write("gemini-cli", &["--json"]);
    let written: Json = serde_json::from_str(&written.stdout).expect("JSON");
    assert_eq!(
        written["written"],
        json!({ "change": "created", "backup": null })
    );
}

#[test]
fn a_site_is_asked_for_its_catalogue() {
    let person = Person::new();
    let site = &person.site;
    let entry = |card: Json| json!({ "identifier": "urn:air:a", "type": "application/mcp-server-card+json", "url": card["url"], "data": card["data"] });
    let at = entry(json!({ "url": format!("{}/mcp/server-card", site.origin) }));
    let inside = entry(json!({ "data": card(&person.url()) }));
    for entries in [json!([at]), json!([inside])] {
        site.has(
            "/.well-known/ai-catalog.json",
            &json!({ "specVersion": "1.0", "entries": entries }),
        );
        let ended = person.run(&["cursor", "--url", &site.origin]);
        assert_eq!(ended.status, 0, "{ended:?}");
        assert!(ended.stdout.contains("<site>/mcp\""), "{ended:?}");
    }
    site.has(
        "/.well-known/ai-catalog.json",
        &json!({ "specVersion": "1.0", "entries": [at, inside] }),
    );
    person
        .run(&["cursor", "--url", &site.origin])
        .says(1, &["<site>/.well-known/ai-catalog.json lists 2 MCP servers; name the endpoint of one with --url"]);
}

#[test]
fn without_a_url_the_configuration_names_the_server() {
    let person = Person::new();
    let file = format!("[environments.dev.server]\nurl = \"{}\"\n", person.url());
    person.folder.write("mcp.toml", &file);
    let ended = person.run(&["cursor", "--env", "dev"]);
    assert_eq!(ended.status, 0, "{ended:?}");
    assert!(ended.stdout.contains("<site>/mcp"), "{ended:?}");
    person.run(&["cursor"]).says(
        2,
        &["it is not known where the server is; set server.url in mcp.toml, or name it with --url"],
    );
}

#[test]
fn a_servers_card_is_checked() {
    let person = Person::new();
    let site = &person.site;
    site.has("/moved/server-card", &card(&person.url()));
    site.answers("/redirected/server-card", 301, "");
    site.answers("/broken/server-card", 500, "");
    site.answers("/html/server-card", 200, "<html>");
    site.answers("/long/server-card", 200, &"a".repeat(300 << 10));
    site.has("/nameless/server-card", &json!({ "remotes": [] }));
    for (path, sentence) in [
        (
            "/missing",
            "<site>/missing answers neither server/discover (404 Not Found) nor initialize (404 Not Found), so",
        ),
        (
            "/moved",
            "the Server Card at <site>/moved/server-card says that the server is at \"<site>/mcp\"; name that with",
        ),
        (
            "/redirected",
            "<site>/redirected/server-card answers 301 Moved Permanently; name the address to which it",
        ),
        (
            "/broken",
            "<site>/broken/server-card answers 500 Internal Server Error; look into the server's log for why",
        ),
        (
            "/html",
            "what <site>/html/server-card answers is not JSON: expected value at line 1 column 1",
        ),
        (
            "/long",
            "<site>/long/server-card: its answer is longer than 262144 bytes; see that the URL is right, and",
        ),
        (
            "/nameless",
            "what <site>/nameless/server-card answers has another form: missing field `name` at line 1 column 14",
        ),
    ] {
        let url = format!("{}{path}", site.origin);
        person.run(&["cursor", "--url", &url]).says(1, &[sentence]);
    }
    let metadata = json!({ "resource": "https://other.example/mcp", "authorization_servers": ["https://login.example.com"] });
    site.has("/.well-known/oauth-protected-resource/mcp", &metadata);
    person
        .run(&["cursor", "--url", &person.url()])
        .says(1, &["<site>/.well-known/oauth-protected-resource/mcp is about \"https://other.example/mcp\" and not about"]);
    person
        .run(&["cursor", "--url", "http://fraud.example.com/mcp"])
        .says(
            2,
            &["\"http://fraud.example.com/mcp\" must begin with https://, except on this machine"],
        );
}

#[test]
fn without_a_server_card_the_server_is_asked_itself() {
    let person = Person::new();
    let site = &person.site;
    let info = json!({ "name": "com.example/older", "title": "Older", "version": "1" });
    let initialized =
        json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": info });
    site.serves("/modern", "server/discover", &discovered());
    site.serves("/legacy", "initialize", &initialized);
    // A gateway in front may guard the card as well.
    site.serves("/behind", "initialize", &initialized);
    site.answers("/behind/server-card", 403, "");
    site.challenges("/guarded", "Bearer");
    for (path, first, source) in [
        (
            "/modern",
            "fraud-rules in Codex: <site>/modern, open to callers without an access token",
            "its name is from its answer to server/discover",
        ),
        (
            "/legacy",
            "older in Codex: <site>/legacy, open to callers without an access token",
            "its name is from its answer to initialize",
        ),
        (
            "/behind",
            "older in Codex: <site>/behind, open to callers without an access token",
            "its name is from its answer to initialize",
        ),
        (
            "/guarded",
            "127-0-0-1 in Codex: <site>/guarded, which requires an access token",
            "its name is made from its URL",
        ),
    ] {
        let url = format!("{}{path}", site.origin);
        person
            .run(&["codex", "--url", &url])
            .says(0, &[first, source]);
    }
    let url = format!("{}/legacy", site.origin);
    let ended = person.run(&["cursor", "--url", &url, "--json"]);
    let told: Json = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!(told["server"]["source"], "initialize");
    assert_eq!(told["server"]["access"], "open");
}

/// Whether a server is open is what it answers, and not what is missing among its documents.
#[test]
fn no_client_is_told_that_a_guarded_server_needs_no_authentication() {
    let person = Person::new();
    let site = &person.site;
    let metadata = |path: &str, issuers: Json| {
        let resource = format!("{}{path}", site.origin);
        json!({ "resource": resource, "authorization_servers": issuers })
    };
    let card_of = |path: &str| {
        let url = format!("{}{path}", site.origin);
        site.has(&format!("{path}/server-card"), &card(&url));
    };
    let issuers = json!(["https://login.example.com"]);
    // Metadata at a place of its own, which only the challenge names.
    card_of("/named");
    let named = format!("Bearer resource_metadata=\"{}/metadata\"", site.origin);
    site.challenges("/named", &named);
    site.has("/metadata", &metadata("/named", issuers));
    // A challenge without an authorization server.
    card_of("/token");
    site.challenges("/token", "Bearer");
    card_of("/no-server");
    site.challenges("/no-server", "Bearer");
    site.has(
        "/.well-known/oauth-protected-resource/no-server",
        &metadata("/no-server", json!([])),
    );
    // A challenge that leads elsewhere is not followed.
    card_of("/astray");
    site.challenges(
        "/astray",
        "Bearer resource_metadata=\"http://id.example/m\"",
    );
    for (path, access) in [
        ("/named", "sign-in"),
        ("/token", "token"),
        ("/no-server", "token"),
    ] {
        let url = format!("{}{path}", site.origin);
        for client in ["chatgpt", "claude", "codex"] {
            let ended = person.run(&[client, "--url", &url, "--json"]);
            let told: Json = serde_json::from_str(&ended.stdout).expect("JSON");
            assert_eq!(told["server"]["access"], access, "{path} {client}");
            assert!(!ended.stdout.contains("No authentication"), "{ended:?}");
        }
    }
    let url = format!("{}/token", site.origin);
    person.run(&["chatgpt", "--url", &url]).says(
        0,
        &[
            "<site>/token, which requires an access token and names no authorization server",
            "so this client cannot sign in",
        ],
    );
    let astray = format!("{}/astray", site.origin);
    let ended = person.run(&["chatgpt", "--url", &astray]);
    assert_eq!(ended.status, 1, "{ended:?}");
    assert!(ended.stderr.contains("http://id.example/m"), "{ended:?}");
    let open = person.run(&["chatgpt", "--url", &person.url()]);
    assert!(open.stdout.contains("No authentication"), "{open:?}");
}

#[test]
fn a_hostile_card_is_only_text() {
    let person = Person::new();
    let mut hostile = card(&person.url());
    hostile["name"] = json!("com.example/--scope $(touch owned)\"\n[mcp_servers.b]");
    hostile["title"] = json!("\u{1b}[2J\u{202e}Fraud\nrules");
    person.site.has("/mcp/server-card", &hostile);
    for client in ["claude-code", "codex", "continue", "claude"] {
        let ended = person.run(&[client, "--url", &person.url()]);
        let text = ended.stdout + &ended.stderr;
        assert_eq!(ended.status, 0, "{text}");
        assert!(text.contains("scope-touch-owned-mcp-servers-b"), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{202e}', '$']), "{text}");
    }

    person
        .site
        .serves("/mcp'\"$(id)", "server/discover", &discovered());
    let url = format!("{}/mcp'\"$(id)", person.site.origin);
    person.site.has("/mcp/server-card", &card(&url));
    let catalogue =
        json!({ "entries": [{ "type": "application/mcp-server-card+json", "data": card(&url) }] });
    person.site.has("/.well-known/ai-catalog.json", &catalogue);
    person.run(&["codex", "--url", &person.site.origin]).says(
        1,
        &["<site> cannot be given to clients: the URL must not hold the character '\"'"],
    );
}

#[test]
fn a_new_file_is_made_with_its_folder() {
    let person = Person::new();
    person.is_protected();
    person.write("vscode", &[]).says(
        0,
        &["made <home>/.config/Code/User/mcp.json with this server in it"],
    );
    let file: Json =
        serde_json::from_str(&person.file(".config/Code/User/mcp.json")).expect("JSON");
    assert_eq!(
        file,
        json!({ "servers": { "fraud-rules": { "type": "http", "url": person.url() } } })
    );
    person.write("vscode", &[]).says(
        0,
        &["<home>/.config/Code/User/mcp.json has this server already, as fraud-rules"],
    );
}

#[test]
fn every_client_with_a_file_reads_what_was_written() {
    let person = Person::new();
    for (client, file) in [
        ("claude-code", ".claude.json"),
        ("cursor", ".cursor/mcp.json"),
        ("continue", ".continue/mcpServers/fraud-rules.yaml"),
        ("windsurf", ".codeium/windsurf/mcp_config.json"),
        ("gemini-cli", ".gemini/settings.json"),
        ("codex", ".codex/config.toml"),
    ] {
        let block = person.run(&[client, "--url", &person.url()]).stdout;
        let ended = person.write(client, &[]);
        assert_eq!(ended.status, 0, "{ended:?}");
        let written = person.file(file).replace(&person.site.origin, "<site>");
        assert_eq!(written, block, "{client}");
    }
}

#[test]
fn a_file_keeps_everything_and_leaves_a_backup() {
    let person = Person::new();
    let before = "{\n  // mine\n  \"theme\": \"dark\",\n  \"mcpServers\": {\n    \"zebra\": { \"command\": \"zebra\" }\n  }\n}\n";
    person.has(".gemini/settings.json", before);
    person.write("gemini-cli", &[]).says(
        0,
        &[
            "added this server to <home>/.gemini/settings.json",
            "as it was: <home>/.gemini/settings.json.mcp-edge-backup",
        ],
    );
    let after = "{\n  // mine\n  \"theme\": \"dark\",\n  \"mcpServers\": {\n    \"zebra\": { \"command\": \"zebra\" },\n    \"fraud-rules\": {\n      \"httpUrl\": \"<site>/mcp\"\n    }\n  }\n}\n";
    let written = person.file(".gemini/settings.json");
    assert_eq!(written.replace(&person.site.origin, "<site>"), after);
    assert_eq!(person.file(".gemini/settings.json.mcp-edge-backup"), before);

    person.write("gemini-cli", &[]);
    assert_eq!(person.file(".gemini/settings.json"), written);
    assert!(
        !person
            .folder
            .path("home/.gemini/settings.json.mcp-edge-backup-2")
            .exists()
    );
}

/// The editors of another system write such files.
#[cfg(unix)]
#[test]
fn line_ends_marks_and_the_mode_of_a_file_stay() {
    use std::os::unix::fs::PermissionsExt;
    let person = Person::new();
    let toml =
        "\u{feff}# mine\r\nmodel = \"o\"\r\n\r\n[mcp_servers.zebra] # old\r\ncommand = 'zebra'\r\n";
    let json = "\u{feff}{\r\n\t\"a\": 1.50,\r\n\t\"mcpServers\": {}\r\n}\r\n";
    for (client, path, before) in [
        ("codex", ".codex/config.toml", toml),
        ("cursor", ".cursor/mcp.json", json),
        ("claude-code", ".claude.json", json),
    ] {
        person.has(path, before);
        let file = person.folder.path(&format!("home/{path}"));
        let permissions = std::fs::Permissions::from_mode(0o640);
        std::fs::set_permissions(&file, permissions).expect("a file");
        let ended = person.write(client, &[]);
        assert_eq!(ended.status, 0, "{ended:?}");
        let after = person.file(path);
        assert!(after.contains(&person.url()), "{after:?}");
        assert_eq!(
            after.matches('\n').count(),
            after.matches("\r\n").count(),
            "{after:?}"
        );
        let lines: Vec<_> = after.split_inclusive('\n').collect();
        for line in before
            .split_inclusive('\n')
            .filter(|line| !line.contains("mcpServers"))
        {
            assert!(lines.contains(&line), "{line:?} is not in {after:?}");
        }
        let metadata = std::fs::metadata(&file).expect("a file");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o640);
        let others = std::fs::read_dir(file.parent().expect("a folder")).expect("a folder");
        let names: Vec<_> = others.flatten().map(|file| file.file_name()).collect();
        assert!(
            names
                .iter()
                .all(|name| !name.to_string_lossy().contains(".tmp")),
            "{names:?}"
        );
    }
}

#[test]
fn another_server_of_the_name_stays_without_force() {
    let person = Person::new();
    let before = "[mcp_servers.fraud-rules]\nurl = \"https://other.example/mcp\"\n";
    person.has(".codex/config.toml", before);
    person.write("codex", &[]).says(2, &["<home>/.codex/config.toml stays as it is: it has another server named fraud-rules; --force replaces"]);
    assert_eq!(person.file(".codex/config.toml"), before);
    person.write("codex", &["--force"]).says(
        0,
        &[
            "replaced the server of the same name in <home>/.codex/config.toml",
            "as it was: <home>/.codex/config.toml.mcp-edge-backup",
        ],
    );
    assert!(person.file(".codex/config.toml").contains(&person.url()));
    assert_eq!(person.file(".codex/config.toml.mcp-edge-backup"), before);
}

#[test]
fn what_cannot_be_read_stays_as_it_is() {
    let person = Person::new();
    person.has(".cursor/mcp.json", "{ \"mcpServers\": ");
    person
        .write("cursor", &[])
        .says(2, &["<home>/.cursor/mcp.json stays as it is: it is not JSON (Expected value after colon in object"]);
    assert_eq!(person.file(".cursor/mcp.json"), "{ \"mcpServers\": ");
    assert!(
        !person
            .folder
            .path("home/.cursor/mcp.json.mcp-edge-backup")
            .exists()
    );
}

#[test]
fn a_project_has_a_file_of_its_own() {
    let person = Person::new();
    let ended = person.write("claude-code", &["--project"]);
    assert_eq!(ended.status, 0, "{ended:?}");
    assert!(person.folder.read(".mcp.json").contains(&person.url()));
    person.write("windsurf", &["--project"]).says(
        2,
        &["Windsurf has no servers for a folder; leave out --project"],
    );
    person.write("claude", &[]).says(2, &["Claude keeps its servers in no file; `mcp-edge connect claude` without --write says how one is added"]);
}

#[test]
fn documented_folders_of_clients_contain_their_files() {
    let person = Person::new();
    let codex = person.folder.path("codex").display().to_string();
    let url = person.url();
    let arguments = ["connect", "codex", "--url", &url, "--write"];
    let variables = [
        ("HOME", person.home.as_str()),
        ("CODEX_HOME", &codex),
        ("http_proxy", ""),
        ("all_proxy", ""),
    ];
    let ended = person.folder.run_with(&arguments, "", &variables);
    assert_eq!(ended.status, 0, "{ended:?}");
    assert!(person.folder.read("codex/config.toml").contains(&url));
}
