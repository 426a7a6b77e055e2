//! What is wrong with a file, and what its author is told.
#![allow(clippy::expect_used, clippy::panic)]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

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
        &["line 2: server.origins is not a setting; did you mean access.allowed_origins?"],
    ),
    (
        "url = \"https://a.example\"",
        &["line 1: url is not a setting; did you mean server.url?"],
    ),
    (
        "[streams]\ncolour = 1",
        &[
            "line 2: streams.colour is not a setting; [streams] has stream_after, heartbeat_interval",
        ],
    ),
    (
        "[colour]",
        &[
            "line 1: colour is not a setting; the sections are server, gateway, card, page, approvals, access, limits, connections, tokens, streams, lists, auth, audit, issuers, policy, rate_limit, capture, sinks, upstreams, tools, environments",
        ],
    ),
    // Upstreams and their tools.
    (
        "[upstreams.orders]",
        &[
            "line 1: upstreams.orders needs `allow`, the operations that become tools: without it there are none, as allow = [\"GET /orders/{id}\"]",
            "line 1: upstreams.orders needs `documents`, the OpenAPI documents of its API, as documents = [\"openapi/orders.yaml\"]",
            "line 1: upstreams.orders needs `url`, where its API is, as url = \"https://orders.example.com/api\", or a `binding` on Workers",
        ],
    ),
    (
        "[upstreams.a]\nurl = \"http://a.example\"\norigins = { b = \"https://b.example?key=1\" }\ndocuments = [\"a\"]\nallow = [\"*\"]",
        &[
            "line 2: upstreams.a.url must begin with https://, except for a loopback address; where the network up to the upstream is yours, set allow_http = true",
            "line 3: upstreams.a.origins b: must be a URL without query; use `query` for a secret in the query",
        ],
    ),
    (
        "[upstreams.a]\nurl = \"https://a.example\"\ndocuments = [\"a\"]\nallow = [\"*\"]\nforward_headers = [\"authorization\"]",
        &[
            "line 5: upstreams.a.forward_headers is not a setting: a request to an upstream has no header of the client, and never the caller's access token, which was issued for this server alone (MCP 2026-07-28, authorization); set token, username or headers",
        ],
    ),
    (
        "[upstreams.a]\nurl = \"https://a.example\"\ndocuments = [\"a\"]\nallow = [\"*\"]\ntoken = { secret = \"A\" }\nheaders = { authorization = { secret = \"B\" }, host = { secret = \"C\" } }\nusername = \"u\"",
        &[
            "line 1: upstreams.a sets `Authorization` in more than one way; keep one of `token`, `username` with `password`, and headers.Authorization",
            "line 6: upstreams.a.headers must not set `host`, which the request itself determines; remove it",
            "line 7: upstreams.a.username goes with `password`; write both",
        ],
    ),
    (
        "[upstreams.a]\nurl = \"https://a.example\"\ndocuments = [\"a\"]\nallow = [\"*\"]\nheaders = { x-key = \"hunter2\" }",
        &[
            "line 5: upstreams.a.headers.x-key must name a secret of the host, as { secret = \"NAME\" }; a key itself must not be in this file",
        ],
    ),
    (
        "[upstreams.a]\nurl = \"https://a.example\"\ndocuments = [\"a\"]\nallow = [\"*\"]\ntoken = { secret = \"MCP_EDGE_KEYS\" }",
        &[
            "line 5: upstreams.a.token must not name the secret or variable of tokens.keys: each is for one purpose, so that a person who learns one cannot use it as the other; name another",
        ],
    ),
    (
        "[upstreams.orders]\nurl = \"https://a.example\"\ndocuments = [\"a\"]\nallow = [\"*\"]\n[tools.find]\nupstream = \"order\"\nfix = { a = 2026-01-01 }",
        &["line 7: tools.find.fix.a must be in quotes: JSON has no times of its own"],
    ),
    (
        "[upstreams.orders]\nurl = \"https://a.example\"\ndocuments = [\"a\"]\nallow = [\"*\"]\n[tools.find]\nupstream = \"order\"",
        &["line 6: tools.find.upstream names no [upstreams.NAME]; did you mean \"orders\"?"],
    ),
    (
        "[upstreams.a]\nurl = \"https://a.example\"\ndocuments = [\"a\"]\nallow = [\"*\"]\nprefix = \"A_\"\n[upstreams.b]\nbinding = \"B\"\ndocuments = [\"b\"]\nallow = [\"*\"]\n[tools.find]",
        &[
            "line 5: upstreams.a.prefix must be at most 32 small letters, digits and `-`, as \"orders\"",
        ],
    ),
    (
        "[upstreams.a]\nurl = \"https://a.example\"\ndocuments = [\"a\"]\nallow = [\"*\"]\n[upstreams.b]\nbinding = \"B\"\ndocuments = [\"b\"]\nallow = [\"*\"]\n[tools.find]",
        &["line 9: tools.find needs `upstream`, since there are several"],
    ),
    (
        "[tools.find]\ntitle = \"Find\"",
        &["line 1: tools is about tools of upstreams, and there is no [upstreams.NAME]"],
    ),
    (
        "[gateway]\nname = \"orders\"",
        &[
            "line 2: gateway.name must be a reversed domain name of yours, a slash and a name, as \"com.example/orders\"",
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
        "[environments.staging.limits]\npage_sizes = 5",
        &[
            "line 2: environments.staging.limits.page_sizes is not a setting; did you mean environments.staging.limits.page_size?",
        ],
    ),
    (
        "[environments.\"eu west\".environments.x]",
        &[
            "line 1: environments.\"eu west\".environments is not a setting; the sections are server, gateway, card, page, approvals, access, limits, connections, \
           tokens, streams, lists, auth, audit, issuers, policy, rate_limit, capture, sinks, upstreams, tools",
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
            "line 1: \"a.b\" is not a setting; the sections are server, gateway, card, page, approvals, access, limits, connections, tokens, streams, lists, auth, audit, issuers, policy, rate_limit, capture, sinks, upstreams, tools, environments",
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
        "[limits]\npage_size = \"100\"",
        &["line 2: limits.page_size must be a whole number, not the text \"100\""],
    ),
    (
        "[limits]\npage_size = 1.5",
        &["line 2: limits.page_size must be a whole number, not 1.5"],
    ),
    (
        "[access]\nallowed_origins = \"*\"",
        &[
            "line 2: access.allowed_origins must be a list, each entry an origin, as \"https://app.example.com\", not this text",
        ],
    ),
    (
        "[access]\nallowed_hosts = [\"a.example\", 1]",
        &["line 2: access.allowed_hosts[1] must be a host name, as \"mcp.example.com\", not 1"],
    ),
    (
        "[server]\nurl = 1",
        &["line 2: server.url must be a URL in quotes, not 1"],
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
        "[limits]\nbatch_messages = -1",
        &["line 2: limits.batch_messages must be from 1 to 1000, not -1"],
    ),
    // Numbers that do not go together, also with a default, also through an environment.
    (
        "[limits]\nstep_reserve_bytes = 40_000",
        &[
            "line 2: limits.step_reserve_bytes (40000) must be at most limits.state_bytes (32768 by default)",
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
        "[tokens]\nsession_ttl = 7",
        &[
            "line 2: tokens.session_ttl must be a whole number and a unit, as \"500ms\", \"90s\", \"10m\", \"2h\" or \"7d\", not 7",
        ],
    ),
    (
        "[tokens]\nsession_ttl = \"1 week\"",
        &[
            "line 2: tokens.session_ttl must be a whole number and a unit, as \"500ms\", \"90s\", \"10m\", \"2h\" or \"7d\", not the text \"1 week\"",
        ],
    ),
    (
        "[tokens]\nsession_ttl = \"30s\"",
        &["line 2: tokens.session_ttl must be from 1m to 365d, not 30s"],
    ),
    (
        "[streams]\nheartbeat_interval = \"0s\"",
        &["line 2: streams.heartbeat_interval must be from 100ms to 1m, not 0s"],
    ),
    // Secrets.
    (
        "[tokens]\nkeys = \"c2VjcmV0\"",
        &[
            "line 2: tokens.keys must name a secret of the host, as { secret = \"NAME\" }; a key itself \
         must not be in this file",
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
            "line 2: tokens.keys must name a secret of the host, as { secret = \"NAME\" }, and nothing else",
        ],
    ),
    (
        "[tokens]\nkeys = { secrets = \"KEYS\" }",
        &[
            "line 2: tokens.keys must name a secret of the host, as { secret = \"NAME\" }, and nothing else",
        ],
    ),
    // Times.
    (
        "[tokens.not_before]\nall = \"yesterday\"",
        &[
            "line 2: tokens.not_before.all must be a time with a date and an offset, as \"2026-11-20T08:00:00Z\", not this text",
        ],
    ),
    (
        "[tokens.not_before]\nall = 2026-11-20",
        &[
            "line 2: tokens.not_before.all must be a time with a date and an offset, as \"2026-11-20T08:00:00Z\", not 2026-11-20",
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
         \"2026-11-20T08:00:00Z\", not 5",
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
        &["line 2: server.url must begin with https://, except for a loopback address"],
    ),
    (
        "[server]\nurl = \"http://public.example/mcp\"",
        &["line 2: server.url must begin with https://, except for a loopback address"],
    ),
    (
        "[server]\nurl = \"http://localhost.example/mcp\"",
        &["line 2: server.url must begin with https://, except for a loopback address"],
    ),
    (
        "[server]\nurl = \"http://10.0.0.1/mcp\"",
        &["line 2: server.url must begin with https://, except for a loopback address"],
    ),
    (
        "[access]\nallowed_origins = [\"http://localhost:3000\", \"http://app.example\"]",
        &[
            "line 2: access.allowed_origins[1] must begin with https://, except for a loopback address",
        ],
    ),
    (
        "[card]\nrepository = \"http://git.example/fraud\"",
        &["line 2: card.repository must begin with https://, which browsers load from anywhere"],
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
        "[access]\nallowed_origins = [\"https://a.example\", \"https://b.example/\"]",
        &[
            "line 2: access.allowed_origins[1] must be an origin: scheme, host and port, without the slash and a path",
        ],
    ),
    (
        "[access]\nallowed_origins = [\"a.example\"]",
        &["line 2: access.allowed_origins[0] must be an origin, as \"https://app.example.com\""],
    ),
    (
        "[access]\nallowed_origins = [\"https://a.example:443\"]",
        &["line 2: access.allowed_origins[0] must leave out the scheme's own port, as browsers do"],
    ),
    (
        "[access]\nallowed_origins = [\"https://*.example\"]",
        &["line 2: access.allowed_origins[0] must name one host: there are no patterns"],
    ),
    (
        "[access]\nallowed_hosts = [\"https://a.example\"]",
        &[
            "line 2: access.allowed_hosts[0] must be a host name without scheme and path, as \"mcp.example.com\"",
        ],
    ),
    // What is no TOML; and several mistakes at once.
    (
        "[limits\npage = 1",
        &["line 1: this is not TOML: unclosed table, expected `]`"],
    ),
    (
        "[limits]\npage_size = 1\npage_size = 2",
        &["line 3: page_size is set twice in one table; remove one of the two"],
    ),
    (
        "[limits]\n[limits]",
        &["line 2: limits is defined twice; put all its settings into one table"],
    ),
    // A list of tables that is written as one table, and the reverse.
    (
        "[policy]\n[policy]",
        &["line 2: policy is defined twice; begin each table of this list with [[policy]]"],
    ),
    (
        "[capture]\n[[capture]]",
        &["line 2: capture is defined twice; begin each table of this list with [[capture]]"],
    ),
    (
        "[[rate_limit]]\n[rate_limit]",
        &["line 2: rate_limit is defined twice; begin each table of this list with [[rate_limit]]"],
    ),
    (
        "[environments.staging.policy]\n[environments.staging.policy]",
        &[
            "line 2: environments.staging.policy is defined twice; begin each table of this list with [[environments.staging.policy]]",
        ],
    ),
    (
        "[environments.staging.policy]",
        &[
            "line 1: environments.staging.policy must be a list of tables, as [[environments.staging.policy]]",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"log\"\n[[sinks]]",
        &["line 3: sinks is defined twice; give each of its tables a name, as [sinks.siem]"],
    ),
    (
        "[[upstreams]]\n[[upstreams]]",
        &["line 1: upstreams must be tables with names, as [upstreams.orders]"],
    ),
    (
        "[[environments.staging.sinks]]",
        &[
            "line 1: environments.staging.sinks must be tables with names, as [environments.staging.sinks.siem]",
        ],
    ),
    (
        "[[sinks.siem]]",
        &["line 1: sinks.siem must be a table, as [sinks.siem]"],
    ),
    (
        "[limits]\npage_size = 0\n[lists]\nttl = 5\n[limts]",
        &[
            "line 2: limits.page_size must be from 1 to 10000, not 0",
            "line 4: lists.ttl must be a whole number and a unit, as \"500ms\", \"90s\", \"10m\", \"2h\" or \"7d\", not 5",
            "line 5: limts is not a setting; did you mean limits?",
        ],
    ),
];

/// The same, of files that begin with a server's URL, so that line 3 is the first of these.
const IDENTITY_MISTAKES: &[(&str, &[&str])] = &[
    (
        "[auth]\ntoken_bytes = 1000",
        &["line 4: auth.token_bytes must be from 1024 to 65536, not 1000"],
    ),
    (
        "[auth]\nleeway = \"6m\"",
        &["line 4: auth.leeway must be from 0s to 5m, not 6m"],
    ),
    (
        "[auth]\nscopes = [\"a b\"]",
        &[
            "line 4: auth.scopes[0] must be one scope of visible ASCII characters, without spaces, quotes and backslashes",
        ],
    ),
    (
        "[auth.implied_scopes]\na = \"b\"",
        &[
            "line 4: auth.implied_scopes.a must be a list, each entry a scope, as \"fraud:read\", not this text",
        ],
    ),
    (
        "[auth.implied_scopes]\n\"a b\" = []",
        &[
            "line 4: auth.implied_scopes.\"a b\" must be one scope of visible ASCII characters, without spaces, quotes and backslashes",
        ],
    ),
    (
        "[auth.implied_scopes]\na = [\"b\"]\nb = [\"c\"]\nc = [\"b\"]",
        &[
            "line 3: auth.implied_scopes.b includes itself, directly or through others; take it out of one of these lists",
            "line 3: auth.implied_scopes.c includes itself, directly or through others; take it out of one of these lists",
        ],
    ),
    (
        "[[issuers]]",
        &["line 3: issuers must be tables with names, as [issuers.okta]"],
    ),
    (
        "[policy]",
        &["line 3: policy must be a list of tables, as [[policy]]"],
    ),
    (
        "[issuers]\nokta = 5",
        &["line 4: issuers.okta must be a table, as [issuers.okta]"],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\naudience = []",
        &["line 6: issuers.okta.audience is not a setting; did you mean issuers.okta.audiences?"],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\nsubject = []",
        &[
            "line 6: issuers.okta.subject is not a setting; did you mean issuers.okta.claims.subject?",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\nclaims.email = []",
        &[
            "line 6: issuers.okta.claims.email is not a setting; [issuers.okta.claims] has subject, scopes, roles, groups, client, actor",
        ],
    ),
    (
        "[[policy]]\ntools = [\"*\"]\n[[policy]]\ntool = [\"*\"]",
        &["line 6: policy[1].tool is not a setting; did you mean policy[1].tools?"],
    ),
    (
        "[[rate_limit]]\ncalls = 5\ncolour = 5",
        &[
            "line 5: rate_limit[0].colour is not a setting; [[rate_limit]] has name, per, tools, calls, period, concurrent, binding",
        ],
    ),
    (
        "[issuers.\"a b\"]\npreset = \"google\"",
        &[
            "line 3: issuers.\"a b\" must have a name of letters, digits, `_` and `-`, as [issuers.okta]",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"Okta\"",
        &[
            "line 4: issuers.okta.preset must be one of okta, entra, entra-v1, entra-multi, google, keycloak, auth0, cloudflare-access, development; did you mean okta?",
        ],
    ),
    (
        "[issuers.okta]\nissuer = \"https://id.example\"\nalgorithms = [\"HS256\"]",
        &[
            "line 5: issuers.okta.algorithms[0] must be one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA; did you mean RS256?",
        ],
    ),
    (
        "[issuers.okta]\nissuer = \"https://id.example\"\nalgorithms = [\"ES256\", \"none\"]",
        &[
            "line 5: issuers.okta.algorithms[1] must be one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA",
        ],
    ),
    (
        "[issuers.okta]\nissuer = \"https://id.example\"\nalgorithms = []",
        &["line 5: issuers.okta.algorithms must name at least one, as [\"RS256\"]"],
    ),
    (
        "[issuers.okta]",
        &[
            "line 3: issuers.okta needs `algorithms`, or a `preset` that has them, as algorithms = [\"RS256\"]",
            "line 3: issuers.okta needs `issuer`, what its tokens say in iss, as issuer = \"https://id.example.com\"",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"http://id.example\"",
        &["line 5: issuers.okta.issuer must begin with https://, except for a loopback address"],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example/{tenant}/{x}\"",
        &["line 5: issuers.okta.issuer may hold {tenant} once in its path, and no other braces"],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://{tenant}.id.example\"",
        &["line 5: issuers.okta.issuer may hold {tenant} once in its path, and no other braces"],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = { variable = \"okta\" }",
        &[
            "line 5: issuers.okta.issuer.variable must be a name of capital letters, digits and `_`, as the host knows it",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = { secret = \"OKTA\" }",
        &[
            "line 5: issuers.okta.issuer must be a text, or name a variable of the host, as { variable = \"NAME\" }, and nothing else",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\naudiences = [\"a\", \"\"]",
        &[
            "line 6: issuers.okta.audiences[1] must not be empty; write what tokens for this server say in aud",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\naudiences = [{ variable = \"x\" }]",
        &[
            "line 6: issuers.okta.audiences[0].variable must be a name of capital letters, digits and `_`, as the host knows it",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\ntypes = [\"a b\"]",
        &["line 6: issuers.okta.types[0] must be a media type, as \"at+jwt\", or empty for none"],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\ntypes = []",
        &["line 6: issuers.okta.types must name at least one, or no token is ever accepted"],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\nheader = \"authorization\"",
        &[
            "line 6: issuers.okta.header must name another header than Authorization, where tokens are expected anyway: leave it out",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\nheader = \"X Token\"",
        &[
            "line 6: issuers.okta.header must be the name of an HTTP header, as \"Cf-Access-Jwt-Assertion\"",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\nclaims.roles = [\"/a~2\"]",
        &[
            "line 6: issuers.okta.claims.roles[0] must be a JSON pointer, in which ~ is written ~0 and a slash within a name ~1",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\nclaims.roles = [\"\"]",
        &[
            "line 6: issuers.okta.claims.roles[0] must not be empty; write the name of a claim, as \"roles\"",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\ntenant = \"*\"",
        &[
            "line 6: issuers.okta.tenant must be a tenant's name, or name the claim that says it, as { claim = \"tid\" }",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\ntenant = { claim = \"\" }",
        &[
            "line 6: issuers.okta.tenant.claim must not be empty; write the name of a claim, as \"roles\"",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\ntenants = [\"a\"]",
        &[
            "line 6: issuers.okta.tenants can only be told apart by a claim; write which, as tenant = { claim = \"tid\" }",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example/{tenant}\"\njwks = { url = \"https://id.example/keys\" }",
        &[
            "line 5: issuers.okta.issuer holds {tenant}, so the issuer needs `tenants`, the list of those that are accepted; [\"*\"] is any",
            "line 5: issuers.okta.issuer holds {tenant}, so the issuer needs the claim that names it, as tenant = { claim = \"tid\" }",
        ],
    ),
    (
        "[issuers.entra]\npreset = \"entra-multi\"",
        &[
            "line 4: issuers.entra.issuer holds {tenant}, so the issuer needs `tenants`, the list of those that are accepted; [\"*\"] is any",
        ],
    ),
    (
        "[issuers.entra]\npreset = \"entra-multi\"\ntenants = [\"*\"]\njwks = \"discovery\"",
        &[
            "line 6: issuers.entra.jwks cannot discover the keys of an issuer with {tenant}; write where they are, as jwks = { url = \"https://id.example.com/keys\" }",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\njwks = \"https://id.example/keys\"",
        &[
            "line 6: issuers.okta.jwks must be \"discovery\", { url = \"https://…\" } or { set = '{ \"keys\": … }' }",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\njwks = { url = \"http://id.example/keys\" }",
        &["line 6: issuers.okta.jwks.url must begin with https://, except for a loopback address"],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\njwks = { url = \"http://127.0.0.1/keys\" }",
        &[
            "line 6: issuers.okta.jwks must not name this machine, since the issuer is elsewhere; write jwks = { url = \"https://…\" }, or a key set as jwks = { set = '…' }",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\njwks = { url = \"https://id.example/keys?a#b\" }",
        &["line 6: issuers.okta.jwks.url must be a URL without fragment and spaces"],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\njwks = { url = \"{issuer}\" }",
        &[
            "line 6: issuers.okta.jwks.url must go on with a path after {issuer}, as \"{issuer}/jwks\"",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\njwks = { url = \"https://{issuer}/\" }",
        &["line 6: issuers.okta.jwks.url may begin with {issuer}, and hold no other braces"],
    ),
    (
        "[issuers.access]\npreset = \"cloudflare-access\"\nissuer = { variable = \"TEAM\" }",
        &[
            "line 4: issuers.access.jwks cannot be derived from an issuer that is not one fixed text; write jwks = { url = \"https://…\" } or jwks = { url = { variable = \"NAME\" } }",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\njwks = { set = '{}' }",
        &[
            "line 6: issuers.okta.jwks.set must be a JSON Web Key Set, as '{ \"keys\": [ … ] }', with at least one key",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\njwks = { set = '{\"keys\":[{}]}' }",
        &[
            "line 6: issuers.okta.jwks.set.keys[0] must be a JSON Web Key, which says its kind in `kty`",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\njwks = { set = '{\"keys\":[{\"kty\":\"OKP\",\"x\":\"\"},{\"kty\":\"OKP\",\"x\":\"\",\"d\":\"\"}]}' }",
        &[
            "line 6: issuers.okta.jwks.set.keys[1] must be a public key: write only what the issuer publishes, and replace a key that stood here",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"okta\"\nissuer = \"https://id.example\"\njwks = { set = '{\"keys\":[{\"kty\":\"oct\"}]}' }",
        &[
            "line 6: issuers.okta.jwks.set.keys[0] must be a public key: write only what the issuer publishes, and replace a key that stood here",
        ],
    ),
    (
        "[issuers.a]\npreset = \"google\"\n[issuers.b]\npreset = \"google\"",
        &["line 6: issuers.b.issuer is also the issuer of issuers.a; keep one of them"],
    ),
    (
        "[issuers.a]\npreset = \"google\"\nheader = \"X-A\"\n[issuers.b]\npreset = \"google\"\nheader = \"x-a\"",
        &["line 7: issuers.b.issuer is also the issuer of issuers.a; keep one of them"],
    ),
    (
        "[issuers.a]\npreset = \"google\"\n[issuers.b]\nissuer = \"https://id.example\"\nalgorithms = [\"RS256\"]\naliases = [\"id.example\", \"accounts.google.com\"]",
        &["line 8: issuers.b.aliases is also the issuer of issuers.a; keep one of them"],
    ),
    (
        "[access]\ntrusted_proxies = [\"10.0.0.0/8\", \"0.0.0.0/0\"]",
        &[
            "line 4: access.trusted_proxies must not have every public IPv4 address: any client could then name the address that it likes; list the networks of the proxies only",
        ],
    ),
    (
        "[access]\ntrusted_proxies = [\"0.0.0.0/1\", \"128.0.0.0/1\"]",
        &[
            "line 4: access.trusted_proxies must not have every public IPv4 address: any client could then name the address that it likes; list the networks of the proxies only",
        ],
    ),
    (
        "[access]\ntrusted_proxies = [\"10.0.0.0/8\", \"2000::/3\"]",
        &[
            "line 4: access.trusted_proxies must not have every public IPv6 address: any client could then name the address that it likes; list the networks of the proxies only",
        ],
    ),
    (
        "[access]\ntrusted_proxies = [\"proxy.example\"]",
        &[
            "line 4: access.trusted_proxies[0] must be a network, as \"10.0.0.0/8\" or \"2001:db8::/32\", or one address",
        ],
    ),
    (
        "[access]\ntrusted_proxies = [\"10.0.0.1/8\"]",
        &["line 4: access.trusted_proxies[0] must begin with its first address; write 10.0.0.0/8"],
    ),
    (
        "[access]\ntrusted_proxies = \"10.0.0.0/8\"",
        &[
            "line 4: access.trusted_proxies must be a list, each entry a network, as \"10.0.0.0/8\", not this text",
        ],
    ),
    (
        "[issuers.a]\npreset = \"google\"\naliases = [\"a.example\", \"https://{tenant}.example\"]",
        &[
            "line 5: issuers.a.aliases[1] must be what tokens say in iss, byte for byte: not empty, and without {tenant}, which only `issuer` may hold",
        ],
    ),
    (
        "[[policy]]\neffect = \"forbid\"\ntools = [\"*\"]",
        &["line 4: policy[0].effect must be one of allow, deny"],
    ),
    (
        "[[policy]]\nanonymous = 1\ntools = [\"*\"]",
        &["line 4: policy[0].anonymous must be true or false, not 1"],
    ),
    (
        "[[policy]]\ntools = [\"\"]",
        &["line 4: policy[0].tools[0] must not be empty; \"*\" fits everything"],
    ),
    (
        "[[policy]]\nname = \"\"\ntools = [\"*\"]",
        &["line 4: policy[0].name must be a name on one line, as \"analysts\""],
    ),
    (
        "[[policy]]\nread_only = true",
        &[
            "line 3: policy[0] allows nothing, since it names no tools, prompts or resources; write what it allows, as tools = [\"*\"]",
        ],
    ),
    (
        "[[policy]]\nanonymous = true\nroles = [\"a\"]\nscopes = [\"b\"]\ntools = [\"*\"]",
        &[
            "line 4: policy[0].anonymous cannot stand beside roles and scopes, which a caller who proves nothing never has; make two rules of it",
        ],
    ),
    (
        "[[policy]]\neffect = \"deny\"\nstep_up = false",
        &[
            "line 5: policy[0].step_up belongs to rules that allow: a rule that denies asks for no scopes; remove it",
        ],
    ),
    (
        "[[policy]]\nissuers = [\"okta\"]\ntools = [\"*\"]",
        &[
            "line 4: policy[0].issuers[0] fits no issuer; there are none; add one, as [issuers.okta]",
        ],
    ),
    (
        "[issuers.okta]\npreset = \"google\"\n[[policy]]\nissuers = [\"ok*\", \"octa\"]\ntools = [\"*\"]",
        &["line 6: policy[0].issuers[1] fits no issuer; did you mean okta?"],
    ),
    (
        "[issuers.okta]\npreset = \"google\"\n[[policy]]\nissuers = [\"entra\"]\ntools = [\"*\"]",
        &["line 6: policy[0].issuers[0] fits no issuer; there are okta"],
    ),
    (
        "[[policy]]\nname = \"policy 2\"\ntools = [\"*\"]\n[[policy]]\ntools = [\"*\"]",
        &["line 6: policy[1].name is also the name of policy[0]; write another"],
    ),
    (
        "[[policy]]\ntools = [\"*\"]\narguments = [\"amount\"]",
        &[
            "line 5: policy[0].arguments must be a table with a JSON Schema for each argument, as { amount = { maximum = 1000 } }, not an array",
        ],
    ),
    (
        "[[policy]]\ntools = [\"*\"]\narguments = { amount = 1000 }",
        &[
            "line 5: policy[0].arguments.amount must be a JSON Schema, as { maximum = 1000 }, not 1000",
        ],
    ),
    (
        "[[policy]]\ntools = [\"*\"]\narguments = { amount = { enum = [1, nan] } }",
        &[
            "line 5: policy[0].arguments.amount.enum[1] must be a number that JSON has, neither inf nor nan",
        ],
    ),
    (
        "[[policy]]\ntools = [\"*\"]\narguments.\"a b\".const = 2026-11-20",
        &[
            "line 5: policy[0].arguments.\"a b\".const must be in quotes: JSON has no times of its own",
        ],
    ),
    (
        "[[policy]]\ntools = [\"*\"]\narguments.a.maximum = 99999999999999999999",
        &["line 5: policy[0].arguments.a.maximum must be a smaller number"],
    ),
    (
        "[[rate_limit]]",
        &[
            "line 3: rate_limit[0] limits nothing; write calls = 60 with a period, or concurrent = 4, or both",
        ],
    ),
    (
        "[[rate_limit]]\ncalls = 0",
        &["line 4: rate_limit[0].calls must be from 1 to 1000000, not 0"],
    ),
    (
        "[[rate_limit]]\ncalls = 5\nper = [\"user\"]",
        &["line 5: rate_limit[0].per[0] must be one of principal, tenant, client, tool, address"],
    ),
    (
        "[[rate_limit]]\ncalls = 5\nper = [\"tenants\"]",
        &[
            "line 5: rate_limit[0].per[0] must be one of principal, tenant, client, tool, address; did you mean tenant?",
        ],
    ),
    (
        "[[rate_limit]]\ncalls = 5\nperiod = \"2d\"",
        &["line 5: rate_limit[0].period must be from 1s to 1d, not 2d"],
    ),
    (
        "[[rate_limit]]\ncalls = 5\nbinding = \"LIMIT-1\"",
        &[
            "line 5: rate_limit[0].binding must be the name of a binding in wrangler.toml, as \"ANALYST_LIMIT\"",
        ],
    ),
    (
        "[[rate_limit]]\ncalls = 5\nperiod = \"30s\"\nbinding = \"LIMIT\"",
        &[
            "line 5: rate_limit[0].period must be 10s or 1m, the periods that the rate limiting binding of Workers has",
        ],
    ),
    (
        "[[rate_limit]]\nconcurrent = 5\nbinding = \"LIMIT\"",
        &[
            "line 5: rate_limit[0].binding counts calls; write how many, as calls = 60, as wrangler.toml has them",
        ],
    ),
    (
        "[[rate_limit]]\nname = \"a\"\ncalls = 5\n[[rate_limit]]\nname = \"a\"\ncalls = 6",
        &["line 7: rate_limit[1].name is also the name of rate_limit[0]; write another"],
    ),
    (
        "[environments.staging.issuers.okta]\npreset = \"okta\"",
        &[
            "line 3: environments.staging.issuers.okta needs `issuer`, what its tokens say in iss, as issuer = \"https://id.example.com\"",
        ],
    ),
    (
        "[[environments.staging.policy]]\ntools = 5",
        &[
            "line 4: environments.staging.policy[0].tools must be a list, each entry a text, in which * stands for any text, not 5",
        ],
    ),
];

/// The same about what is recorded of what happens.
const AUDIT_MISTAKES: &[(&str, &[&str])] = &[
    (
        "[audit]\nsigning_keys = \"c2VjcmV0\"",
        &[
            "line 2: audit.signing_keys must name a secret of the host, as { secret = \"NAME\" }; a key itself must not be in this file",
        ],
    ),
    (
        "[audit]\nsigning_keys = { secret = \"MCP_EDGE_KEYS\" }",
        &[
            "line 2: audit.signing_keys must not name the secret or variable of tokens.keys: each is for one purpose, so that a person who learns one cannot use it as the other; name another",
        ],
    ),
    (
        "[tokens]\nkeys = { secret = \"KEYS\" }\n[audit]\nsigning_keys = { secret = \"KEYS\" }",
        &[
            "line 4: audit.signing_keys must not name the secret or variable of tokens.keys: each is for one purpose, so that a person who learns one cannot use it as the other; name another",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"splunk\"\nurl = \"https://a.example\"\ntoken = { secret = \"MCP_EDGE_KEYS\" }",
        &[
            "line 4: sinks.siem.token must not name the secret or variable of tokens.keys: each is for one purpose, so that a person who learns one cannot use it as the other; name another",
        ],
    ),
    (
        "[sinks.a]\ntype = \"webhook\"\nurl = \"https://a.example\"\ntoken = { secret = \"A\" }\n[sinks.b]\ntype = \"splunk\"\nurl = \"https://b.example\"\ntoken = { secret = \"A\" }",
        &[
            "line 8: sinks.b.token must not name the secret or variable of sinks.a.token: each is for one purpose, so that a person who learns one cannot use it as the other; name another",
        ],
    ),
    (
        "[audit]\nsigning_keys = { secret = \"E\" }\n[sinks.siem]\ntype = \"otlp\"\nurl = { variable = \"E\" }",
        &[
            "line 5: sinks.siem.url must not name the secret or variable of audit.signing_keys: each is for one purpose, so that a person who learns one cannot use it as the other; name another",
        ],
    ),
    (
        "[server]\nurl = { variable = \"MCP_EDGE_KEYS\" }",
        &[
            "line 2: server.url must not name the secret or variable of tokens.keys: each is for one purpose, so that a person who learns one cannot use it as the other; name another",
        ],
    ),
    (
        "[audit]\nreceipts = true",
        &[
            "line 2: audit.receipts needs audit.signing_keys, which sign receipts; write signing_keys = { secret = \"MCP_EDGE_AUDIT_KEYS\" } in [audit]",
        ],
    ),
    (
        "[audit]\nmax_event_bytes = 1000",
        &["line 2: audit.max_event_bytes must be from 4096 to 524288, not 1000"],
    ),
    (
        "[audit]\nmax_event_bytes = 5_000\n[[capture]]\ntools = [\"*\"]\nresult = true\nmax_bytes = 2_501",
        &[
            "line 6: capture[0].max_bytes (2501) must be at most half of audit.max_event_bytes (5000)",
        ],
    ),
    (
        "[[capture]]\ntools = [\"*\"]\nresult = true\nmax_bytes = 16_384",
        &[
            "line 4: capture[0].max_bytes (16384) must be at most half of audit.max_event_bytes (8192 by default)",
        ],
    ),
    (
        "[[capture]]\ntools = [\"*\"]\nresult = true\nmax_bytes = 4_096\n[environments.short.audit]\nmax_event_bytes = 8_000",
        &[
            "line 6: capture[0].max_bytes (4096) must be at most half of environments.short.audit.max_event_bytes (8000)",
        ],
    ),
    (
        "[audit]\nlate_after = \"2d\"",
        &["line 2: audit.late_after must be from 1s to 1d, not 2d"],
    ),
    (
        "[audit]\nredact_patterns = ['(\\d']",
        &[
            "line 2: audit.redact_patterns[0] must be a regular expression that the server's engine takes: found open group without closing ')'",
        ],
    ),
    (
        "[audit]\nredact_patterns = ['\\d*']",
        &["line 2: audit.redact_patterns[0] must not fit the empty text, which is everywhere"],
    ),
    (
        "[audit]\nredact_patterns = ['x{2000}']",
        &[
            "line 2: audit.redact_patterns[0] must be a regular expression that the server's engine takes: compiled regex exceeded size limit",
        ],
    ),
    (
        "[audit]\nredact_patterns = ['\\p{Greek}']",
        &[
            "line 2: audit.redact_patterns[0] must be a regular expression that the server's engine takes: Unicode character classes are not supported",
        ],
    ),
    (
        "[audit]\nredact_patterns = '\\d'",
        &[
            "line 2: audit.redact_patterns must be a list, each entry a regular expression, as '\\d{13,19}', not this text",
        ],
    ),
    (
        "[audit]\nlate_after = \"1s\"\n[sinks.siem]\ntype = \"otlp\"\nurl = \"https://otel.example\"",
        &[
            "line 2: audit.late_after makes every event late: the linger of sinks.siem (1s) must be shorter than audit.late_after (1s)",
        ],
    ),
    (
        "[capture]",
        &["line 1: capture must be a list of tables, as [[capture]]"],
    ),
    (
        "[[capture]]",
        &[
            "line 1: capture[0] names no tools, prompts or resources; write whose words are recorded, as tools = [\"evaluate_*\"]",
            "line 1: capture[0] records nothing; write arguments = true, or result = true, or both",
        ],
    ),
    (
        "[[capture]]\ntools = [\"*\"]\nredact_paths = [\"card\", \"/a~b\"]",
        &[
            "line 3: capture[0].redact_paths[0] must be a JSON pointer, which begins with a slash, as \"/card/number\"",
        ],
    ),
    (
        "[[capture]]\ntools = [\"*\"]\nredact_paths = [\"/a\", \"/a~b\"]",
        &[
            "line 3: capture[0].redact_paths[1] must be a JSON pointer, in which ~ is written ~0 and a slash within a name ~1",
        ],
    ),
    (
        "[[capture]]\ntools = [\"*\"]\nredact_patterns = [\"a\"]",
        &["line 1: capture[0] records nothing; write arguments = true, or result = true, or both"],
    ),
    (
        "[[capture]]\nname = \"a\"",
        &[
            "line 2: capture[0].name is not a setting; [[capture]] has tools, prompts, resources, arguments, result, redact_paths, redact_patterns, max_bytes",
        ],
    ),
    (
        "[[capture]]\ntools = [\"*\"]\narguments = true\nmax_bytes = 10",
        &["line 4: capture[0].max_bytes must be from 64 to 262144, not 10"],
    ),
    (
        "[sinks]",
        &[
            "line 1: sinks has no sink, so that events would go nowhere; add one, as [sinks.siem], or remove it: events then go to the host's log",
        ],
    ),
    (
        "[[sinks]]\ntype = \"log\"",
        &["line 1: sinks must be tables with names, as [sinks.siem]"],
    ),
    (
        "[sinks.siem]",
        &["line 1: sinks.siem needs `type`, what its receiver is, as type = \"otlp\""],
    ),
    (
        "[sinks.\"a b\"]\ntype = \"log\"",
        &[
            "line 1: sinks.\"a b\" must have a name of letters, digits, `_` and `-`, as [sinks.siem]",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"OTLP\"",
        &[
            "line 2: sinks.siem.type must be one of log, otlp, otlp-traces, otlp-metrics, splunk, elasticsearch, kafka, datadog, webhook, s3, queue, r2; did you mean otlp?",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"otlp\"",
        &[
            "line 1: sinks.siem needs `url`, where its receiver is, as url = \"https://collector.example.com\"",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"splunk\"",
        &[
            "line 1: sinks.siem needs `token`, the secret that it shares with its receiver, as token = { secret = \"SIEM_TOKEN\" }",
            "line 1: sinks.siem needs `url`, where its receiver is, as url = \"https://collector.example.com\"",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"elasticsearch\"",
        &[
            "line 1: sinks.siem needs `index`, where its receiver keeps events, as index = \"mcp-events\"",
            "line 1: sinks.siem needs `url`, where its receiver is, as url = \"https://collector.example.com\"",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"kafka\"",
        &[
            "line 1: sinks.siem needs `topic`, where its receiver keeps events, as topic = \"mcp-events\"",
            "line 1: sinks.siem needs `url`, where its receiver is, as url = \"https://collector.example.com\"",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"s3\"",
        &[
            "line 1: sinks.siem needs `access_key_id`, the id of the key whose secret is `token`, as access_key_id = { variable = \"S3_ACCESS_KEY\" }",
            "line 1: sinks.siem needs `bucket`, where its receiver keeps events, as bucket = \"mcp-events\"",
            "line 1: sinks.siem needs `token`, the secret that it shares with its receiver, as token = { secret = \"SIEM_TOKEN\" }",
            "line 1: sinks.siem needs `url`, where its receiver is, as url = \"https://collector.example.com\"",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"queue\"",
        &[
            "line 1: sinks.siem needs `binding`, the Worker's way to its receiver in wrangler.toml, as binding = \"AUDIT_EVENTS\"",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"log\"\nurl = \"https://otel.example\"",
        &[
            "line 3: sinks.siem.url belongs to sinks of type otlp, otlp-traces, otlp-metrics, splunk, elasticsearch, kafka, datadog, webhook, s3, and this one is `log`; remove it",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"log\"\ndelivery = \"required\"",
        &[
            "line 3: sinks.siem.delivery does not go with type `log`: the host's log is written as events happen, and nothing acknowledges it; remove it",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"otlp\"\nurl = \"https://otel.example\"\nformat = \"ocsf\"",
        &[
            "line 4: sinks.siem.format belongs to sinks of type log, splunk, elasticsearch, kafka, datadog, s3, queue, r2, and this one is `otlp`; remove it",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"webhook\"\nurl = \"https://a.example\"\ntoken = { secret = \"T\" }\nformat = \"event\"\nheader = \"A\"",
        &[
            "line 5: sinks.siem.format belongs to sinks of type log, splunk, elasticsearch, kafka, datadog, s3, queue, r2, and this one is `webhook`; remove it",
            "line 6: sinks.siem.header belongs to sinks of type otlp, otlp-traces, otlp-metrics, splunk, elasticsearch, kafka, datadog, and this one is `webhook`; remove it",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"otlp-metrics\"\nurl = \"https://otel.example\"\ndelivery = \"required\"\nrequired_tools = [\"a\"]",
        &[
            "line 4: sinks.siem.delivery does not go with type `otlp-metrics`, which counts calls and keeps no record of them; remove it",
            "line 5: sinks.siem.required_tools does not go with type `otlp-metrics`, which counts calls and keeps no record of them; remove it",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"otlp\"\nurl = \"https://otel.example\"\nheader = \"X-Key\"",
        &[
            "line 4: sinks.siem.header says how the token is sent, and there is none; write token = { secret = \"SIEM_TOKEN\" }, or remove it",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"otlp\"\nurl = \"http://otel.example:4318\"\ntoken = { secret = \"T\" }",
        &[
            "line 3: sinks.siem.url must begin with https://, except for a loopback address; where the network up to the receiver is yours, set allow_http = true",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"queue\"\nbinding = \"B\"\nallow_http = true",
        &[
            "line 4: sinks.siem.allow_http belongs to sinks of type otlp, otlp-traces, otlp-metrics, splunk, elasticsearch, kafka, datadog, webhook, s3, and this one is `queue`; remove it",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"otlp\"\nurl = \"ftp://collector\"\nallow_http = true",
        &["line 3: sinks.siem.url must begin with https://, except for a loopback address"],
    ),
    (
        "[sinks.siem]\ntype = \"otlp\"\nurl = \"http://collector:4318\"",
        &[
            "line 3: sinks.siem.url must begin with https://, except for a loopback address; where the network up to the receiver is yours, set allow_http = true",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"otlp\"\nurl = \"otel.example:4318\"",
        &["line 3: sinks.siem.url must be an absolute URL, as \"https://mcp.example.com/mcp\""],
    ),
    (
        "[sinks.siem]\ntype = \"otlp\"\nurl = \"https://otel.example/#a\"",
        &["line 3: sinks.siem.url must be a URL without fragment and spaces"],
    ),
    (
        "[sinks.siem]\ntype = \"otlp\"\nurl = \"https://user:pass@otel.example\"",
        &["line 3: sinks.siem.url must not hold a user name or password"],
    ),
    (
        "[sinks.siem]\ntype = \"otlp\"\nurl = \"https://otel.example\"\nlinger = \"10s\"\ntimeout = \"16s\"",
        &[
            "line 5: sinks.siem.timeout leaves too little time: linger (10s) and timeout (16s) must be at most 25s together, since hosts stop work that goes on long after a response",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"otlp\"\nurl = \"https://otel.example\"\nbuffer_events = 100",
        &["line 4: batch_events (500 by default) must be at most sinks.siem.buffer_events (100)"],
    ),
    (
        "[sinks.siem]\ntype = \"otlp\"\nurl = \"https://otel.example\"\noutcomes = [\"error\"]",
        &[
            "line 4: sinks.siem.outcomes[0] must be one of ok, tool_error, protocol_error, input_required, accepted, refused, cancelled, failed",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"otlp\"\nurl = \"https://otel.example\"\nretries = 11",
        &["line 4: sinks.siem.retries must be from 0 to 10, not 11"],
    ),
    (
        "[sinks.siem]\ntype = \"otlp\"\nurl = \"https://otel.example\"\nauth_scheme = \"a b\"\nheader = \"a b\"",
        &[
            "line 4: sinks.siem.auth_scheme must be an authentication scheme, as \"Bearer\", or empty for none",
            "line 5: sinks.siem.header must be the name of an HTTP header, as \"Authorization\"",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"kafka\"\nurl = \"https://a.example\"\ntopic = \"a b\"",
        &[
            "line 4: sinks.siem.topic must be the name of a topic: letters, digits, `.`, `_` and `-`",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"elasticsearch\"\nurl = \"https://a.example\"\nindex = \"Logs\"",
        &[
            "line 4: sinks.siem.index must be the name of an index: lower-case letters, digits, `.`, `_` and `-`, of which a letter or digit is first",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"s3\"\nurl = \"https://a.example\"\ntoken = { secret = \"T\" }\nbucket = \"a/b\"\nregion = \"EU\"\naccess_key_id = \"a/b\"\nprefix = \"/a\"",
        &[
            "line 5: sinks.siem.bucket must be the name of a bucket: lower-case letters, digits, `.`, `_` and `-`, of which a letter or digit is first and last",
            "line 6: sinks.siem.region must be the name of a region, as \"eu-central-1\" or \"auto\"",
            "line 7: sinks.siem.access_key_id must be the id of an access key: letters, digits, `.`, `_`, `+` and `-`",
            "line 8: sinks.siem.prefix must be letters, digits, `.`, `_`, `-` and slashes, of which no slash is first, as \"mcp/\"",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"r2\"\nbinding = \"a-b\"",
        &[
            "line 3: sinks.siem.binding must be the name of a binding in wrangler.toml, as \"ANALYST_LIMIT\"",
        ],
    ),
    (
        "[sinks.siem]\ntype = \"otlp\"\nurl = \"https://otel.example\"\n[environments.dev.sinks.siem]\ntype = \"log\"",
        &[
            "line 3: sinks.siem.url belongs to sinks of type otlp, otlp-traces, otlp-metrics, splunk, elasticsearch, kafka, datadog, webhook, s3, and this one is `log`; remove it",
        ],
    ),
];

#[test]
fn every_mistake_has_its_sentence() {
    sentences_are(MISTAKES, "");
}

#[test]
fn every_mistake_about_callers_has_its_sentence() {
    sentences_are(
        IDENTITY_MISTAKES,
        "[server]\nurl = \"https://mcp.example.com/mcp\"\n",
    );
}

#[test]
fn every_mistake_about_the_audit_trail_has_its_sentence() {
    sentences_are(AUDIT_MISTAKES, "");
}

#[test]
fn an_issuer_needs_the_public_url() {
    sentences_are(
        &[(
            "[issuers.google]\npreset = \"google\"",
            &[
                "line 1: issuers.google needs server.url, the public URL of this server, which tokens must be meant for: \
               set it in [server]",
            ],
        )],
        "",
    );
}

fn sentences_are(mistakes: &[(&str, &[&str])], beginning: &str) {
    let mut wrong = String::new();
    for (file, expected) in mistakes {
        let said = match mcp_edge_config::read(&format!("{beginning}{file}")) {
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
        "[limits]\npage_size = \"c2VjcmV0\"",
        "[audit]\ndigests = \"c2VjcmV0\"",
        "[tokens.not_before]\nall = \"c2VjcmV0\"",
        "[tokens]\nsession_ttl = \"c2VjcmV0\"",
        "[server]\nurl = \"https://c2VjcmV0@a.example\"",
        "[access]\nallowed_hosts = [\"c2VjcmV0/\"]",
        "[tokens]\nkeys = \"c2VjcmV0",
        "[tokens]\nkeys = c2VjcmV0",
        "[issuers.a]\nissuer = \"c2VjcmV0\"",
        "[issuers.a]\nissuer = { variable = \"c2VjcmV0\" }",
        "[issuers.a]\npreset = \"c2VjcmV0\"",
        "[issuers.a]\nalgorithms = [\"c2VjcmV0\"]",
        "[issuers.a]\njwks = { set = 'c2VjcmV0' }",
        "[issuers.a]\njwks = { set = '{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}' }",
        "[issuers.a]\nheader = \"c2VjcmV0 \"",
        "[[policy]]\nissuers = [\"c2VjcmV0\"]",
        "[audit]\nsigning_keys = \"c2VjcmV0\"",
        "[audit]\nredact_patterns = ['(c2VjcmV0']",
        "[[capture]]\nredact_paths = [\"c2VjcmV0\"]",
        "[sinks.a]\ntype = \"c2VjcmV0\"",
        "[sinks.a]\ntype = \"otlp\"\nurl = \"https://c2VjcmV0@a.example\"",
        "[sinks.a]\ntype = \"otlp\"\ntoken = \"c2VjcmV0\"",
        "[sinks.a]\ntype = \"otlp\"\nurl = \"http://a.example/?key=c2VjcmV0\"\ntoken = { secret = \"T\" }",
        "[sinks.a]\ntype = \"s3\"\naccess_key_id = \"c2VjcmV0/\"",
        "[sinks.a]\ntype = \"otlp\"\nauth_scheme = \"c2VjcmV0 c2VjcmV0\"",
    ] {
        let mistakes = mcp_edge_config::read(file).expect_err(file);
        assert!(!mistakes.to_string().contains("c2VjcmV0"), "{mistakes}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_rejected(text in lines()) {
        let _ = mcp_edge_config::read(&text);
    }
}

/// Files that are nearly right: lines that can be in one, in any order, and some noise.
fn lines() -> impl Strategy<Value = String> {
    let known = MISTAKES
        .iter()
        .chain(IDENTITY_MISTAKES)
        .chain(AUDIT_MISTAKES);
    let known: Vec<&'static str> = known.flat_map(|(file, _)| file.lines()).collect();
    let line = prop_oneof![
        9 => select(known).prop_map(str::to_owned),
        1 => ".*",
    ];
    vec(line, 0..12).prop_map(|lines| lines.join("\n"))
}
