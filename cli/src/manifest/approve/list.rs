//! The list `approvals.tools` in the text of a file. Every byte outside of the list stays: comments, line ends, the order, and
//! a byte order mark.

use std::collections::BTreeSet;
use std::ops::Range;

use toml_edit::{Array, Document, Item};

use crate::byte_order_mark::split_marks;
use crate::style::shown;

/// A tool's name and digest.
type Tool = (String, String);

/// The table with the list.
pub(super) fn table(tools: &[Tool]) -> String {
    format!("[approvals]\ntools = {}\n", list(tools, "\n"))
}

/// `text` with a list that approves `tools` and nothing else, for `environment` or else for the base. The error says what of the
/// file is in the way.
pub(super) fn edited(
    text: &str,
    environment: Option<&str>,
    tools: &[Tool],
) -> Result<String, String> {
    let (mark, toml) = split_marks(text);
    let edited = edited_toml(toml, environment, tools)?;
    Ok(format!("{mark}{edited}"))
}

fn edited_toml(text: &str, environment: Option<&str>, tools: &[Tool]) -> Result<String, String> {
    let end_of_line = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let file = Document::parse(text).map_err(|error| error.message().to_owned())?;
    let mut parent = Some(file.as_item());
    for key in environment
        .into_iter()
        .flat_map(|name| ["environments", name])
    {
        parent = parent.and_then(|parent| parent.get(key));
    }
    let manifest = parent.and_then(|parent| parent.get("approvals"));
    let found = manifest.and_then(|manifest| manifest.get("tools"));
    if let Some(Item::Value(toml_edit::Value::Array(array))) = found {
        let whole = array
            .span()
            .ok_or("approvals.tools has no place in the file")?;
        return changed(text, array, whole, tools, end_of_line);
    }
    let line = format!("tools = {}{end_of_line}", list(tools, end_of_line));
    match manifest {
        None => {
            let heading = match environment {
                Some(name) => format!("[environments.{}.approvals]", toml_edit::Key::new(name)),
                None => "[approvals]".to_owned(),
            };
            let mut text = text.to_owned();
            if !text.is_empty() && !text.ends_with('\n') {
                text.push_str(end_of_line);
            }
            if !text.is_empty() {
                text.push_str(end_of_line);
            }
            Ok(format!("{text}{heading}{end_of_line}{line}"))
        }
        Some(Item::Table(table)) if !table.is_dotted() && !table.is_implicit() => {
            let heading = table.span().ok_or("approvals has no place in the file")?;
            let after = line_end(text, heading.end);
            replaced(text, after..after, &line)
        }
        Some(_) => Err(
            "it has a table approvals on one line; write it as [approvals], or add approvals.tools by hand".to_owned(),
        ),
    }
}

/// The text in which the list `array` at `whole` approves `tools`. Lines of the list that still hold stay as they are.
fn changed(
    text: &str,
    array: &Array,
    whole: Range<usize>,
    tools: &[Tool],
    end_of_line: &str,
) -> Result<String, String> {
    let digests: BTreeSet<&str> = tools.iter().map(|(_, digest)| digest.as_str()).collect();
    let listed: Vec<&str> = array.iter().filter_map(toml_edit::Value::as_str).collect();
    let known: BTreeSet<&str> = listed.iter().copied().collect();
    if known == digests {
        return Ok(text.to_owned());
    }
    let has_comments = text
        .get(whole.clone())
        .is_some_and(|list| list.contains('#'));
    let lines = lines(text, array, &whole)
        .filter(|lines| has_comments || lines.iter().all(|line| !line.shares_bracket));
    let Some(lines) = lines else {
        if has_comments {
            return Err("approvals.tools has comments and several digests on one line; write each on its own line, or take the comments out".to_owned());
        }
        return replaced(text, whole, &list(tools, end_of_line));
    };

    let mut new = String::new();
    let mut copied = 0;
    let mut indent = "  ";
    for (value, line) in listed.iter().zip(&lines) {
        let part = |range: Range<usize>| text.get(range).unwrap_or_default();
        let Range { start, end } = line.whole;
        new.push_str(part(copied..start));
        if digests.contains(value) {
            if !line.shares_bracket {
                indent = part(start..line.digest.start);
            }
            new.push_str(part(start..line.digest.end));
            let behind = part(line.digest.end..end);
            if !behind.trim_start().starts_with(',') {
                new.push(',');
            }
            new.push_str(behind);
        } else if line.shares_bracket && part(start..end).ends_with('\n') {
            // The opening bracket keeps the end of its line.
            new.push_str(end_of_line);
        }
        copied = end;
    }
    let close = whole.end.saturating_sub(1);
    let rest = text.get(copied..close).unwrap_or_default();
    // New lines go before the line of the closing bracket.
    let cut = rest.rfind('\n').map_or(0, |end| end.saturating_add(1));
    let (rest, before_close) = rest.split_at_checked(cut).unwrap_or((rest, ""));
    new.push_str(rest);
    if !new.ends_with('\n') {
        new.push_str(end_of_line);
    }
    for (name, digest) in tools
        .iter()
        .filter(|(_, digest)| !known.contains(digest.as_str()))
    {
        new.push_str(&format!("{indent}{}{end_of_line}", entry(name, digest)));
    }
    new.push_str(before_close);
    new.push_str(text.get(close..).unwrap_or_default());
    Ok(new)
}

