//! `mcp-edge explain`: why a server accepts an access token, or does not.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use chrono::DateTime;
use futures_executor::block_on;
use mcp_edge_runtime::auth::{
    AccessTokenError, Check, CheckStep, KeySet, Principal, Source, TrustedIssuer, UnknownClaims,
    Unverified, VerificationError,
};
use mcp_edge_runtime::config::Settings;
use mcp_edge_runtime::host::SharedHost;
use serde_json::{Map, Value as Json, json};

use crate::bearer;
use crate::development::{FOLDER, Issuer, KEYS_VARIABLE};
use crate::file::{self, File};
use crate::local_host::LocalHost;
use crate::output::{CommandOutput, Failure, status};
use crate::style::{BAD, CAUTION, GOOD, HEADING, shown, styled};
use crate::{secret_file, standard_input};

/// Explains why a server accepts an access token, or does not
///
/// Goes through every check that a server makes, in its order, up to the first that fails, and says what to change in
/// mcp.toml or at the provider. Keys are fetched as a server fetches them. It shows the claims that matter, never the
/// signature and never the whole token.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The token; `-` reads it from standard input, so that it does not stay in the shell's history
    token: String,
    #[command(flatten)]
    file: File,
    /// The issuer's public keys (a JSON Web Key Set), instead of fetching them
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// The header that the token came in [default: the one that its issuer's tokens come in]
    #[arg(long, value_name = "NAME")]
    header: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge explain - < token
  $ mcp-edge token --scope fraud:read | mcp-edge explain - --env dev
  $ pbpaste | mcp-edge explain - --env production
  $ mcp-edge explain - --keys jwks.json < token      without a network";

/// Every check there is, in order.
const STEPS: [CheckStep; 17] = [
    CheckStep::Size,
    CheckStep::Form,
    CheckStep::Header,
    CheckStep::Claims,
    CheckStep::Issuer,
    CheckStep::Tenant,
    CheckStep::Source,
    CheckStep::Algorithm,
    CheckStep::Type,
    CheckStep::Audience,
    CheckStep::Expiry,
    CheckStep::NotBefore,
    CheckStep::IssuedAt,
    CheckStep::KeyId,
    CheckStep::Identity,
    CheckStep::Key,
    CheckStep::Signature,
];

pub(crate) fn run(arguments: &Arguments) -> Result<CommandOutput, Failure> {
    let configuration = arguments.file.read()?;
    let written = file::settings(&configuration, arguments.file.env.as_deref())?;
    let settings = file::decoded(written)?;
    if settings.issuers.is_empty() {
        return Err(Failure::check(
            "mcp.toml has no issuer here, so a server looks at no token; add [issuers.NAME], or name another environment \
             with --env",
        ));
    }
    let token = token(&arguments.token)?;
    let host: SharedHost = Rc::new(LocalHost::new(
        settings.auth.jwks_timeout,
        development_keys(&arguments.file.folder().join(FOLDER))?,
    ));
    let trusted = block_on(TrustedIssuer::all(settings, host.as_ref())).map_err(Failure::check)?;

    let mut seen = Seen::default();
    let header = arguments.header.as_deref();
    let explained = explain(
        &token,
        header,
        arguments.keys.as_deref(),
        &trusted,
        settings,
        &host,
        &mut seen,
    )?;
    let options = arguments.file.options();
    Ok(seen.outcome(explained, settings, &options))
}

/// The token, without what people copy along.
fn token(argument: &str) -> Result<String, Failure> {
    let text = if argument == "-" {
        standard_input::secret("an access token")?
    } else {
        argument.to_owned()
    };
    match bearer::token(&text) {
        "" => Err(Failure::usage(
            "the access token is empty; give it as the argument, or pipe it into `mcp-edge explain -`",
        )),
        token => Ok(token.to_owned()),
    }
}

/// The keys of the issuer for development, which this machine knows even where the variable is not set.
fn development_keys(folder: &Path) -> Result<Vec<(&'static str, String)>, Failure> {
    let kept = Issuer::kept_in(folder)?;
    let variable = kept.map(|issuer| (KEYS_VARIABLE, issuer.jwks().to_string()));
    Ok(variable.into_iter().collect())
}

/// How it ended.
enum Explanation {
    Accepted(Principal),
    Rejected(AccessTokenError),
    /// There is nothing to verify the signature with.
    NoKeys(String),
}

