//! What is known about the products that issue tokens.
//!
//! A preset is a piece of `mcp.toml`: what it says holds where the file itself says nothing.

/// What is known about the tokens of one product.
#[derive(Debug, PartialEq, Eq)]
pub struct Preset {
    /// The name, as `preset` has it.
    pub name: &'static str,
    /// What an administrator must know.
    pub about: &'static str,
    /// What it fills in, as the inside of an `[issuers.NAME]`.
    pub toml: &'static str,
    /// The lists that its tokens may lack, as a rule names them, each with a sentence that says when.
    pub left_out: &'static [(&'static str, &'static str)],
    /// Whether its keys are everybody's, so that only a server on a loopback address may trust it.
    pub development: bool,
}

/// Every preset.
pub const PRESETS: &[Preset] = &[
    OKTA,
    ENTRA,
    ENTRA_V1,
    ENTRA_MULTI,
    GOOGLE,
    KEYCLOAK,
    AUTH0,
    CLOUDFLARE_ACCESS,
    DEVELOPMENT,
];

/// As Okta's reference of OpenID Connect tokens shows them: `cid` names the client, `scp` lists scopes. Its
/// support pages say that custom authorization servers write no `typ`; the type that the org server writes
/// is left out, since Okta keeps those tokens to itself. Tokens issued for an ID-JAG are shown with `scope`,
/// a text, and with the acting client in `act` alone.
const OKTA: Preset = Preset {
    name: "okta",
    about: "A custom authorization server, whose issuer is https://DOMAIN/oauth2/NAME. Tokens of the org server \
            (https://DOMAIN alone) are meant for Okta itself. Groups need a groups claim in the access token.",
    toml: r#"
algorithms = ["RS256"]
types = ["", "JWT", "at+jwt"]
claims.scopes = ["scp", "scope"]
claims.client = ["cid", "client_id", "/act/sub"]
"#,
    left_out: &[
        (
            "roles",
            "Okta puts roles into access tokens only where the authorization server has a claim `roles`",
        ),
        (
            "groups",
            "Okta puts groups into access tokens only where the authorization server has a claim `groups`",
        ),
    ],
    development: false,
};

/// As Microsoft's access token claims reference shows version 2.0. The object id, and not the pairwise
/// `sub`, is what the admin centre and the sign-in log know a subject by.
const ENTRA: Preset = Preset {
    name: "entra",
    about: "Microsoft Entra ID, one tenant, tokens of version 2.0: issuer https://login.microsoftonline.com/TENANT/v2.0 \
            with the tenant's id. The audience is the client id of the API's app registration (or its api:// URI), \
            so `audiences` must say it. ID tokens look alike: let rules ask for a scope or a role.",
    toml: r#"
algorithms = ["RS256"]
types = ["JWT"]
tenant = { claim = "tid" }
claims.subject = ["oid", "sub"]
claims.scopes = ["scp"]
claims.client = ["azp"]
"#,
    left_out: ENTRA_LEFT_OUT,
    development: false,
};

/// More than 200 groups are replaced by a reference, and then they are unknown rather than left out.
const ENTRA_LEFT_OUT: &[(&str, &str)] = &[(
    "groups",
    "Microsoft Entra ID puts groups into access tokens only where the app registration emits a groups claim",
)];

/// As Microsoft's access token claims reference shows version 1.0, which names the client `appid`.
const ENTRA_V1: Preset = Preset {
    name: "entra-v1",
    about: "Microsoft Entra ID, one tenant, tokens of version 1.0: issuer https://sts.windows.net/TENANT/ with the \
            tenant's id and the slash. It is what an app registration gets whose manifest does not ask for version 2. \
            The audience is its App ID URI, so `audiences` must say it.",
    toml: r#"
algorithms = ["RS256"]
types = ["JWT"]
tenant = { claim = "tid" }
claims.subject = ["oid", "sub"]
claims.scopes = ["scp"]
claims.client = ["appid"]
"#,
    left_out: ENTRA_LEFT_OUT,
    development: false,
};

/// As Microsoft's guide to validating tokens asks of multi-tenant applications: the issuer is a template,
/// and its tenant the one in `tid`.
const ENTRA_MULTI: Preset = Preset {
    name: "entra-multi",
    about: "Microsoft Entra ID, several tenants, tokens of version 2.0. `tenants` lists the ids of those that are \
            accepted. The audience is the client id of the API's app registration, so `audiences` must say it. ID \
            tokens look alike: let rules ask for a scope or a role.",
    toml: r#"
issuer = "https://login.microsoftonline.com/{tenant}/v2.0"
algorithms = ["RS256"]
types = ["JWT"]
jwks = { url = "https://login.microsoftonline.com/common/discovery/v2.0/keys" }
tenant = { claim = "tid" }
claims.subject = ["oid", "sub"]
claims.scopes = ["scp"]
claims.client = ["azp"]
"#,
    left_out: ENTRA_LEFT_OUT,
    development: false,
};