/// A line of the list.
struct Line {
    /// All of it that is within the brackets, with its end.
    whole: Range<usize>,
    /// Its only value.
    digest: Range<usize>,
    shares_bracket: bool,
}

/// The line of each value of the list; `None` if some value shares its line with another one.
fn lines(text: &str, array: &Array, whole: &Range<usize>) -> Option<Vec<Line>> {
    let inside = whole.start.saturating_add(1)..whole.end.saturating_sub(1);
    let values = array.iter().map(|value| {
        let digest = value.span()?;
        let begin = text
            .get(..digest.start)?
            .rfind('\n')
            .map_or(0, |end| end.saturating_add(1));
        let end = line_end(text, digest.end);
        let line = begin.max(inside.start)..end.min(inside.end);
        let rest = text.get(digest.end..line.end)?.trim_start();
        let rest = rest.strip_prefix(',').unwrap_or(rest).trim();
        let is_alone = text.get(line.start..digest.start)?.trim().is_empty()
            && (rest.is_empty() || rest.starts_with('#'));
        is_alone.then(|| Line {
            shares_bracket: line != (begin..end),
            whole: line,
            digest,
        })
    });
    let values: Vec<_> = values.collect::<Option<_>>()?;
    (!values.is_empty()).then_some(values)
}

/// Where the line around `place` ends, its line end included.
fn line_end(text: &str, place: usize) -> usize {
    let rest = text.get(place..).unwrap_or_default();
    rest.find('\n').map_or(text.len(), |end| {
        place.saturating_add(end).saturating_add(1)
    })
}

fn replaced(text: &str, range: Range<usize>, by: &str) -> Result<String, String> {
    let (before, after) = (text.get(..range.start), text.get(range.end..));
    let (Some(before), Some(after)) = (before, after) else {
        return Err("approvals.tools has no place in the file".to_owned());
    };
    // The last line of a file may have no end.
    let missing = match before.ends_with('\n') || before.is_empty() || range.start != range.end {
        true => "",
        false => "\n",
    };
    Ok(format!("{before}{missing}{by}{after}"))
}

fn list(tools: &[Tool], end_of_line: &str) -> String {
    let lines = tools
        .iter()
        .map(|(name, digest)| format!("  {}{end_of_line}", entry(name, digest)));
    format!("[{end_of_line}{}]", lines.collect::<String>())
}

/// A line of the list. A name cannot end it: line ends are escaped.
fn entry(name: &str, digest: &str) -> String {
    format!("\"{digest}\", # {}", shown(name))
}

#[cfg(test)]
mod tests {
    use mcp_edge_config::{Value, read};

    use super::*;

    fn digest(of: char) -> String {
        format!("sha256:{}", of.to_string().repeat(64))
    }

    fn tools(names: &str) -> Vec<Tool> {
        names
            .chars()
            .map(|name| (name.to_string(), digest(name)))
            .collect()
    }

    /// The list with a line for each of `names`.
    fn lines_of(names: &str) -> String {
        let lines = names
            .chars()
            .map(|name| format!("  \"{}\", # {name}\n", digest(name)));
        lines.collect()
    }

