//! Additions to a TOML file that people maintain. Nothing in it is changed or taken away.

use toml_edit::{Array, ArrayOfTables, InlineTable, Item, RawString, Table, TableLike, Value};

/// What is below `path`.
pub(super) fn get<'a>(root: &'a Table, path: &[&str]) -> Option<&'a Item> {
    let mut item: Option<&Item> = None;
    for key in path {
        item = match item {
            None => root.get(key),
            Some(parent) => parent.as_table_like()?.get(key),
        };
        item?;
    }
    item
}

/// The texts of the list at `path`.
pub(super) fn texts<'a>(root: &'a Table, path: &[&str]) -> Vec<&'a str> {
    let list = get(root, path).and_then(Item::as_array);
    let values = list.into_iter().flatten();
    values.filter_map(Value::as_str).collect()
}

/// The tables of the list at `path`, however it is written.
pub(super) fn entries<'a>(root: &'a Table, path: &[&str]) -> Vec<&'a dyn TableLike> {
    match get(root, path) {
        Some(Item::ArrayOfTables(tables)) => {
            tables.iter().map(|table| table as &dyn TableLike).collect()
        }
        Some(Item::Value(Value::Array(array))) => array
            .iter()
            .filter_map(Value::as_inline_table)
            .map(|table| table as &dyn TableLike)
            .collect(),
        _ => Vec::new(),
    }
}

/// The text that `table` has under `key`.
pub(super) fn text_in<'a>(table: &'a dyn TableLike, key: &str) -> Option<&'a str> {
    table.get(key)?.as_str()
}

/// The place in the file has another shape than it must have.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ShapeMismatch(pub(super) String);

/// The table at `path`, made where it is not there, and whether it stands on one line. Tables on the way get no heading of
/// their own.
fn table<'a>(
    root: &'a mut Table,
    path: &[&str],
) -> Result<(&'a mut dyn TableLike, bool), ShapeMismatch> {
    let mut table: &mut dyn TableLike = root;
    let mut inline = false;
    for key in path {
        let item = table.entry(key).or_insert_with(|| new_table(inline));
        inline = item.is_inline_table();
        table = item
            .as_table_like_mut()
            .ok_or_else(|| ShapeMismatch(format!("`{key}` is no table")))?;
    }
    Ok((table, inline))
}

fn new_table(inline: bool) -> Item {
    if inline {
        return Item::Value(Value::InlineTable(InlineTable::new()));
    }
    let mut table = Table::new();
    table.set_implicit(true);
    table.decor_mut().set_prefix("\n");
    Item::Table(table)
}

/// Adds `value` as the last of `path`.
pub(super) fn set(
    root: &mut Table,
    path: &[&str],
    value: impl Into<Value>,
) -> Result<(), ShapeMismatch> {
    if let Some((key, parents)) = path.split_last() {
        let (table, inline) = table(root, parents)?;
        make_room(table, inline);
        table.insert(key, Item::Value(value.into()));
    }
    Ok(())
}

/// Adds `entry` to the list of tables at `path`, below `comment` where a comment can stand.
pub(super) fn push_entry(
    root: &mut Table,
    path: &[&str],
    mut entry: Table,
    comment: &str,
) -> Result<(), ShapeMismatch> {
    let Some((key, parents)) = path.split_last() else {
        return Ok(());
    };
    let (table, inline) = table(root, parents)?;
    if !table.contains_key(key) {
        make_room(table, inline);
    }
    let list = table.entry(key).or_insert_with(|| match inline {
        true => Item::Value(Value::Array(Array::new())),
        false => Item::ArrayOfTables(ArrayOfTables::new()),
    });
    entry.decor_mut().set_prefix(format!("\n# {comment}\n"));
    match list {
        Item::ArrayOfTables(tables) => tables.push(entry),
        Item::Value(Value::Array(array)) => push(array, entry.into_inline_table()),
        _ => return Err(ShapeMismatch(format!("`{key}` is no list"))),
    }
    Ok(())
}

/// Lets a comma follow the last value of a table on one line as it follows the others: without a blank before it.
fn make_room(table: &mut dyn TableLike, inline: bool) {
    let last = table.iter_mut().last().filter(|_| inline);
    let Some(value) = last.and_then(|(_, item)| item.as_value_mut()) else {
        return;
    };
    let suffix = value.decor().suffix().and_then(|suffix| suffix.as_str());
    if suffix.is_some_and(|suffix| suffix.trim_matches(' ').is_empty()) {
        value.decor_mut().set_suffix("");
    }
}

/// Adds `text` to the list of texts at `path`.
pub(super) fn push_text(root: &mut Table, path: &[&str], text: &str) -> Result<(), ShapeMismatch> {
    let Some((key, parents)) = path.split_last() else {
        return Ok(());
    };
    let (table, _) = table(root, parents)?;
    let list = table
        .entry(key)
        .or_insert_with(|| Item::Value(Value::Array(Array::new())));
    match list {
        Item::Value(Value::Array(array)) => push(array, text),
        _ => return Err(ShapeMismatch(format!("`{key}` is no list"))),
    }
    Ok(())
}