/// As Google's OpenID Connect documentation shows ID tokens; its access tokens are no JWTs. It says that `iss` is the URL
/// or the host name alone. `hd` is the Workspace domain, which accounts of persons do not have.
const GOOGLE: Preset = Preset {
    name: "google",
    about: "Google's ID tokens, since its access tokens are opaque. The audience is the OAuth client id, so \
            `audiences` must say it. The tenant is the Workspace domain; anyone with a Google account can get such a \
            token, so list yours in `tenants`. There are no scopes, roles or groups in it.",
    toml: r#"
issuer = "https://accounts.google.com"
aliases = ["accounts.google.com"]
algorithms = ["RS256"]
types = ["JWT"]
tenant = { claim = "hd" }
claims.scopes = []
claims.roles = []
claims.groups = []
claims.client = ["azp"]
"#,
    left_out: &[
        ("roles", "Google's tokens have no roles"),
        ("groups", "Google's tokens have no groups"),
    ],
    development: false,
};

/// As Keycloak's server administration guide shows access tokens; a client's settings decide whether `typ`
/// is `JWT` or `at+jwt`.
const KEYCLOAK: Preset = Preset {
    name: "keycloak",
    about: "A realm of Keycloak, whose issuer is https://HOST/realms/REALM. An audience mapper must put this server's \
            URL into the access token. Roles are the realm's; a client's stand at /resource_access/CLIENT/roles.",
    toml: r#"
algorithms = ["RS256"]
types = ["JWT", "at+jwt"]
claims.roles = ["/realm_access/roles"]
claims.client = ["azp", "client_id"]
"#,
    left_out: &[
        (
            "roles",
            "Keycloak leaves roles out of lightweight access tokens",
        ),
        (
            "groups",
            "Keycloak puts groups into access tokens only where the client has a Group Membership mapper",
        ),
    ],
    development: false,
};

/// As Auth0's page on access token profiles shows both: its own with `azp` and `JWT`, that of RFC 9068 with
/// `client_id` and `at+jwt`.
const AUTH0: Preset = Preset {
    name: "auth0",
    about: "Auth0, whose issuer is https://DOMAIN/ with the slash. The audience is the API's identifier. Permissions \
            of its role-based access control count as roles.",
    toml: r#"
algorithms = ["RS256"]
types = ["at+jwt", "JWT"]
claims.roles = ["permissions"]
claims.client = ["azp", "client_id"]
"#,
    left_out: &[
        (
            "roles",
            "Auth0 puts permissions into access tokens only where the API has RBAC with \"Add Permissions in the Access Token\"",
        ),
        (
            "groups",
            "Auth0 puts groups into access tokens only where an Action adds them",
        ),
    ],
    development: false,
};

/// As Cloudflare's page on the application token shows it, and its page on validating it names the header
/// and the keys. Service tokens say `common_name` and have an empty `sub`.
const CLOUDFLARE_ACCESS: Preset = Preset {
    name: "cloudflare-access",
    about: "Cloudflare Access in front of the server, whose issuer is https://TEAM.cloudflareaccess.com. The audience \
            is the application's AUD tag, so `audiences` must say it. There are no scopes in the token; groups are \
            there once the identity provider's groups are passed on as a custom claim.",
    toml: r#"
algorithms = ["RS256"]
types = ["JWT"]
jwks = { url = "{issuer}/cdn-cgi/access/certs" }
header = "Cf-Access-Jwt-Assertion"
claims.subject = ["sub", "common_name"]
claims.scopes = []
claims.roles = []
claims.groups = ["/custom/groups"]
claims.client = ["common_name"]
"#,
    left_out: &[
        ("roles", "the tokens of Cloudflare Access have no roles"),
        (
            "groups",
            "Cloudflare Access puts groups into its tokens only where the identity provider's groups are passed on as a custom claim",
        ),
    ],
    development: false,
};

/// As `mcp-edge token` makes them (RFC 9068).
const DEVELOPMENT: Preset = Preset {
    name: "development",
    about: "The local issuer, whose tokens `mcp-edge token` makes on a developer's machine. A server whose public \
            URL is not a loopback address refuses to start with it.",
    toml: r#"
issuer = "http://localhost/mcp-edge-dev"
algorithms = ["EdDSA"]
types = ["at+jwt"]
jwks = { set = { variable = "MCP_EDGE_DEV_JWKS" } }
tenant = { claim = "tenant" }
"#,
    left_out: &[],
    development: true,
};
