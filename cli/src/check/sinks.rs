//! Where events go, and what a host guarantees of that.

use mcp_edge_config::span;
use mcp_edge_glob::{fits, fits_any};
use mcp_edge_runtime::config::Protocol;
use mcp_edge_runtime::config::{DeliveryMode, Settings, Sink, TextSetting};
use mcp_edge_runtime::is_secure_url;
use mcp_edge_runtime::policy::{Kind, Target};

use super::host::Host;
use super::listed::{listed, named};

impl Host {
    /// The delivery of the events that `sink` should get, or why the host refuses to start with it.
    pub(super) fn delivery(self, sink: &Sink) -> Result<String, String> {
        if sink.binding.is_some() && self != Self::Workers {
            return Err(
                "only Workers have bindings; set the sink only in environments that run there"
                    .to_owned(),
            );
        }
        if sink.protocol == Protocol::LOG {
            return Ok(self.log().to_owned());
        }
        let mut sentences = Vec::new();
        if waits_for_some(sink) {
            sentences.push(match sink.outbox {
                true => "a required event is in the outbox before its answer leaves".to_owned(),
                false => format!(
                    "a required event is with the sink before its answer leaves; where it is not acknowledged within {}, \
                     the call is refused",
                    span::format(sink.timeout)
                ),
            });
        }
        if sink.delivery == DeliveryMode::BestEffort {
            let which = match waits_for_some(sink) {
                true => "any other",
                false => "an event",
            };
            sentences.push(format!(
                "{which} leaves {} after its response",
                span::format(sink.linger)
            ));
        }
        sentences.push(match sink.outbox {
            true => format!("what the sink does not take is kept in {}", self.outbox()),
            false => format!("what waits for the sink is lost {}", self.end_of_instance()),
        });
        Ok(sentences.join("; "))
    }

    fn log(self) -> &'static str {
        match self {
            Self::Workers => "to Workers Logs as they happen, which keeps them as your plan says",
            Self::Spin => "to the log of the component as they happen",
            Self::Native => "to standard output as they happen",
        }
    }

    fn outbox(self) -> &'static str {
        match self {
            Self::Workers => {
                "the queue of the binding MCP_EDGE_OUTBOX, which the same Worker must consume in wrangler.toml"
            }
            Self::Spin => {
                "the key-value store `default`, which the component must be allowed in spin.toml"
            }
            Self::Native => "the folder that the variable MCP_EDGE_OUTBOX names",
        }
    }

    fn end_of_instance(self) -> &'static str {
        match self {
            Self::Workers => "with its instance, which Cloudflare ends without notice",
            Self::Spin => "with its instance, which ends after a second without requests",
            Self::Native => "when the process is killed",
        }
    }
}

/// A sink in words.
pub(super) fn described(sink: &Sink) -> String {
    let mut words = if sink.protocol == Protocol::LOG {
        "the host's log".to_owned()
    } else {
        sink.protocol.name().to_owned()
    };
    match (sink.url, sink.binding) {
        (Some(TextSetting::Literal(url)), _) => {
            // A query may hold what only the receiver should know.
            words += &format!(" at {}", url.split('?').next().unwrap_or(url));
        }
        (Some(TextSetting::Variable(name)), _) => words += &format!(" at what {name} says"),
        (None, Some(binding)) => words += &format!(" of the binding {binding}"),
        (None, None) => {}
    }
    if gets_all(sink) {
        return words + ", all events";
    }
    words += ", only events";
    if !sink.tools.is_empty() {
        words += &format!(" of tools {}", sink.tools.join(", "));
    }
    if !sink.outcomes.is_empty() {
        let outcomes = sink.outcomes.iter().map(|outcome| outcome.as_str());
        words += &format!(" that say {}", Vec::from_iter(outcomes).join(", "));
    }
    words + ", so it cannot prove that none is missing"
}

fn gets_all(sink: &Sink) -> bool {
    sink.tools.is_empty() && sink.outcomes.is_empty()
}

fn waits_for_some(sink: &Sink) -> bool {
    sink.delivery == DeliveryMode::Required || !sink.required_tools.is_empty()
}

/// Whether the sink gets events of calls of `target`.
pub(super) fn gets(sink: &Sink, target: Target<'_>) -> bool {
    sink.tools.is_empty() || (target.kind == Kind::Tool && fits_any(sink.tools, target.name))
}

/// Whether calls of `target` wait for the sink.
pub(super) fn waits(sink: &Sink, target: Target<'_>) -> bool {
    let named = target.kind == Kind::Tool && fits_any(sink.required_tools, target.name);
    gets(sink, target) && (sink.delivery == DeliveryMode::Required || named)
}