fn explain(
    token: &str,
    header: Option<&str>,
    keys: Option<&Path>,
    trusted: &[TrustedIssuer],
    settings: &Settings,
    host: &SharedHost,
    seen: &mut Seen,
) -> Result<Explanation, Failure> {
    let now = host.now();
    let auth = &settings.auth;
    let mut read = |source: Source<'_>| {
        seen.checks.clear();
        Unverified::read_observed(token, source, trusted, auth, now, &mut |check| {
            seen.saw(check)
        })
    };
    let unverified = match header.map_or(Source::Authorization, Source::Header) {
        stated if header.is_some() => read(stated),
        assumed => match read(assumed) {
            Err(AccessTokenError::WrongHeader { expected, .. }) => read(Source::Header(expected)),
            found => found,
        },
    };
    let unverified = match unverified {
        Ok(unverified) => unverified,
        Err(rejected) => return Ok(Explanation::Rejected(rejected)),
    };
    let Some(issuer) = trusted.get(unverified.issuer()) else {
        return Err(Failure::check("the token's issuer is not in mcp.toml"));
    };
    let keys = match keys {
        Some(path) => keys_in(path)?,
        None => match block_on(issuer.published_keys(auth, host)) {
            Ok(keys) => keys,
            Err(error) => {
                return Ok(Explanation::NoKeys(format!(
                    "could not fetch the keys of [issuers.{}]: {error}",
                    issuer.config.name
                )));
            }
        },
    };
    seen.notes = notes(&keys);
    let mut saw = |check: Check<'_>| seen.saw(check);
    match block_on(unverified.verify_observed(&keys, host.as_ref(), &mut saw)) {
        Ok(verified) => Ok(Explanation::Accepted(verified.principal)),
        Err(VerificationError::Rejected(rejected)) => Ok(Explanation::Rejected(rejected)),
        Err(error @ VerificationError::Unavailable(_)) => Err(Failure::check(error.to_string())),
    }
}