    fn approved(text: &str, environment: Option<&str>) -> Vec<String> {
        let configuration = read(text).unwrap();
        let settings = crate::file::settings(&configuration, environment).unwrap();
        match &settings["approvals.tools"].value {
            Value::Words(words) => words.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_without_the_list_gets_it() {
        let list = format!("tools = [\n{}]\n", lines_of("a"));
        for (before, after) in [
            ("", format!("[approvals]\n{list}")),
            (
                "[limits]\npage_size = 7",
                format!("[limits]\npage_size = 7\n\n[approvals]\n{list}"),
            ),
            (
                "[approvals] # reviewed\n# why\n[limits]\npage_size = 7\n",
                format!("[approvals] # reviewed\n{list}# why\n[limits]\npage_size = 7\n"),
            ),
            ("[approvals]", format!("[approvals]\n{list}")),
        ] {
            assert_eq!(edited(before, None, &tools("a")).unwrap(), after);
            assert_eq!(approved(&after, None), [digest('a')]);
        }
    }

    #[test]
    fn approving_twice_changes_nothing() {
        for names in ["a", "abc"] {
            let once = edited("# mine\n", None, &tools(names)).unwrap();
            assert_eq!(edited(&once, None, &tools(names)).unwrap(), once);
        }
    }

    #[test]
    fn lines_that_still_hold_stay_as_they_are() {
        let before = format!(
            "[approvals]\n# Reviewed by the platform team.\ntools = [\n  # Reads only.\n    '{}' , # a, ticket 7\n{}  # The end.\n] # list\n[limits]\npage_size = 7 # x\n",
            digest('a'),
            lines_of("bc"),
        );
        let after = edited(&before, None, &tools("acd")).unwrap();
        assert_eq!(
            after,
            format!(
                "[approvals]\n# Reviewed by the platform team.\ntools = [\n  # Reads only.\n    '{}' , # a, ticket 7\n{}  # The end.\n{}] # list\n[limits]\npage_size = 7 # x\n",
                digest('a'),
                lines_of("c"),
                lines_of("d"),
            )
        );
        assert_eq!(
            approved(&after, None),
            ["a", "c", "d"].map(|name| digest(name.chars().next().unwrap()))
        );
    }

    #[test]
    fn a_last_line_without_a_comma_gets_one() {
        let before = format!("[approvals]\ntools = [\n  \"{}\" # a\n]\n", digest('a'));
        let after = edited(&before, None, &tools("ab")).unwrap();
        assert_eq!(approved(&after, None), [digest('a'), digest('b')]);
        assert!(after.contains("\", # a\n"), "{after}");
    }

    #[test]
    fn a_value_beside_a_bracket_keeps_its_comment() {
        let [a, b] = ['a', 'b'].map(digest);
        let before = format!("[approvals]\ntools = [\"{a}\", # Reads only.\n  \"{b}\"] # list\n");
        for (names, list) in [
            ("b", format!("[\n  \"{b}\",\n]")),
            (
                "abc",
                format!("[\"{a}\", # Reads only.\n  \"{b}\",\n{}]", lines_of("c")),
            ),
            ("ac", format!("[\"{a}\", # Reads only.\n{}]", lines_of("c"))),
            ("c", format!("[\n{}]", lines_of("c"))),
        ] {
            let after = edited(&before, None, &tools(names)).unwrap();
            let expected = format!("[approvals]\ntools = {list} # list\n");
            assert_eq!(after, expected, "{names}");
            assert_eq!(approved(&after, None).len(), names.len());
            let crlf = edited(&before.replace('\n', "\r\n"), None, &tools(names)).unwrap();
            assert_eq!(crlf, expected.replace('\n', "\r\n"), "{names}");
        }
    }

    #[test]
    fn line_ends_and_marks_stay() {
        let before = format!(
            "\u{feff}[limits]\r\npage_size = 7\r\n[approvals]\r\ntools = [\r\n  \"{}\",\r\n]\r\n",
            digest('a')
        );
        for names in ["a", "b", "abc"] {
            let after = edited(&before, None, &tools(names)).unwrap();
            assert!(after.starts_with("\u{feff}[limits]\r\n"));
            assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
            assert_eq!(approved(&after, None).len(), names.len());
        }
        let mixed = format!(
            "[limits]\npage_size = 7\r\n[approvals]\ntools = [\"{}\"]\n",
            digest('a')
        );
        let after = edited(&mixed, None, &tools("b")).unwrap();
        assert!(
            after.starts_with("[limits]\npage_size = 7\r\n[approvals]\ntools = ["),
            "{after:?}"
        );
    }

    #[test]
    fn every_way_to_write_it_is_understood_or_refused() {
        let a = digest('a');
        for before in [
            format!("approvals.tools = [\"{a}\"]\n"),
            format!("approvals = {{ tools = [\"{a}\"] }}\n"),
            format!(
                "[approvals]\ntools = [\n  \"{a}\", \"{}\",\n]\n",
                digest('c')
            ),
            format!("[approvals]\ntools = [\"{a}\",\n]\n"),
            "[approvals]\ntools = []\n".to_owned(),
            "[approvals]\ntools = [\n]\n".to_owned(),
        ] {
            let after = edited(&before, None, &tools("ab")).unwrap();
            let approved: BTreeSet<_> = approved(&after, None).into_iter().collect();
            assert_eq!(
                approved,
                BTreeSet::from([digest('a'), digest('b')]),
                "{after}"
            );
        }
        for before in [
            "approvals = {}\n".to_owned(),
            format!(
                "[approvals]\ntools = [\n  # both\n  \"{a}\", \"{}\",\n]\n",
                digest('c')
            ),
        ] {
            assert!(edited(&before, None, &tools("b")).is_err(), "{before}");
        }
    }

    #[test]
    fn an_environment_has_a_list_of_its_own() {
        let before = format!(
            "[approvals]\ntools = [\"{}\"]\n[environments.production.limits]\npage_size = 7\n",
            digest('a')
        );
        let after = edited(&before, Some("production"), &tools("b")).unwrap();
        assert!(after.starts_with(&before), "{after}");
        assert_eq!(approved(&after, None), [digest('a')]);
        assert_eq!(approved(&after, Some("production")), [digest('b')]);
        let again = edited(&after, Some("production"), &tools("bc")).unwrap();
        assert_eq!(approved(&again, Some("production")).len(), 2);
    }

    #[test]
    fn a_name_cannot_write_into_the_file() {
        let tool = vec![("x\n]\n[access]\npublic = true # ".to_owned(), digest('a'))];
        let after = edited("", None, &tool).unwrap();
        assert_eq!(after.lines().count(), 4, "{after}");
        assert_eq!(approved(&after, None), [digest('a')]);
    }
}
