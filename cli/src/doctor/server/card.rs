//! The Server Card, by which a server is known before anybody connects (SEP-2127).

use std::collections::BTreeSet;

use http::{StatusCode, header};
use mcp_edge_runtime::discovery::card::CARD_TYPE;
use serde_json::Value as Json;

use super::super::finding::{CheckResult, Problem, error, must, warning};
use super::discover::{SERVER_INFO, versions};
use super::target::Target;
use super::visit::{Visit, must_be_there};
use crate::card::{Card, Remote, faults};
use crate::style::shown;

pub(super) fn check(visit: &Visit) -> CheckResult {
    let document = visit.card()?;
    let (url, answer) = (&document.url, &document.answer);
    must(
        !matches!(
            answer.status,
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
        ),
        || {
            warning(
                format!(
                    "there is no Server Card at {}, from which registries and clients learn what it is",
                    shown(url)
                ),
                "nothing, if clients need not discover it; mcp-edge serves one where server.url is set and the server's name has a namespace",
            )
        },
    )?;
    let card = must_be_there(url, answer)?;
    let faults = faults(&card);
    must(faults.is_empty(), || {
        error(
            format!("the Server Card is not valid: {}", shown(&faults)),
            "correct it; registries refuse it as it is",
        )
    })?;
    let kind = answer.media_type();
    must(kind == CARD_TYPE, || {
        warning(
            format!("the Server Card has Content-Type `{}`", shown(&kind)),
            format!("send {CARD_TYPE}"),
        )
    })?;
    Ok(format!("is at {}", shown(url)))
}

/// Whether it says what the server says itself (SEP-2127, consistency with runtime behaviour).
pub(super) fn agreement(visit: &Visit) -> CheckResult {
    let (_, card) = visit.readable_card()?;
    must(is_of(&card, &visit.target), || {
        warning(
            format!(
                "no remote of the Server Card is {}",
                shown(&visit.target.url)
            ),
            "name the URL that clients use; with mcp-edge, set server.url to it",
        )
    })?;
    let discovery = visit.discovery()?;
    let said = |member| {
        let info = discovery.pointer(SERVER_INFO);
        let said = info.and_then(|info| info.get(member));
        said.and_then(Json::as_str)
    };
    // Many servers call themselves by the name without its namespace.
    let short = card.name.rsplit('/').next();
    agrees(
        "name",
        Some(&card.name),
        said("name").filter(|name| Some(*name) != short),
    )?;
    agrees("version", card.version.as_deref(), said("version"))?;
    let served: BTreeSet<_> = versions(&discovery).into_iter().collect();
    let stated: BTreeSet<_> = of_target(&card, &visit.target)
        .flat_map(|remote| remote.supported_protocol_versions.iter().flatten().cloned())
        .collect();
    must(stated.is_empty() || stated == served, || {
        let list = |versions: &BTreeSet<String>| {
            let versions: Vec<_> = versions.iter().map(|version| shown(version)).collect();
            versions.join(", ")
        };
        error(
            format!(
                "the Server Card has the revisions {}, and the server serves {}",
                list(&stated),
                list(&served)
            ),
            "correct `supportedProtocolVersions`; clients choose by it before they connect",
        )
    })?;
    Ok("name, version and revisions are those of the server".to_owned())
}

fn agrees(member: &str, stated: Option<&str>, said: Option<&str>) -> Result<(), Problem> {
    must(said.is_none() || stated == said, || {
        warning(
            format!(
                "`{member}` of the Server Card is `{}`, and the server says `{}`",
                shown(stated.unwrap_or_default()),
                shown(said.unwrap_or_default())
            ),
            "deploy both together, or drop what caches the card",
        )
    })
}

/// Whether pages of every origin may read it (SEP-2127, hosting).
pub(super) fn cors(visit: &Visit) -> CheckResult {
    let (document, _) = visit.readable_card()?;
    must(document.answer.is_for_every_origin(), || {
        error(
            "pages of other origins cannot read the Server Card",
            "send Access-Control-Allow-Origin: * with it; it is public anyway",
        )
    })?;
    must(
        document
            .answer
            .lists(&header::ACCESS_CONTROL_EXPOSE_HEADERS, "etag"),
        || {
            warning(
                "pages of other origins cannot see the ETag of the Server Card",
                "send Access-Control-Expose-Headers: ETag with it",
            )
        },
    )?;
    let answer = visit.preflight(&document.url, "GET", "content-type, if-none-match")?;
    let is_allowed = ["content-type", "if-none-match"].into_iter().all(|name| {
        let listed = |item| answer.lists(&header::ACCESS_CONTROL_ALLOW_HEADERS, item);
        listed(name) || listed("*")
    });
    must(
        answer.status.is_success() && answer.is_for_every_origin() && is_allowed,
        || {
            warning(
                "pages of other origins cannot ask whether the Server Card has changed",
                "answer OPTIONS with Access-Control-Allow-Origin: *, Access-Control-Allow-Methods: GET and \
             Access-Control-Allow-Headers: Content-Type, If-None-Match",
            )
        },
    )?;
    Ok("pages of every origin may read it".to_owned())
}

/// Whether it costs little to look again (RFC 9110, 8.8.3 and 13.1.2).
pub(super) fn cache(visit: &Visit) -> CheckResult {
    let (document, _) = visit.readable_card()?;
    let (url, answer) = (&document.url, &document.answer);
    let tag = answer.header(header::ETAG).ok_or_else(|| {
        warning(
            "the Server Card has no ETag",
            "send one, and answer 304 to If-None-Match",
        )
    })?;
    must(answer.header(header::CACHE_CONTROL).is_some(), || {
        warning(
            "the Server Card does not say how long it holds",
            "send Cache-Control: public, max-age=3600",
        )
    })?;
    let again = visit
        .read(url, &[("accept", CARD_TYPE), ("if-none-match", tag)])
        .map_err(|error| error.at(url))?;
    must(again.status == StatusCode::NOT_MODIFIED, || {
        warning(
            format!(
                "a client that has the Server Card already is answered {}",
                again.described()
            ),
            "answer 304 where If-None-Match has the ETag, which every instance must make alike",
        )
    })?;
    must(again.body.is_empty(), || {
        error("a 304 of the Server Card has a body", "send none with 304")
    })?;
    Ok("a client that has it already is answered 304".to_owned())
}

/// Whether `card` is that of the server at `target`.
pub(super) fn is_of(card: &Card, target: &Target) -> bool {
    of_target(card, target).next().is_some()
}

fn of_target<'a>(card: &'a Card, target: &'a Target) -> impl Iterator<Item = &'a Remote> {
    card.streamable().filter(|remote| target.is(&remote.url))
}