fn keys_in(path: &Path) -> Result<KeySet, Failure> {
    let text = secret_file::read(path)?
        .ok_or_else(|| Failure::usage(format!("there is no file {}", path.display())))?;
    KeySet::parse(text.as_bytes())
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

/// What is odd about a key set, and harms no other key.
fn notes(keys: &KeySet) -> Vec<String> {
    let set_aside = keys.unusable_keys().iter().map(|key| {
        let id = key
            .key_id
            .as_deref()
            .map_or_else(|| "without `kid`".to_owned(), shown);
        format!("a key of the issuer ({id}) is set aside: it {}", key.why)
    });
    set_aside.collect()
}

/// What was looked at so far.
#[derive(Default)]
struct Seen {
    checks: Vec<Line>,
    notes: Vec<String>,
}

struct Line {
    step: CheckStep,
    found: String,
    passed: bool,
    within_leeway: Option<Duration>,
}

impl Seen {
    fn saw(&mut self, check: Check<'_>) {
        let found = check.found.to_string();
        let found = match check.step {
            CheckStep::Header => header(&found),
            CheckStep::Claims => names(&found),
            CheckStep::Expiry | CheckStep::NotBefore | CheckStep::IssuedAt => time(&found),
            _ => shown(&found),
        };
        self.checks.push(Line {
            step: check.step,
            found,
            passed: check.outcome.is_ok(),
            within_leeway: check.within_leeway,
        });
    }

    /// The verdict on a token that is accepted.
    fn accepted(&self, leeway: Duration) -> String {
        let off = |line: &Line| line.within_leeway.map(|off| (line.step, off));
        let off: Vec<_> = self.checks.iter().filter_map(off).collect();
        let allowed = leeway.as_secs();
        match off[..] {
            [] => "A server accepts this token.".to_owned(),
            [(CheckStep::Expiry, ago)] => format!(
                "Valid for {} more seconds (expired {} s ago; clock leeway is {allowed} s).",
                leeway.saturating_sub(ago).as_secs(),
                ago.as_secs()
            ),
            _ => {
                let off = off.iter().map(|(step, off)| match step {
                    CheckStep::Expiry => format!("expired {} s ago", off.as_secs()),
                    _ => format!("{step} {} s ahead", off.as_secs()),
                });
                format!(
                    "Valid only within the clock leeway of {allowed} s ({}); compare the clocks of the provider and the host.",
                    off.collect::<Vec<_>>().join(", ")
                )
            }
        }
    }

    /// `options` name the file and the environment on a command line.
    fn outcome(self, explained: Explanation, settings: &Settings, options: &str) -> CommandOutput {
        let mut text = String::new();
        for Line {
            step,
            found,
            passed,
            ..
        } in &self.checks
        {
            let mark = if *passed {
                styled(GOOD, "ok  ")
            } else {
                styled(BAD, "FAIL")
            };
            let line = format!("{mark}  {:<11} {found}", step.to_string());
            text.push_str(line.trim_end());
            text.push('\n');
        }
        let checks = self.checks.iter().map(|line| {
            json!({ "step": line.step.to_string(), "found": line.found, "passed": line.passed })
        });
        let mut json = Map::from_iter([("checks".to_owned(), Json::Array(checks.collect()))]);
        let last = self.checks.last().map(|line| line.step);
        let open = STEPS
            .into_iter()
            .filter(|step| last.is_none_or(|last| *step > last));
        let open: Vec<_> = open.map(|step| step.to_string()).collect();
        if !open.is_empty() {
            text.push_str(&format!(
                "{}  {}\n",
                styled(CAUTION, "skipped:"),
                open.join(", ")
            ));
        }
        for note in &self.notes {
            text.push_str(&format!("{} {note}\n", styled(CAUTION, "note:")));
        }
        json.insert("skipped".to_owned(), json!(open));
        json.insert("notes".to_owned(), json!(self.notes));

        let within = self.checks.iter().filter_map(|line| {
            let off = line.within_leeway?.as_secs();
            Some(json!({ "step": line.step.to_string(), "seconds": off }))
        });
        let within: Vec<_> = within.collect();
        json.insert("within_leeway".to_owned(), json!(within));
        let verdict = self.accepted(settings.auth.leeway);

        text.push('\n');
        let passed = matches!(explained, Explanation::Accepted(_));
        json.insert("accepted".to_owned(), json!(passed));
        match explained {
            Explanation::Accepted(principal) => {
                let style = match within.is_empty() {
                    true => GOOD,
                    false => CAUTION,
                };
                text.push_str(&format!("{}\n", styled(style, &verdict)));
                text.push_str(&described(&principal, options));
                json.insert("principal".to_owned(), principal_json(&principal));
                if let Some(upstreams) = upstreams(&principal, settings) {
                    let all = match upstreams.as_slice() {
                        [] => "none".to_owned(),
                        names => names.join(", "),
                    };
                    text.push_str(&format!("Upstreams of its tenant: {all}\n"));
                    json.insert("upstreams".to_owned(), json!(upstreams));
                }
            }
            Explanation::Rejected(rejected) => {
                let verdict = format!("A server refuses this token ({}).", rejected.reason());
                text.push_str(&format!(
                    "{}\n{}\n",
                    styled(BAD, &verdict),
                    capitalized(&rejected.to_string())
                ));
                json.insert("reason".to_owned(), json!(rejected.reason()));
                json.insert("sentence".to_owned(), json!(rejected.to_string()));
            }
            Explanation::NoKeys(sentence) => {
                let verdict = "A server cannot verify this token (issuer_unavailable).";
                text.push_str(&format!(
                    "{}\n{}\n",
                    styled(BAD, verdict),
                    capitalized(&sentence)
                ));
                json.insert("reason".to_owned(), json!("issuer_unavailable"));
                json.insert("sentence".to_owned(), json!(sentence));
            }
        }
        CommandOutput {
            text,
            json: Json::Object(json),
            product: None,
            status: status(passed),
        }
    }
}

/// The upstreams whose tools exist for the tenant of `principal`, where that depends on it.
fn upstreams(principal: &Principal, settings: &Settings) -> Option<Vec<&'static str>> {
    let mut all = settings.upstreams.iter();
    all.any(|upstream| !upstream.tenants.is_empty()).then(|| {
        let upstreams = settings.upstreams.iter();
        let own = upstreams.filter(|upstream| upstream.of_tenant(principal.tenant()).is_some());
        own.map(|upstream| upstream.name).collect()
    })
}

