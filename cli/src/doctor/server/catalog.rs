//! The AI catalog of a domain, by which its servers are found (SEP-2127).

use http::StatusCode;
use mcp_edge_runtime::discovery::card::{CARD_TYPE, CATALOG_TYPE};
use serde::Deserialize as _;
use serde_json::Value as Json;

use super::super::finding::{CheckResult, Problem, error, must, warning};
use super::card;
use super::visit::{Visit, must_be_there};
use crate::card::{Card, Catalogue, Listed};
use crate::style::shown;

const SHAPE: &str =
    "write each entry with `identifier` (urn:air:…), `type`, and either `url` or `data`";

pub(super) fn check(visit: &Visit) -> CheckResult {
    let answer = visit.catalog()?;
    must(
        !matches!(
            answer.status,
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
        ),
        || {
            warning(
                "its domain has no AI catalog, by which clients and registries find servers",
                "nothing, if clients need not discover it; mcp-edge publishes one where server.url is set",
            )
        },
    )?;
    let url = visit.target.catalog();
    let catalog = must_be_there(&url, answer)?;
    let version = catalog.get("specVersion").and_then(Json::as_str);
    must(version.is_some(), || {
        error(
            "the AI catalog has no `specVersion`",
            "add \"specVersion\": \"1.0\"",
        )
    })?;
    let entries = catalog.get("entries").and_then(Json::as_array);
    let entries = entries.ok_or_else(|| error("the AI catalog has no list `entries`", SHAPE))?;
    entries.iter().try_for_each(well_formed)?;
    let cards = serde_json::from_str(&answer.body).map(Catalogue::cards);
    let cards = cards.unwrap_or_default();
    must(cards.iter().any(|card| is_listed(card, visit)), || {
        warning(
            "no entry of the AI catalog leads to this server's card",
            format!(
                "add one with \"type\": \"{}\" and the card's URL",
                CARD_TYPE
            ),
        )
    })?;
    must(answer.is_for_every_origin(), || {
        warning(
            "pages of other origins cannot read the AI catalog",
            "send Access-Control-Allow-Origin: * with it",
        )
    })?;
    let kind = answer.media_type();
    must(
        matches!(kind.as_str(), CATALOG_TYPE | "application/json"),
        || {
            warning(
                format!("the AI catalog has Content-Type `{}`", shown(&kind)),
                format!("send {CATALOG_TYPE}"),
            )
        },
    )?;
    Ok("names this server's card".to_owned())
}

fn well_formed(entry: &Json) -> Result<(), Problem> {
    let text = |name| entry.get(name).and_then(Json::as_str).unwrap_or_default();
    let identifier = text("identifier");
    must(
        identifier.starts_with("urn:air:") && !text("type").is_empty(),
        || {
            error(
                format!(
                    "the entry `{}` of the AI catalog is not well formed",
                    shown(identifier)
                ),
                SHAPE,
            )
        },
    )?;
    must(
        entry.get("url").is_some() != entry.get("data").is_some(),
        || {
            error(
                format!(
                    "the entry `{}` of the AI catalog has not exactly one of `url` and `data`",
                    shown(identifier)
                ),
                SHAPE,
            )
        },
    )
}

/// Whether `card` is that of the server.
fn is_listed(card: &Listed, visit: &Visit) -> bool {
    match card {
        Listed::At(url) => *url == visit.target.card(),
        Listed::Inside(card) => {
            Card::deserialize(card).is_ok_and(|card| card::is_of(&card, &visit.target))
        }
    }
}
