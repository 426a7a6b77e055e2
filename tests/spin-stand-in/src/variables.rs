//! Application variables, and `spin:variables/variables@3.0.0`, through which a component reads its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use wasmtime::component::{ComponentType, Lift, Linker, Lower};
use wasmtime::error::Context as _;
use wasmtime::{Result, bail, format_err};

use crate::manifest::Manifest;

/// Every variable's value. Spin looks for values when a component asks; here they are settled at the start.
pub(crate) struct Variables {
    application: BTreeMap<String, String>,
    component: BTreeMap<String, String>,
}

/// The interface's `error`.
#[derive(Debug, Clone, PartialEq, ComponentType, Lift, Lower)]
#[component(variant)]
pub(crate) enum VariableError {
    #[component(name = "invalid-name")]
    InvalidName(String),
    #[component(name = "undefined")]
    Undefined(String),
    #[component(name = "provider")]
    Provider(String),
    #[component(name = "other")]
    Other(String),
}

impl Variables {
    /// Settles every variable: from `given`, from the environment as `SPIN_VARIABLE_<NAME>`, by its default.
    pub(crate) fn resolve(
        manifest: &Manifest,
        given: &BTreeMap<String, String>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let mut variables = Self {
            application: BTreeMap::new(),
            component: BTreeMap::new(),
        };
        for (name, declared) in &manifest.application_variables {
            if declared.required == declared.default.is_some() {
                bail!("the variable {name} must have either `required = true` or a default");
            }
            let value = given
                .get(name)
                .cloned()
                .or_else(|| environment(&format!("SPIN_VARIABLE_{}", name.to_uppercase())))
                .or_else(|| declared.default.clone())
                .with_context(|| format!("the variable {name} is required and has no value"))?;
            variables.application.insert(name.clone(), value);
        }
        for (name, template) in &manifest.component_variables {
            let value = variables.expand(template)?;
            variables.component.insert(name.clone(), value);
        }
        Ok(variables)
    }

    /// Replaces every `{{ name }}` in `template` by an application variable's value.
    pub(crate) fn expand(&self, template: &str) -> Result<String> {
        let mut expanded = String::new();
        let mut rest = template;
        while let Some((literal, expression)) = rest.split_once("{{") {
            let (name, after) = expression
                .split_once("}}")
                .with_context(|| format!("{{{{ is not closed in {template:?}"))?;
            let value = self.application.get(name.trim()).ok_or_else(|| {
                format_err!("there is no variable {:?} for {template:?}", name.trim())
            })?;
            expanded.push_str(literal);
            expanded.push_str(value);
            rest = after;
        }
        expanded.push_str(rest);
        Ok(expanded)
    }

    fn get(&self, name: &str) -> Result<String, VariableError> {
        let well_formed = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            && !name.ends_with('_')
            && !name.contains("__");
        if !well_formed {
            return Err(VariableError::InvalidName(name.to_owned()));
        }
        self.component
            .get(name)
            .cloned()
            .ok_or_else(|| VariableError::Undefined(name.to_owned()))
    }
}

/// Offers `variables` to the components of `linker`.
pub(crate) fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    variables: Arc<Variables>,
) -> Result<()> {
    linker
        .instance("spin:variables/variables@3.0.0")?
        .func_wrap_concurrent("get", move |_, (name,): (String,)| {
            let answer = variables.get(&name);
            Box::pin(async move { Ok((answer,)) })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(given: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<Variables> {
        let owned = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        let manifest = Manifest::parse(
            r#"
            spin_manifest_version = 2
            [application]
            name = "test"
            [variables]
            place = { default = "world" }
            key = { required = true, secret = true }
            [[trigger.http]]
            route = "/..."
            component = "one"
            [component.one]
            source = "one.wasm"
            [component.one.variables]
            greeting = "hello {{ place }}"
            key = "{{key}}"
            "#,
            std::path::Path::new(""),
        )?;
        let environment = owned(environment);
        Variables::resolve(&manifest, &owned(given), |name| {
            environment.get(name).cloned()
        })
    }

    #[test]
    fn the_command_line_goes_before_the_environment_and_that_before_a_default() {
        let environment = [("SPIN_VARIABLE_KEY", "b"), ("SPIN_VARIABLE_PLACE", "moon")];
        let variables = resolve(&[("key", "a")], &environment).unwrap();
        assert_eq!(variables.get("key").unwrap(), "a");
        assert_eq!(variables.get("greeting").unwrap(), "hello moon");
        let variables = resolve(&[("key", "a")], &[]).unwrap();
        assert_eq!(variables.get("greeting").unwrap(), "hello world");
    }

    #[test]
    fn a_required_variable_without_a_value_is_named() {
        let refusal = resolve(&[], &[]).err().unwrap().to_string();
        assert!(refusal.contains("key"), "{refusal}");
    }

    #[test]
    fn a_component_sees_only_its_own_variables() {
        let variables = resolve(&[("key", "a")], &[]).unwrap();
        let name = "place".to_owned();
        assert_eq!(variables.get("place"), Err(VariableError::Undefined(name)));
        let name = "KEY".to_owned();
        assert_eq!(variables.get("KEY"), Err(VariableError::InvalidName(name)));
    }
}