/// Of a header what counts, and the names of the rest.
fn header(text: &str) -> String {
    let Ok(members) = serde_json::from_str::<Map<String, Json>>(text) else {
        return String::new();
    };
    let shown = members.iter().map(|(name, value)| match name.as_str() {
        "alg" | "typ" | "kid" => format!("{name} {}", shown(&as_text(value))),
        _ => shown(name),
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// The names of the claims. Those that matter are shown with their values where they are checked.
fn names(text: &str) -> String {
    let Ok(claims) = serde_json::from_str::<Map<String, Json>>(text) else {
        return String::new();
    };
    let names: Vec<_> = claims.keys().map(String::as_str).collect();
    shown(&names.join(", "))
}

fn as_text(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn time(seconds: &str) -> String {
    let moment = seconds
        .parse()
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    match moment {
        Some(moment) => moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        None => shown(seconds),
    }
}

fn described(principal: &Principal, options: &str) -> String {
    let scopes: Vec<_> = principal.scopes().iter().map(String::as_str).collect();
    let actors = principal
        .actors()
        .iter()
        .map(|actor| actor.subject.as_str());
    let lines = [
        ("issuer", principal.issuer_name().to_owned()),
        ("subject", principal.subject().to_owned()),
        ("tenant", principal.tenant().unwrap_or_default().to_owned()),
        ("client", principal.client().unwrap_or_default().to_owned()),
        ("acting", actors.collect::<Vec<_>>().join(", for ")),
        ("scopes", scopes.join(" ")),
        ("roles", principal.roles().join(", ")),
        ("groups", principal.groups().join(", ")),
        ("unknown", principal.unknown_claims().names().join(", ")),
        ("until", time(&principal.expires().as_secs().to_string())),
    ];
    let lines = lines.into_iter().filter(|(_, value)| !value.is_empty());
    let lines = lines.map(|(name, value)| format!("  {name:<9} {}\n", shown(&value)));
    let unknown = (principal.unknown_claims() != UnknownClaims::default()).then(|| {
        format!(
            "{} the token replaces what is unknown by a reference, which a server does not follow: a rule that denies \
             by it denies, and a rule that allows by it does not allow\n",
            styled(CAUTION, "note:")
        )
    });
    let next = format!(
        "{} mcp-edge check{options} --as {}\n",
        styled(HEADING, "What it may do:"),
        quoted(&question(principal))
    );
    lines.chain(unknown).chain([next]).collect()
}

/// The principal as `mcp-edge check --as` takes it.
fn question(principal: &Principal) -> String {
    let scopes: Vec<_> = principal.scopes().iter().map(String::as_str).collect();
    let one = |name: &str, value: &str| format!("{name}={}", quoted(value));
    let mut words = vec![
        one("iss", principal.issuer_name()),
        one("sub", principal.subject()),
    ];
    words.extend(principal.tenant().map(|tenant| one("tenant", tenant)));
    words.extend(principal.client().map(|client| one("client", client)));
    words.extend((!scopes.is_empty()).then(|| one("scope", &scopes.join(" "))));
    words.extend(principal.roles().iter().map(|role| one("role", role)));
    words.extend(principal.groups().iter().map(|group| one("group", group)));
    let unknown = principal.unknown_claims().names();
    words.extend(unknown.iter().map(|name| one("unknown", name)));
    words.join(" ")
}

/// `text` as one word of a shell. A text that cannot be one is not one to be pasted.
fn quoted(text: &str) -> String {
    shlex::try_quote(text).map_or_else(|_| "…".to_owned(), |quoted| shown(&quoted))
}

fn principal_json(principal: &Principal) -> Json {
    let actors = principal
        .actors()
        .iter()
        .map(|actor| json!({ "subject": actor.subject, "issuer": actor.issuer }));
    json!({
        "issuer": principal.issuer_name(),
        "subject": principal.subject(),
        "tenant": principal.tenant(),
        "client": principal.client(),
        "actors": Vec::from_iter(actors),
        "scopes": principal.scopes(),
        "roles": principal.roles(),
        "groups": principal.groups(),
        "unknown": principal.unknown_claims().names(),
        "expires": time(&principal.expires().as_secs().to_string()),
    })
}

fn capitalized(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    let mut sentence: String = first.into_iter().chain(letters).collect();
    sentence.push('.');
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_header_only_what_counts_is_shown() {
        let text = r#"{"alg":"RS256","jwk":{"n":"secret"},"kid":"k1","typ":"at+jwt"}"#;
        assert_eq!(header(text), "alg RS256, jwk, kid k1, typ at+jwt");
        assert_eq!(header("no JSON"), "");
    }

    #[test]
    fn of_claims_only_names_are_shown() {
        assert_eq!(
            names(r#"{"email":"alice@example.com","sub":"alice"}"#),
            "email, sub"
        );
    }
}