/// Warnings.
pub(super) fn warnings(settings: &Settings, targets: &[Target<'_>]) -> Vec<String> {
    let mut warnings = Vec::new();
    for sink in settings.sinks {
        warnings.extend(unencrypted(sink));
        warnings.extend(unreachable(sink, targets));
    }
    let leaves_the_host = settings
        .sinks
        .iter()
        .any(|sink| sink.protocol != Protocol::LOG);
    if leaves_the_host && settings.audit.signing_keys.is_none() {
        warnings.push(
            "events are not signed, so a writer of the log can rewrite it; make keys with `mcp-edge keys generate \
             --audit`, and name their secret in audit.signing_keys"
                .to_owned(),
        );
    }
    if !settings.sinks.iter().any(gets_all) {
        warnings.push(
            "every sink gets some events only, so that no log can prove that none is missing; let one have all of them"
                .to_owned(),
        );
    }
    warnings.extend(destructive(settings, targets));
    warnings
}

/// Events that an attacker on the way can read and change.
fn unencrypted(sink: &Sink) -> Option<String> {
    let name = sink.name;
    let url = match sink.url? {
        TextSetting::Literal(url) if is_secure_url(url) => return None,
        TextSetting::Literal(_) => "has",
        TextSetting::Variable(_) => "may have",
    };
    let what = match sink.token {
        Some(_) => "its events and its token",
        None => "its events",
    };
    sink.allow_http.then(|| {
        format!(
            "sinks.{name} {url} an http:// URL, which allow_http lets lead to another machine: {what} can be read and changed on \
             the way; use https:// unless that network is yours"
        )
    })
}

/// What is required of a sink, or sent to it, and never happens.
fn unreachable(sink: &Sink, targets: &[Target<'_>]) -> Vec<String> {
    let name = sink.name;
    let tools = || targets.iter().filter(|target| target.kind == Kind::Tool);
    let mut warnings = Vec::new();
    if !sink.tools.is_empty() && !tools().any(|tool| gets(sink, *tool)) {
        warnings.push(format!(
            "sinks.{name} gets no event: its `tools` fit no tool that the server offers"
        ));
        return warnings;
    }
    let (mut absent, mut kept_back) = (Vec::new(), Vec::new());
    for pattern in sink.required_tools {
        let mut named = tools().filter(|tool| fits(pattern, tool.name)).peekable();
        if named.peek().is_none() {
            absent.push(format!("`{pattern}`"));
        } else if !named.any(|tool| gets(sink, *tool)) {
            kept_back.push(format!("`{pattern}`"));
        }
    }
    let fit = if absent.len() == 1 { "fits" } else { "fit" };
    for (patterns, why) in [
        (
            absent,
            format!("which {fit} no tool that the server offers"),
        ),
        (
            kept_back,
            "whose events its `tools` keep from it; add them there".to_owned(),
        ),
    ] {
        if !patterns.is_empty() {
            let patterns = listed(&patterns);
            warnings.push(format!("sinks.{name}.required_tools has {patterns}, {why}"));
        }
    }
    warnings
}

/// Tools that may destroy something without a sink that has to know, where some calls do wait for one.
fn destructive(settings: &Settings, targets: &[Target<'_>]) -> Option<String> {
    let waiting = || settings.sinks.iter().filter(|sink| waits_for_some(sink));
    waiting().next()?;
    let forgotten = targets.iter().filter(|target| {
        target.kind == Kind::Tool
            && target.destructive
            && !waiting().any(|sink| waits(sink, **target))
    });
    let forgotten: Vec<_> = forgotten.map(|tool| tool.name).collect();
    let (its_event, it, does) = match forgotten.as_slice() {
        [] => return None,
        [_] => ("its event", "it", "it does"),
        _ => ("their events", "them", "they do"),
    };
    let tools = named(["tool", "tools"], &forgotten);
    Some(format!(
        "{tools} may destroy something, and no sink has to have {its_event}; name {it} in required_tools, or say with \
         destructiveHint that {does} not"
    ))
}

#[cfg(test)]
mod tests {
    use mcp_edge_runtime::config::SigningKeysSecret;

    use mcp_edge_runtime::policy::Tenants;

    use super::*;

    const SIEM: Sink = Sink {
        name: "siem",
        protocol: mcp_edge_sinks::OTLP_LOGS,
        url: Some(TextSetting::Literal(
            "https://otel.example.com/v1/logs?key=k",
        )),
        ..Sink::DEFAULT
    };

    fn tool(name: &str, destructive: bool) -> Target<'_> {
        Target {
            kind: Kind::Tool,
            name,
            read_only: false,
            destructive,
            scopes: &[],
            upstream: None,
            tenants: Tenants::ALL,
            operations: None,
        }
    }

    fn warnings_of(sinks: &'static [Sink]) -> Vec<String> {
        let mut settings = Settings::DEFAULT;
        settings.audit.signing_keys = Some(SigningKeysSecret::in_secret("KEYS"));
        settings.sinks = sinks;
        warnings(&settings, &[tool("transfer", true), tool("list", false)])
    }

    #[test]
    fn a_sink_is_said_in_words() {
        assert_eq!(
            described(&SIEM),
            "otlp at https://otel.example.com/v1/logs, all events"
        );
        let some = Sink {
            tools: &["a_*", "b"],
            url: Some(TextSetting::Variable("OTEL")),
            ..SIEM
        };
        assert_eq!(
            described(&some),
            "otlp at what OTEL says, only events of tools a_*, b, so it cannot prove that none is missing"
        );
    }

    #[test]
    fn an_http_url_that_is_allowed_is_a_warning() {
        const COLLECTOR: Sink = Sink {
            url: Some(TextSetting::Literal("http://collector:4318")),
            allow_http: true,
            ..SIEM
        };
        const WITH_TOKEN: Sink = Sink {
            token: Some("TOKEN"),
            url: Some(TextSetting::Variable("OTEL")),
            ..COLLECTOR
        };
        for (sinks, expected) in [
            (
                &[COLLECTOR] as &[_],
                "sinks.siem has an http:// URL, which allow_http lets lead to another machine: its events can",
            ),
            (
                &[WITH_TOKEN],
                "sinks.siem may have an http:// URL, which allow_http lets lead to another machine: its events and its token can",
            ),
        ] {
            let said = warnings_of(sinks);
            assert!(
                matches!(said.as_slice(), [one] if one.starts_with(expected)),
                "{said:?}"
            );
        }
        const SECURE: Sink = Sink {
            allow_http: true,
            ..SIEM
        };
        assert_eq!(warnings_of(&[SECURE]), [""; 0]);
    }

    #[test]
    fn only_workers_have_bindings() {
        let queue = Sink {
            protocol: mcp_edge_sinks::QUEUE,
            url: None,
            binding: Some("EVENTS"),
            ..SIEM
        };
        assert!(Host::Workers.delivery(&queue).is_ok());
        for host in [Host::Spin, Host::Native] {
            let why = host.delivery(&queue).unwrap_err();
            assert!(why.contains("only Workers have bindings"), "{why}");
        }
    }

    #[test]
    fn the_place_of_an_outbox_is_stated() {
        let kept = Sink {
            outbox: true,
            delivery: DeliveryMode::Required,
            ..SIEM
        };
        for (host, place) in [
            (Host::Workers, "the binding MCP_EDGE_OUTBOX"),
            (Host::Spin, "the key-value store `default`"),
            (Host::Native, "the variable MCP_EDGE_OUTBOX"),
        ] {
            let said = host.delivery(&kept).unwrap();
            assert!(said.contains(place) && !said.contains("lost"), "{said}");
            assert!(host.delivery(&SIEM).unwrap().contains("lost"));
        }
    }

    #[test]
    fn a_sink_that_gets_everything_is_not_warned_of() {
        assert_eq!(warnings_of(&[SIEM]), [""; 0]);
        const REQUIRED: Sink = Sink {
            delivery: DeliveryMode::Required,
            ..SIEM
        };
        assert_eq!(warnings_of(&[REQUIRED]), [""; 0]);
    }

    #[test]
    fn a_required_tool_that_does_not_exist_is_warned_of() {
        const ABSENT: Sink = Sink {
            required_tools: &["transfr", "transfer"],
            ..SIEM
        };
        let said = warnings_of(&[ABSENT]);
        assert!(
            matches!(said.as_slice(), [one] if one.contains("`transfr`, which fits no tool")),
            "{said:?}"
        );
        const FILTERED: Sink = Sink {
            tools: &["list"],
            required_tools: &["transfer"],
            ..SIEM
        };
        let said = warnings_of(&[FILTERED]).join("\n");
        assert!(said.contains("keep from it"), "{said}");
        assert!(said.contains("every sink gets some events only"), "{said}");
        const NOTHING: Sink = Sink {
            tools: &["absent"],
            ..SIEM
        };
        let said = warnings_of(&[SIEM, NOTHING]);
        assert!(
            matches!(said.as_slice(), [one] if one.contains("gets no event")),
            "{said:?}"
        );
    }

    #[test]
    fn a_destructive_tool_that_no_sink_requires_is_warned_of() {
        const OTHERS: Sink = Sink {
            required_tools: &["list"],
            ..SIEM
        };
        let said = warnings_of(&[OTHERS]);
        assert!(
            matches!(said.as_slice(), [one] if one.contains("tool `transfer` may destroy")),
            "{said:?}"
        );
        const BOTH: Sink = Sink {
            required_tools: &["*"],
            ..SIEM
        };
        assert_eq!(warnings_of(&[OTHERS, BOTH]), [""; 0]);
    }

    #[test]
    fn events_that_are_not_signed_are_named() {
        let mut settings = Settings::DEFAULT;
        assert_eq!(warnings(&settings, &[]), [""; 0]);
        settings.sinks = &[SIEM];
        let said = warnings(&settings, &[]);
        assert!(
            matches!(said.as_slice(), [one] if one.contains("not signed")),
            "{said:?}"
        );
    }
}
