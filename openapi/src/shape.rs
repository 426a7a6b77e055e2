//! What the configuration changes about the arguments of a tool.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::names;
use crate::report::Mistake;
use crate::request::ToolChange;
use crate::rules::nearest;
use crate::slot::{Role, Slot};

/// Where the value of a slot comes from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Supply {
    /// The call, or the default where it has none.
    Call {
        is_required: bool,
        default: Option<Value>,
    },
    /// The configuration.
    Fixed(Value),
    /// It is not sent.
    None,
}

/// A slot as an argument of the tool.
#[derive(Debug, Clone)]
pub(crate) struct Argument {
    /// The name, after renaming.
    pub(crate) name: String,
    pub(crate) supply: Supply,
    pub(crate) description: Option<String>,
    pub(crate) header: Option<String>,
    pub(crate) allow_slash: bool,
}

impl Argument {
    pub(crate) fn is_visible(&self) -> bool {
        matches!(self.supply, Supply::Call { .. })
    }

    pub(crate) fn is_required(&self) -> bool {
        matches!(
            self.supply,
            Supply::Call {
                is_required: true,
                ..
            }
        )
    }
}

/// The arguments for the slots, by the names that the documents give them.
pub(crate) fn arguments(
    label: &str,
    slots: &[&Slot<'_>],
    given: &[String],
    change: &ToolChange,
    mistakes: &mut Vec<Mistake>,
) -> Vec<Argument> {
    let mut check = Check {
        label,
        given,
        mistakes,
    };
    check.known("hide", change.hide.iter());
    check.known("rename", change.rename.keys());
    check.known("fix", change.fix.keys());
    check.known("defaults", change.default.keys());
    check.known("describe", change.describe.keys());
    check.known("headers", change.headers.keys());
    check.known("allow_slash", change.allow_slash.iter());
    check.known("page_argument", change.page_argument.iter());
    check.pointers("select", &change.select);
    check.pointers("omit", &change.omit);

    let mut arguments = Vec::new();
    let mut taken = BTreeSet::new();
    for (slot, name) in slots.iter().zip(given) {
        let supply = supply(slot, name, change, &mut check);
        if supply == Supply::None || matches!(supply, Supply::Fixed(_)) {
            for (setting, is_set) in [
                ("rename", change.rename.contains_key(name)),
                ("describe", change.describe.contains_key(name)),
                ("headers", change.headers.contains_key(name)),
                ("defaults", change.default.contains_key(name)),
                ("page_argument", change.page_argument.as_ref() == Some(name)),
            ] {
                if is_set {
                    check.mistake(&format!("{setting}: the argument \"{name}\" is hidden"));
                }
            }
        }
        let renamed = change.rename.get(name).unwrap_or(name);
        if !names::is_argument_name(renamed) {
            check.mistake(&format!(
                "rename: \"{renamed}\" must be 1 to 64 letters, digits, `_`, `-` or `.`"
            ));
        }
        if matches!(supply, Supply::Call { .. }) && !taken.insert(renamed.clone()) {
            check.mistake(&format!(
                "rename: two arguments have the name \"{renamed}\""
            ));
        }
        let is_path = matches!(slot.role, Role::Parameter(mcp_edge_catalog::Location::Path));
        let allow_slash = change.allow_slash.contains(name);
        if allow_slash && !is_path {
            check.mistake(&format!(
                "allow_slash: the argument \"{name}\" is not in the path, where alone `/` is refused"
            ));
        }
        arguments.push(Argument {
            name: renamed.clone(),
            supply,
            description: change.describe.get(name).cloned(),
            header: change.headers.get(name).cloned(),
            allow_slash,
        });
    }
    arguments
}

fn supply(slot: &Slot<'_>, name: &String, change: &ToolChange, check: &mut Check<'_>) -> Supply {
    if let Some(value) = change.fix.get(name) {
        return Supply::Fixed(value.clone());
    }
    if change.hide.contains(name) {
        if slot.is_required {
            check.mistake(&format!(
                "hide: the argument \"{name}\" is required; set its value with `fix`"
            ));
        }
        return Supply::None;
    }
    let default = change.default.get(name).cloned();
    Supply::Call {
        is_required: slot.is_required && default.is_none(),
        default,
    }
}

struct Check<'a> {
    label: &'a str,
    given: &'a [String],
    mistakes: &'a mut Vec<Mistake>,
}

impl Check<'_> {
    fn mistake(&mut self, text: &str) {
        self.mistakes.push(Mistake {
            message: format!("tool \"{}\": {text}", self.label),
            operations: vec![self.label.to_owned()],
        });
    }

    fn known<'n>(&mut self, setting: &str, names: impl Iterator<Item = &'n String>) {
        for name in names {
            if self.given.contains(name) {
                continue;
            }
            let nearest = nearest(name, self.given.iter().map(|name| &**name));
            let hint = match nearest {
                Some(nearest) => format!("the nearest is \"{nearest}\""),
                None => "it has no arguments".to_owned(),
            };
            self.mistake(&format!("{setting}: unknown argument \"{name}\"; {hint}"));
        }
    }

    fn pointers(&mut self, setting: &str, pointers: &[String]) {
        for pointer in pointers {
            let is_escaped = pointer
                .split('~')
                .skip(1)
                .all(|rest| rest.starts_with(['0', '1']));
            if !pointer.starts_with('/') || !is_escaped {
                self.mistake(&format!(
                    "{setting}: \"{pointer}\" is not a JSON Pointer; write it as in \"/items/*/id\""
                ));
            }
        }
    }
}
