//! What is wrong with a file, and what its author is told.
#![allow(clippy::expect_used, clippy::panic)]

/// Files and everything that is said about them.
const MISTAKES: &[(&str, &[&str])] = &[
    // Keys that do not exist.
    (
        "[limits]\nbody_byte = 5",
        &["line 2: limits.body_byte is not a setting; did you mean limits.body_bytes?"],
    ),
    (
        "\n[limit]",
        &["line 2: limit is not a setting; did you mean limits?"],
    ),
    (
        "[server]\norigins = []",
        &["line 2: server.origins is not a setting; did you mean access.origins?"],
    ),
    (
        "url = \"https://a.example\"",
        &["line 1: url is not a setting; did you mean server.url?"],
    ),
    (
        "[streams]\ncolour = 1",
        &["line 2: streams.colour is not a setting; [streams] has patience, heartbeat"],
    ),
    (
        "[gateway]",
        &[
            "line 1: gateway is not a setting; the sections are server, access, limits, tokens, streams, lists, environments",
        ],
    ),
    (
        "[tokens.not_before]\ntenant = {}",
        &[
            "line 2: tokens.not_before.tenant is not a setting; did you mean tokens.not_before.tenants?",
        ],
    ),
    (
        "[environment.staging]",
        &["line 1: environment is not a setting; did you mean environments?"],
    ),
    (
        "[environments.staging.limits]\npages = 5",
        &[
            "line 2: environments.staging.limits.pages is not a setting; did you mean environments.staging.limits.page?",
        ],
    ),
    (
        "[environments.\"eu west\".environments.x]",
        &[
            "line 1: environments.\"eu west\".environments is not a setting; the sections are server, access, limits, \
           tokens, streams, lists",
        ],
    ),
    (
        "[environments.staging.lists]\n\"time to live\" = 5",
        &[
            "line 2: environments.staging.lists.\"time to live\" is not a setting; [environments.staging.lists] has ttl",
        ],
    ),
    (
        "\"a.b\" = 5",
        &[
            "line 1: \"a.b\" is not a setting; the sections are server, access, limits, tokens, streams, lists, environments",
        ],
    ),
    // Things of the wrong shape.
    (
        "limits = 5",
        &["line 1: limits must be a table, as [limits]"],
    ),
    (
        "environments = 5",
        &["line 1: environments must be tables, as [environments.staging]"],
    ),
    (
        "[environments]\nstaging = 5",
        &[
            "line 2: environments.staging must be a table with sections, as [environments.staging.limits]",
        ],
    ),
    (
        "[limits]\npage = \"100\"",
        &["line 2: limits.page must be a whole number, not a string"],
    ),
    (
        "[limits]\npage = 1.5",
        &["line 2: limits.page must be a whole number, not a float"],
    ),
    (
        "[access]\norigins = \"*\"",
        &[
            "line 2: access.origins must be a list, each entry an origin, as \"https://app.example.com\", not a string",
        ],
    ),
    (
        "[access]\nhosts = [\"a.example\", 1]",
        &["line 2: access.hosts[1] must be a host name, as \"mcp.example.com\", not an integer"],
    ),
    (
        "[server]\nurl = 1",
        &["line 2: server.url must be a URL in quotes, not an integer"],
    ),
    // Numbers out of their range.
    (
        "[limits]\nbody_bytes = 0",
        &["line 2: limits.body_bytes must be from 1024 to 134217728, not 0"],
    ),
    (
        "[limits]\njson_depth = 3",
        &["line 2: limits.json_depth must be from 4 to 128, not 3"],
    ),
    (
        "[limits]\njson_depth = 129",
        &["line 2: limits.json_depth must be from 4 to 128, not 129"],
    ),
    (
        "[limits]\nbatch = -1",
        &["line 2: limits.batch must be from 1 to 1000, not -1"],
    ),
    // Numbers that do not go together, also with a default, also through an environment.
    (
        "[limits]\nstep_bytes = 40_000",
        &[
            "line 2: limits.step_bytes (40000) must be at most limits.state_bytes (32768 by default)",
        ],
    ),
    (
        "[limits]\nbody_bytes = 2_000",
        &[
            "line 2: limits.state_bytes (32768 by default) must be at most half of limits.body_bytes (2000)",
        ],
    ),
    (
        "[limits]\nstate_bytes = 5_000\n[environments.small.limits]\nbody_bytes = 6_000",
        &[
            "line 4: limits.state_bytes (5000) must be at most half of environments.small.limits.body_bytes (6000)",
        ],
    ),
    // Lengths of time.
    (
        "[tokens]\nsession = 7",
        &[
            "line 2: tokens.session must be a whole number and a unit, as \"500ms\", \"90s\", \"10m\", \"2h\" or \"7d\"",
        ],
    ),
    (
        "[tokens]\nsession = \"1 week\"",
        &[
            "line 2: tokens.session must be a whole number and a unit, as \"500ms\", \"90s\", \"10m\", \"2h\" or \"7d\"",
        ],
    ),
    (
        "[tokens]\nsession = \"30s\"",
        &["line 2: tokens.session must be from 1m to 365d, not 30s"],
    ),
    (
        "[streams]\nheartbeat = \"0s\"",
        &["line 2: streams.heartbeat must be from 100ms to 1m, not 0s"],
    ),
    // Secrets.
    (
        "[tokens]\nkeys = \"c2VjcmV0\"",
        &[
            "line 2: tokens.keys must name a secret of the host, as { secret = \"MCP_EDGE_KEYS\" }; a key itself never \
         stands in this file",
        ],
    ),
    (
        "[tokens]\nkeys = { secret = \"c2VjcmV0\" }",
        &[
            "line 2: tokens.keys.secret must be a name of capital letters, digits and `_`, as the host knows it",
        ],
    ),
    (
        "[tokens]\nkeys = { secret = \"KEYS\", value = \"c2VjcmV0\" }",
        &[
            "line 2: tokens.keys must name a secret of the host, as { secret = \"MCP_EDGE_KEYS\" }, and nothing else",
        ],
    ),
    (
        "[tokens]\nkeys = { secrets = \"KEYS\" }",
        &[
            "line 2: tokens.keys must name a secret of the host, as { secret = \"MCP_EDGE_KEYS\" }, and nothing else",
        ],
    ),
    // Times.
    (
        "[tokens.not_before]\nall = \"yesterday\"",
        &[
            "line 2: tokens.not_before.all must be a time with a date and an offset, as \"2026-11-20T08:00:00Z\"",
        ],
    ),
    (
        "[tokens.not_before]\nall = 2026-11-20",
        &[
            "line 2: tokens.not_before.all must be a time with a date and an offset, as \"2026-11-20T08:00:00Z\"",
        ],
    ),
    (
        "[tokens.not_before]\nall = 1969-12-31T23:59:59Z",
        &["line 2: tokens.not_before.all must not be before 1970"],
    ),
    (
        "[tokens.not_before.tenants]\n\"a b\" = 5",
        &[
            "line 2: tokens.not_before.tenants.\"a b\" must be a time with a date and an offset, as \
         \"2026-11-20T08:00:00Z\", not an integer",
        ],
    ),
    (
        "[tokens.not_before.principals]\n\"1234\" = 2026-11-20T08:00:00Z",
        &[
            "line 2: tokens.not_before.principals.1234 must be an issuer and a subject with a space between, as \
         \"https://id.example.com 1234\"",
        ],
    ),
    // Addresses.
    (
        "[server]\nurl = \"mcp.example.com/mcp\"",
        &["line 2: server.url must be an absolute URL, as \"https://mcp.example.com/mcp\""],
    ),
    (
        "[server]\nurl = \"ftp://mcp.example.com\"",
        &["line 2: server.url must be a URL that begins with https:// or http://"],
    ),
    (
        "[server]\nurl = \"https://mcp.example.com/mcp#top\"",
        &["line 2: server.url must be a URL without query and fragment"],
    ),
    (
        "[server]\nurl = \"https://user:pass@mcp.example.com/\"",
        &["line 2: server.url must not hold a user name or password"],
    ),
    (
        "[server]\nurl = \"https://MCP.example.com/\"",
        &["line 2: server.url must name its host in lower case"],
    ),
    (
        "[server]\nurl = \"https://mcp.example.com/a/../b\"",
        &["line 2: server.url must be a URL without `.` and `..` in its path"],
    ),
    (
        "[access]\norigins = [\"https://a.example\", \"https://b.example/\"]",
        &[
            "line 2: access.origins[1] must be an origin: scheme, host and port, without the slash and a path",
        ],
    ),
    (
        "[access]\norigins = [\"a.example\"]",
        &["line 2: access.origins[0] must be an origin, as \"https://app.example.com\""],
    ),
    (
        "[access]\norigins = [\"https://a.example:443\"]",
        &["line 2: access.origins[0] must leave out the scheme's own port, as browsers do"],
    ),
    (
        "[access]\norigins = [\"https://*.example\"]",
        &["line 2: access.origins[0] must name one host: there are no patterns"],
    ),
    (
        "[access]\nhosts = [\"https://a.example\"]",
        &[
            "line 2: access.hosts[0] must be a host name without scheme and path, as \"mcp.example.com\"",
        ],
    ),
    // What is no TOML; and several mistakes at once.
    (
        "[limits\npage = 1",
        &["line 1: this is not TOML: unclosed table, expected `]`"],
    ),
    (
        "[limits]\npage = 1\npage = 2",
        &["line 3: this is not TOML: duplicate key"],
    ),
    (
        "[limits]\npage = 0\n[lists]\nttl = 5\n[limts]",
        &[
            "line 2: limits.page must be from 1 to 10000, not 0",
            "line 4: lists.ttl must be a whole number and a unit, as \"500ms\", \"90s\", \"10m\", \"2h\" or \"7d\"",
            "line 5: limts is not a setting; did you mean limits?",
        ],
    ),
];

#[test]
fn every_mistake_has_its_sentence() {
    let mut wrong = String::new();
    for (file, expected) in MISTAKES {
        let said = match mcp_edge_config::read(file) {
            Ok(_) => Vec::new(),
            Err(mistakes) => mistakes.iter().map(ToString::to_string).collect(),
        };
        if said != *expected {
            wrong += &format!("{file}\n  said     {said:#?}\n  expected {expected:#?}\n\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn no_sentence_repeats_what_could_be_a_secret() {
    for file in [
        "[tokens]\nkeys = \"c2VjcmV0\"",
        "[tokens]\nkeys = { secret = \"c2VjcmV0\" }",
        "[tokens]\nkeys = { secret = [\"c2VjcmV0\"] }",
        "[tokens]\nsession = \"c2VjcmV0\"",
        "[server]\nurl = \"https://c2VjcmV0@a.example\"",
        "[access]\nhosts = [\"c2VjcmV0/\"]",
        "[tokens]\nkeys = \"c2VjcmV0",
        "[tokens]\nkeys = c2VjcmV0",
    ] {
        let mistakes = mcp_edge_config::read(file).expect_err(file);
        assert!(!mistakes.to_string().contains("c2VjcmV0"), "{mistakes}");
    }
}
