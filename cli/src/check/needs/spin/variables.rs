//! Variables: declared by the application, and passed on to the component.

use mcp_edge_runtime::config::ENVIRONMENT_VARIABLE;
use toml_edit::{InlineTable, Item, Table, Value};

use super::super::edit::{self, ShapeMismatch};
use super::super::finding::{Finding, State};
use super::super::native::no_service;
use super::super::need::{Need, NeedKind};
use super::{Component, interpolate};

/// The end of a host that never is (RFC 6761, 6.4).
pub(super) const NOWHERE: &str = ".invalid";

impl Component<'_> {
    /// What `need` asks for, if it is a variable.
    pub(super) fn variable(&mut self, need: &Need) -> Result<(), ShapeMismatch> {
        match &need.what {
            NeedKind::Environment(value) => {
                self.named(need, "variable", ENVIRONMENT_VARIABLE, Some(value))
            }
            NeedKind::Secret(name) => self.named(need, "secret", name, None),
            NeedKind::Variable(name) => self.named(need, "variable", name, None),
            NeedKind::Service(binding) => {
                self.looked.errors.push(no_service(need, binding));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn named(
        &mut self,
        need: &Need,
        kind: &str,
        name: &str,
        value: Option<&str>,
    ) -> Result<(), ShapeMismatch> {
        let lower = name.to_ascii_lowercase();
        let what = match value {
            Some(value) => format!("{kind} {lower} = {value:?}"),
            None => format!("{kind} {lower}"),
        };
        if !is_variable(&lower) {
            self.looked.errors.push(format!(
                "Spin has no variables like {lower}: single underscores stand between letters and digits; give {name} another \
                 name in mcp.toml ({})",
                need.why.join(", ")
            ));
            return Ok(());
        }
        let secret = matches!(need.what, NeedKind::Secret(_));
        let (place, state) = self.passed(need, &lower, secret, value)?;
        self.looked.found.push(Finding {
            what,
            why: need.why.clone(),
            place,
            state,
        });
        Ok(())
    }

    fn passed(
        &mut self,
        need: &Need,
        name: &str,
        secret: bool,
        value: Option<&str>,
    ) -> Result<(String, State), ShapeMismatch> {
        let heading = format!("[component.{}.variables]", self.id);
        let path = self.path(&["variables", name]);
        let passed = edit::get(self.file, &path).map(|item| item.as_str().unwrap_or_default());
        let is_passed = passed.is_some();
        let text = passed.map_or_else(|| format!("{{{{ {name} }}}}"), str::to_owned);
        let sources = interpolate::names(&text);
        if sources.is_empty() {
            return Ok((heading, self.constant(name, &text, secret, value)));
        }
        if !is_passed {
            let id = self.id.clone();
            let path = ["component", id.as_str(), "variables", name];
            edit::set(self.file, &path, text.as_str())?;
        }
        let mut is_declared = true;
        for source in &sources {
            is_declared &= self.declared(source, need.always, secret)?;
        }
        let default = interpolate::filled(&text, |source| default(self.file, source));
        let default = default.unwrap_or_default();
        if secret && !default.is_empty() {
            self.looked.warnings.push(exposed("[variables]", name));
        }
        let has_value = match value {
            Some(value) => default == value,
            None => !default.is_empty() && !secret,
        };
        if !has_value {
            for source in sources {
                self.ask_for(source, value.unwrap_or("…"));
            }
        }
        Ok(match (is_declared, is_passed, has_value) {
            (false, _, _) => ("[variables]".to_owned(), State::Missing),
            (true, false, _) => (heading, State::Missing),
            (true, true, false) => ("[variables]".to_owned(), State::ToSet),
            (true, true, true) => ("[variables]".to_owned(), State::There),
        })
    }

    /// Lists how a variable of the application gets a value.
    pub(super) fn ask_for(&mut self, name: &str, value: &str) {
        self.looked.commands.push(format!(
            "export SPIN_VARIABLE_{}={value}",
            name.to_ascii_uppercase()
        ));
    }

    /// What the component gets is written down and no variable of the application's.
    fn constant(&mut self, name: &str, text: &str, secret: bool, value: Option<&str>) -> State {
        if secret && !text.is_empty() {
            let heading = format!("[component.{}.variables]", self.id);
            self.looked.warnings.push(exposed(&heading, name));
        }
        match value {
            Some(value) if text != value => State::Wrong,
            None if text.is_empty() => State::Wrong,
            _ => State::There,
        }
    }

    /// Whether the application has the variable, and says of a secret that it is one; otherwise it gets it.
    fn declared(&mut self, name: &str, always: bool, secret: bool) -> Result<bool, ShapeMismatch> {
        if edit::get(self.file, &["variables", name]).is_none() {
            let mut variable = match always {
                true => required(),
                false => with_default(""),
            };
            if secret {
                variable.insert("secret", true.into());
            }
            edit::set(self.file, &["variables", name], variable)?;
            return Ok(false);
        }
        let path = ["variables", name, "secret"];
        let is_marked = edit::get(self.file, &path).and_then(Item::as_bool);
        if secret && is_marked.is_none() {
            edit::set(self.file, &path, true)?;
            return Ok(false);
        }
        Ok(true)
    }

    /// Declares a variable that holds an origin. Spin allows no request at all if it stands for nothing, so that it has a
    /// default where it is not always asked for.
    pub(super) fn declare_origin(&mut self, name: &str, always: bool) -> Result<(), ShapeMismatch> {
        if edit::get(self.file, &["variables", name]).is_some() {
            return Ok(());
        }
        let variable = match always {
            true => required(),
            false => with_default(&format!("https://{}{NOWHERE}", name.replace('_', "-"))),
        };
        edit::set(self.file, &["variables", name], variable)
    }
}

fn required() -> InlineTable {
    let mut table = InlineTable::new();
    table.insert("required", true.into());
    table
}

fn with_default(text: &str) -> InlineTable {
    let mut table = InlineTable::new();
    table.insert("default", Value::from(text));
    table
}

fn exposed(place: &str, name: &str) -> String {
    format!(
        "{place} of spin.toml has a value for {name}, which is a secret: every reader of the file knows it. Remove it and make a \
         new one"
    )
}

/// What a variable of the application holds by default.
pub(super) fn default(file: &Table, name: &str) -> Option<String> {
    let default = edit::get(file, &["variables", name, "default"])?;
    default.as_str().map(str::to_owned)
}

fn is_variable(name: &str) -> bool {
    !name.ends_with('_') && !name.contains("__")
}

#[cfg(test)]
mod tests {
    use super::is_variable;

    #[test]
    fn a_name_that_spin_does_not_know_is_none() {
        assert!(is_variable("mcp_edge_keys") && is_variable("a1"));
        assert!(!is_variable("a__b") && !is_variable("a_"));
    }
}
