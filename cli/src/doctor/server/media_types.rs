//! What a body has to be declared as.

use super::super::finding::{CheckResult, must, warning};
use super::call::Call;
use super::visit::Visit;

pub(super) fn check(visit: &Visit) -> CheckResult {
    visit.discovery()?;
    let call = Call::modern("server/discover").with("content-type", "text/plain");
    let answer = visit.ask(call)?;
    must(answer.result().is_none(), || {
        warning(
            "it serves a body that is declared as text/plain, which a page of any origin may send without being asked",
            "have it refuse everything but application/json with 415",
        )
    })?;
    Ok(format!(
        "a body that is not declared as JSON is answered {}",
        answer.described()
    ))
}
