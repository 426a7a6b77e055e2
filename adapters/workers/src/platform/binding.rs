//! What a Worker is bound to.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

use super::host::message;

/// What a binding is to be.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// What no other kind can do.
    pub(crate) method: &'static str,
    /// Where it is in `wrangler.toml`.
    pub(crate) section: &'static str,
}

impl Kind {
    /// The binding `name`, or what is wrong with it.
    pub(crate) fn find(&self, name: &str, environment: &Object) -> Result<JsValue, String> {
        let binding = Reflect::get(environment, &name.into()).map_err(|error| message(&error))?;
        let section = self.section;
        if binding.is_undefined() {
            return Err(format!(
                "the Worker has no binding `{name}`; add it to {section} in wrangler.toml"
            ));
        }
        let is_right =
            Reflect::get(&binding, &self.method.into()).is_ok_and(|method| method.is_function());
        is_right.then_some(binding).ok_or_else(|| {
            format!(
                "`{name}` is bound to something other than a {}; name one of {section} in wrangler.toml",
                self.name
            )
        })
    }
}
