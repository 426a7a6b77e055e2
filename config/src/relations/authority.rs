//! What the authority of an upstream must say.

use super::{about, in_force, named};
use crate::address::{check_secure, check_url};
use crate::mistake::Mistake;
use crate::settings::UPSTREAM;
use crate::value::{Entry, Setting, Settings, Text, Value};

const CLIENT_CREDENTIALS: &str = "client_credentials";
const TOKEN_EXCHANGE: &str = "token_exchange";
const JWT_BEARER: &str = "jwt_bearer";
const CROSS_APP_ACCESS: &str = "cross_app_access";
const ASSERTION: &str = "assertion";

/// The kinds that get a token for the caller.
const FOR_CALLERS: [&str; 3] = [TOKEN_EXCHANGE, JWT_BEARER, CROSS_APP_ACCESS];

/// The kinds that get a token at all.
const TOKENS: [&str; 4] = [
    CLIENT_CREDENTIALS,
    TOKEN_EXCHANGE,
    JWT_BEARER,
    CROSS_APP_ACCESS,
];

/// Which kinds a key of `authority` is for; one that is not here is for all of them.
const FOR_SOME: [(&str, &[&str]); 16] = [
    ("issuer", &TOKENS),
    ("token_endpoint", &TOKENS),
    ("authorization_servers", &TOKENS),
    ("client_id", &TOKENS),
    ("client_authentication", &TOKENS),
    ("client_secret", &TOKENS),
    ("assertion_audience", &TOKENS),
    ("resource", &TOKENS),
    ("scopes", &TOKENS),
    ("audience", &[CLIENT_CREDENTIALS, TOKEN_EXCHANGE, ASSERTION]),
    ("requested_token_type", &[TOKEN_EXCHANGE]),
    ("actor", &[TOKEN_EXCHANGE]),
    ("on_behalf_of", &[JWT_BEARER]),
    ("lifetime", &[ASSERTION]),
    ("scope_challenges", &FOR_CALLERS),
    ("identity_provider", &[CROSS_APP_ACCESS]),
];

/// Presets whose provider makes no identity assertion grant of an access token, which is all that this server has of a caller.
const NO_GRANTS: [(&str, &str); 7] = [
    ("okta", "Okta takes ID tokens and refresh tokens"),
    ("entra", ENTRA),
    ("entra-v1", ENTRA),
    ("entra-multi", ENTRA),
    ("google", "Google makes no such grants"),
    (
        "auth0",
        "Auth0 redeems such grants for its own APIs and does not make any",
    ),
    (
        "cloudflare-access",
        "Cloudflare Access makes no such grants",
    ),
];

const ENTRA: &str =
    "Microsoft Entra makes no such grants; `jwt_bearer` with on_behalf_of = true is its way";

pub(super) fn check(upstream: &Entry, settings: &Settings, mistakes: &mut Vec<Mistake>) {
    let mut own = upstream.settings.iter();
    let Some((_, first)) = own
        .find(|(path, _)| path.starts_with("authority.") || path.starts_with("identity_provider."))
    else {
        return;
    };
    let Some(kind) = upstream.settings.get("authority.type") else {
        mistakes.push(Mistake {
            line: first.line,
            sentence: format!(
                "{}.authority needs `type`, as type = \"token_exchange\"",
                upstream.at
            ),
        });
        return;
    };
    let Value::Choice(chosen) = &kind.value else {
        return;
    };
    let name = chosen.name;
    misplaced(upstream, name, mistakes);
    if name == ASSERTION {
        if !upstream.settings.contains_key("authority.signing_key") {
            mistakes.push(about(kind, "needs `signing_key`, the secret with the private key that signs, as signing_key = { secret = \"ORDERS_SIGNING_KEY\" }"));
        }
        if !settings.contains_key("server.url") {
            mistakes.push(about(
                kind,
                "needs server.url, which is the `iss` of an assertion",
            ));
        }
    } else {
        client(upstream, "authority", kind, mistakes);
    }
    if FOR_CALLERS.contains(&name) && named(settings, "issuers").is_empty() {
        mistakes.push(about(
            kind,
            "needs an [issuers.NAME]: it exchanges the caller's access token, and without issuers there is none",
        ));
    }
    if name == CROSS_APP_ACCESS {
        cross_app_access(upstream, settings, kind, mistakes);
    }
}

/// Keys of other kinds.
fn misplaced(upstream: &Entry, kind: &str, mistakes: &mut Vec<Mistake>) {
    for (path, setting) in &upstream.settings {
        let key = match path.split_once('.') {
            Some(("authority", key)) => key,
            Some(("identity_provider", _)) => "identity_provider",
            _ => continue,
        };
        if let Some((_, kinds)) = FOR_SOME.iter().find(|(name, _)| *name == key)
            && !kinds.contains(&kind)
        {
            let kinds: Vec<_> = kinds.iter().map(|kind| format!("\"{kind}\"")).collect();
            let says = format!(
                "goes with authority.type = {}, and this one is \"{kind}\"; remove it",
                kinds.join(" or ")
            );
            mistakes.push(about(setting, &says));
        }
    }
}