/// Adds to the end of `array`, on a line of its own where the last value has one. A comment behind that stays there.
fn push(array: &mut Array, value: impl Into<Value>) {
    let mut value = value.into();
    let trailing = array.trailing().as_str().unwrap_or_default().to_owned();
    let part = |part: Option<&RawString>| part.and_then(RawString::as_str).map(str::to_owned);
    let last = array.iter_mut().last().and_then(|last| {
        let before = part(last.decor().prefix()).filter(|before| before.contains('\n'))?;
        let behind = part(last.decor().suffix()).unwrap_or_default();
        last.decor_mut().set_suffix("");
        Some((before, behind))
    });
    let Some((before, behind)) = last else {
        array.push(value);
        return;
    };
    let indent = before.rsplit('\n').next().unwrap_or_default();
    let behind = format!("{behind}{trailing}");
    let prefix = format!("{}\n{indent}", behind.trim_end());
    value.decor_mut().set_prefix(prefix);
    array.push_formatted(value);
    array.set_trailing_comma(true);
    array.set_trailing("\n");
}

#[cfg(test)]
mod tests {
    use toml_edit::DocumentMut;

    use super::*;

    fn edited(text: &str, edit: fn(&mut Table) -> Result<(), ShapeMismatch>) -> String {
        let mut document: DocumentMut = text.parse().unwrap();
        edit(document.as_table_mut()).unwrap();
        document.to_string()
    }

    fn entry() -> Table {
        let mut entry = Table::new();
        entry.insert("binding", "B".into());
        entry
    }

    #[test]
    fn a_table_that_is_not_there_gets_one_heading() {
        let add = |root: &mut Table| set(root, &["env", "production", "vars", "A"], "a");
        let text = "# mine\nname = \"x\" # and this\n";
        assert_eq!(
            edited(text, add),
            format!("{text}\n[env.production.vars]\nA = \"a\"\n")
        );
    }

    #[test]
    fn a_table_that_is_there_keeps_its_form() {
        let add = |root: &mut Table| set(root, &["vars", "B"], "b");
        for (text, expected) in [
            (
                "[vars] # v\nA = \"a\" # a\n\n[x]\n",
                "[vars] # v\nA = \"a\" # a\nB = \"b\"\n\n[x]\n",
            ),
            (
                "vars = { A = \"a\" }\n",
                "vars = { A = \"a\", B = \"b\" }\n",
            ),
            ("vars.A = \"a\"\n", "vars.A = \"a\"\nvars.B = \"b\"\n"),
        ] {
            assert_eq!(edited(text, add), expected);
        }
    }

    #[test]
    fn an_entry_goes_into_the_list_that_is_there() {
        let add = |root: &mut Table| push_entry(root, &["queues", "producers"], entry(), "why");
        for (text, expected) in [
            ("", "\n# why\n[[queues.producers]]\nbinding = \"B\"\n"),
            (
                "[[queues.producers]]\nbinding = \"A\"\n# end\n",
                "[[queues.producers]]\nbinding = \"A\"\n\n# why\n[[queues.producers]]\nbinding = \"B\"\n# end\n",
            ),
            (
                "[queues]\nproducers = [\n  { binding = \"A\" }, # a\n]\n",
                "[queues]\nproducers = [\n  { binding = \"A\" }, # a\n  { binding = \"B\" },\n]\n",
            ),
            (
                "queues = { consumers = [] }\n",
                "queues = { consumers = [], producers = [{ binding = \"B\" }] }\n",
            ),
        ] {
            assert_eq!(edited(text, add), expected);
        }
    }

    #[test]
    fn another_shape_is_left_alone() {
        let mut document: DocumentMut = "queues = 5\n[a]\nhosts = \"x\"\n".parse().unwrap();
        let root = document.as_table_mut();
        let error = push_entry(root, &["queues", "producers"], entry(), "why").unwrap_err();
        assert_eq!(error.0, "`queues` is no table");
        let error = push_text(root, &["a", "hosts"], "y").unwrap_err();
        assert_eq!(error.0, "`hosts` is no list");
    }

    #[test]
    fn a_text_goes_to_the_end_of_its_list() {
        let add = |root: &mut Table| push_text(root, &["hosts"], "b");
        for (text, expected) in [
            ("hosts = []\n", "hosts = [\"b\"]\n"),
            ("hosts = [\"a\"] # h\n", "hosts = [\"a\", \"b\"] # h\n"),
            (
                "hosts = [\n  # first\n  \"a\",\n]\n",
                "hosts = [\n  # first\n  \"a\",\n  \"b\",\n]\n",
            ),
            (
                "hosts = [\n  \"a\" # first\n]\n",
                "hosts = [\n  \"a\", # first\n  \"b\",\n]\n",
            ),
        ] {
            assert_eq!(edited(text, add), expected);
        }
    }
}
