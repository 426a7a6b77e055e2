//! As much of a URI template (RFC 6570, `{name}` and `{+name}`) as can be checked without its values.

/// The names of the variables, in order; else a sentence about what is wrong.
pub(crate) fn variables(template: &str) -> Result<Vec<&str>, String> {
    let mut variables = Vec::new();
    let mut rest = template;
    while let Some((literal, after)) = rest.split_once('{') {
        check_literal(literal)?;
        let (expression, after) = after
            .split_once('}')
            .ok_or_else(|| format!("`{{{after}` has no closing brace"))?;
        let name = expression.strip_prefix('+').unwrap_or(expression);
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(format!(
                "`{{{expression}}}` is no variable; write `{{name}}` or `{{+name}}`"
            ));
        }
        if variables.contains(&name) {
            return Err(format!(
                "the variable `{name}` stands twice in the template"
            ));
        }
        variables.push(name);
        rest = after;
    }
    check_literal(rest)?;
    if variables.is_empty() {
        return Err(
            "a template has a variable, as `rules://{id}`; without any, write `uri = …`".to_owned(),
        );
    }
    Ok(variables)
}

fn check_literal(literal: &str) -> Result<(), String> {
    if literal.contains('}') {
        return Err("a closing brace in the template has no opening one".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_its_variables_in_order() {
        assert_eq!(variables("rules://{id}").unwrap(), ["id"]);
        assert_eq!(
            variables("{scheme}://{+path}/v{version_2}.json").unwrap(),
            ["scheme", "path", "version_2"]
        );
    }

    #[test]
    fn refuses_what_is_no_template() {
        for template in [
            "",
            "rules://all",
            "{",
            "}",
            "{}",
            "{id",
            "{id}}",
            "{{id}}",
            "{a b}",
            "{?q}",
            "{id*}",
            "{id}{id}",
        ] {
            assert!(variables(template).is_err(), "{template}");
        }
    }
}
