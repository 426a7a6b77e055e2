//! What a server logs, as a developer reads it.

use std::io::{BufRead, BufReader, Read, Write as _};
use std::thread::JoinHandle;

use anstyle::Style;
use serde_json::Value as Json;

use crate::style::{BAD, CAUTION, GOOD, fit_for_a_terminal, shown, styled};

/// Prints each line of `log` on standard output, in a thread that ends with the log: an event as one line for people, or as it is
/// if `is_raw`. What is not JSON goes to standard error.
pub(super) fn print(log: impl Read + Send + 'static, is_raw: bool) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut log = BufReader::new(log);
        let mut line = Vec::new();
        while log.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\r', '\n']);
            // The reader of standard output may have closed it.
            let _ = match (serde_json::from_str(text), is_raw) {
                (Ok(Json::Object(_)), true) => writeln!(std::io::stdout(), "{text}"),
                (Ok(entry @ Json::Object(_)), false) => match readable(&entry) {
                    Some(entry) => writeln!(anstream::stdout(), "{}", fit_for_a_terminal(&entry)),
                    None => Ok(()),
                },
                _ => writeln!(anstream::stderr(), "{}", fit_for_a_terminal(text)),
            };
            line.clear();
        }
    })
}

/// One line for an entry: a request with its time, method, name, principal, outcome and duration, or a warning. `None` for an
/// event that is not about a request of a client.
fn readable(entry: &Json) -> Option<String> {
    let text = |pointer: &str| entry.pointer(pointer).and_then(Json::as_str);
    let time = text("/time").and_then(|time| time.get(11..19));
    let time = time.unwrap_or("--:--:--");
    if let Some(message) = text("/message") {
        return Some(format!(
            "{time}  {} {}",
            styled(CAUTION, "warning"),
            shown(message)
        ));
    }
    let outcome = match text("/event")? {
        "mcp.request" => text("/outcome")?,
        "mcp.loss" | "mcp.withheld" => {
            let what = text("/detail").unwrap_or("events were not delivered");
            return Some(format!(
                "{time}  {} {}",
                styled(CAUTION, "audit"),
                shown(what)
            ));
        }
        _ => return None,
    };
    let style = match outcome {
        "ok" | "accepted" => GOOD,
        "input_required" | "cancelled" => Style::new(),
        "tool_error" | "protocol_error" | "refused" => CAUTION,
        _ => BAD,
    };
    let what = match (text("/method"), text("/name"), text("/path")) {
        (Some(method), Some(name), _) => format!("{} {}", shown(method), shown(name)),
        (Some(one), None, _) | (None, _, Some(one)) => shown(one),
        (None, _, None) => "-".to_owned(),
    };
    let who = text("/principal/subject").map_or_else(|| "anonymous".to_owned(), shown);
    let mut line = format!("{time}  {what:<32}  {who:<12}  {}", styled(style, outcome));
    let status = entry.get("status").and_then(Json::as_u64);
    if let Some(status) = status.filter(|status| *status >= 400) {
        line.push_str(&format!(" {status}"));
    }
    let why = text("/token_error").or_else(|| text("/reason"));
    if let Some(why) = why {
        line.push_str(&format!(" {}", shown(why)));
    }
    if let Some(duration) = entry.get("duration_ms").and_then(Json::as_u64) {
        line.push_str(&format!("  {duration} ms"));
    }
    if let Some(detail) = text("/detail") {
        line.push_str(&format!("\n          {}", shown(detail)));
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plain(entry: Json) -> Option<String> {
        let line = readable(&entry)?;
        Some(anstream::adapter::strip_str(&line).to_string())
    }

    #[test]
    fn a_request_is_one_line_with_what_a_developer_looks_for() {
        let mut event = json!({
            "event": "mcp.request", "time": "2026-11-30T09:33:11.256Z", "method": "tools/call", "name": "count_words",
            "principal": { "subject": "ada" }, "outcome": "ok", "status": 200, "duration_ms": 3,
        });
        assert_eq!(
            plain(event.clone()).unwrap(),
            "09:33:11  tools/call count_words            ada           ok  3 ms"
        );
        event["outcome"] = json!("refused");
        event["status"] = json!(403);
        event["reason"] = json!("insufficient_scope");
        event["detail"] = json!("needs\u{1b}[2J fraud:read");
        event["principal"] = json!({});
        assert_eq!(
            plain(event).unwrap(),
            "09:33:11  tools/call count_words            anonymous     refused 403 insufficient_scope  3 ms\n          \
             needs\\u{1b}[2J fraud:read"
        );
    }

    #[test]
    fn warnings_are_shown_and_other_events_are_not() {
        let warning =
            json!({ "level": "warn", "message": "not ready", "time": "2026-11-30T09:33:11Z" });
        assert_eq!(plain(warning).unwrap(), "09:33:11  warning not ready");
        assert_eq!(plain(json!({ "event": "mcp.end" })), None);
        assert_eq!(plain(json!({})), None);
    }
}