/// What a client of an authorization server needs.
fn client(upstream: &Entry, section: &str, kind: &Setting, mistakes: &mut Vec<Mistake>) {
    let get = |key: &str| upstream.settings.get(format!("{section}.{key}").as_str());
    let at = format!("{}.{section}", upstream.at);
    let mut needs = |what: &str| {
        mistakes.push(Mistake {
            line: kind.line,
            sentence: format!("{at} needs {what}"),
        });
    };
    if ["issuer", "token_endpoint", "authorization_servers"]
        .iter()
        .all(|key| get(key).is_none())
    {
        needs(
            "`issuer`, the URL of the authorization server, as issuer = \"https://id.example.com\", or `token_endpoint`",
        );
    }
    if get("client_id").is_none() {
        needs("`client_id`, as client_id = \"mcp-gateway\"");
    }
    let way = in_force(
        UPSTREAM.keys,
        &format!("{section}.client_authentication"),
        &upstream.settings,
    );
    let is_signed = matches!(way, Some(Value::Choice(chosen)) if chosen.name == "private_key_jwt");
    if is_signed && get("signing_key").is_none() {
        needs("`signing_key`, the secret with the private key of the client, for private_key_jwt");
    }
    if !is_signed && get("client_secret").is_none() {
        needs(
            "`client_secret`, as client_secret = { secret = \"ORDERS_CLIENT_SECRET\" }, or client_authentication = \
             \"private_key_jwt\" with `signing_key`",
        );
    }
    let unused: &[&str] = match is_signed {
        true => &["client_secret"],
        false => &[
            "signing_key",
            "signing_algorithm",
            "key_id",
            "standby_key",
            "assertion_audience",
        ],
    };
    for key in unused {
        if let Some(setting) = get(key) {
            let says = match is_signed {
                true => "is not used with client_authentication = \"private_key_jwt\"; remove it",
                false => {
                    "goes with client_authentication = \"private_key_jwt\"; set that, or remove it"
                }
            };
            mistakes.push(about(setting, says));
        }
    }
    for key in ["issuer", "token_endpoint"] {
        if let Some(setting) = get(key)
            && let Value::Text(Text::Literal(url)) = &setting.value
            && let Err(says) = check_secure(url)
        {
            mistakes.push(about(setting, says));
        }
    }
}

/// What the metadata of the upstream need, which choose the authorization server. A tenant with a URL of its own has others than
/// its upstream.
pub(super) fn chosen_by_upstream(upstream: &Entry, mistakes: &mut Vec<Mistake>) {
    let get = |key: &str| upstream.settings.get(key);
    match get("authority.type").map(|setting| &setting.value) {
        Some(Value::Choice(kind)) if TOKENS.contains(&kind.name) => {}
        _ => return,
    }
    let Some(servers) = get("authority.authorization_servers") else {
        return;
    };
    for key in ["authority.issuer", "authority.token_endpoint"] {
        if let Some(setting) = get(key) {
            mistakes.push(about(
                setting,
                "names the authorization server, and `authorization_servers` lets the upstream choose it; remove one of them",
            ));
        }
    }
    let (resource, needs) = match get("authority.resource") {
        Some(setting) => (
            Some(setting),
            "must be the https URL whose protected resource metadata (RFC 9728) `authorization_servers` asks for: ",
        ),
        None => (
            get("url"),
            "cannot be asked for its protected resource metadata (RFC 9728), which `authorization_servers` needs: ",
        ),
    };
    match resource.map(|setting| (setting, &setting.value)) {
        Some((setting, Value::Text(Text::Literal(url)))) => {
            if let Err(says) = check_url(url) {
                mistakes.push(about(setting, &format!("{needs}it {says}")));
            }
        }
        Some(_) => {}
        None => mistakes.push(about(
            servers,
            "needs `resource`, the https URL whose protected resource metadata (RFC 9728) name the authorization server",
        )),
    }
}

fn cross_app_access(
    upstream: &Entry,
    settings: &Settings,
    kind: &Setting,
    mistakes: &mut Vec<Mistake>,
) {
    client(upstream, "identity_provider", kind, mistakes);
    if !["authority.issuer", "authority.authorization_servers"]
        .iter()
        .any(|key| upstream.settings.contains_key(*key))
    {
        mistakes.push(about(
            kind,
            "needs `issuer`, the authorization server of the upstream, for which the grant is made",
        ));
    }
    let presets = named(settings, "issuers").values().map(|issuer| {
        match issuer.settings.get("preset").map(|setting| &setting.value) {
            Some(Value::Preset(preset)) => NO_GRANTS.iter().find(|(name, _)| *name == preset.name),
            _ => None,
        }
    });
    // One issuer that makes them is enough.
    let Some(refused) = presets.collect::<Option<Vec<_>>>() else {
        return;
    };
    if let Some((preset, why)) = refused.first() {
        let says = format!(
            "needs an identity provider that makes an identity assertion grant of an access token, and no issuer here does: preset \
             \"{preset}\": {why}"
        );
        mistakes.push(about(kind, &says));
    }
}
