//! The server's clock, by which tokens begin and end.

use std::time::{Duration, SystemTime};

use chrono::DateTime;
use http::header;

use super::super::finding::{CheckResult, Problem, error, must, warning};
use super::visit::Visit;

/// How far two clocks may be apart without anybody minding.
const NOTICED: Duration = Duration::from_secs(60);
/// The most that `auth.leeway` of mcp.toml can be.
const MAX_LEEWAY: Duration = Duration::from_secs(300);

pub(super) fn check(visit: &Visit) -> CheckResult {
    let answer = visit.discovered().as_ref().map_err(|_| Problem::Skipped)?;
    let stated = answer.header(header::DATE).and_then(time).ok_or_else(|| {
        warning(
            "it does not say what time it is",
            "have it, or what stands before it, send a Date header",
        )
    })?;
    let difference = apart(stated, answer.at);
    let seconds = difference.as_secs();
    let leeway = visit.leeway.unwrap_or(MAX_LEEWAY);
    let fix = "set the clock of the one that is wrong, with NTP";
    must(difference <= leeway, || {
        let leeway = leeway.as_secs();
        error(
            format!(
                "its clock and this machine's are {seconds} s apart, more than the leeway of {leeway} s with which tokens are \
                 judged"
            ),
            fix,
        )
    })?;
    must(difference <= NOTICED, || {
        warning(
            format!("its clock and this machine's are {seconds} s apart"),
            fix,
        )
    })?;
    Ok("its clock and this machine's agree".to_owned())
}

/// A date of HTTP (RFC 9110, 5.6.7).
fn time(text: &str) -> Option<SystemTime> {
    DateTime::parse_from_rfc2822(text)
        .ok()
        .map(SystemTime::from)
}

fn apart(one: SystemTime, other: SystemTime) -> Duration {
    match one.duration_since(other) {
        Ok(ahead) => ahead,
        Err(behind) => behind.duration(),
    }
}
