//! What is in force for each tenant of an upstream.

use crate::merge::merge;
use crate::settings::{Key, UPSTREAM};
use crate::value::{Entry, Value};

/// Whether a key of an upstream is part of its credential.
pub(crate) fn is_credential(path: &str) -> bool {
    let key = path.split('.').next().unwrap_or_default();
    matches!(
        key,
        "token" | "username" | "password" | "headers" | "query" | "authority" | "identity_provider"
    )
}

/// Fills in for each tenant of an upstream what it does not set itself. A credential is taken as a whole, so that no request has
/// a part of another's; and a binding is used in place of a URL, so that it goes with the URL.
pub(crate) fn fill(upstream: &mut Entry) {
    let around = upstream.settings.clone();
    let Some(tenants) = upstream.settings.get_mut("tenants") else {
        return;
    };
    let Value::Named(tenants) = &mut tenants.value else {
        return;
    };
    for tenant in tenants.values_mut() {
        let own = std::mem::take(&mut tenant.settings);
        let has_credential = own.keys().any(|path| is_credential(path));
        let mut shared = around.clone();
        shared.retain(|path, _| {
            let is_shared = Key::find(UPSTREAM.keys, path).is_some_and(|key| key.in_overlays);
            is_shared
                && !(has_credential && is_credential(path))
                && !(*path == "binding" && own.contains_key("url"))
        });
        tenant.settings = merge(&shared, own);
    }
}

/// The tables with which an upstream is called, each with the tenant whose callers it is for: `None` is everybody else.
pub fn served(upstream: &Entry) -> Vec<(Option<&str>, &Entry)> {
    let tenants = upstream.settings.get("tenants");
    let tenants = match tenants.map(|setting| &setting.value) {
        Some(Value::Named(tenants)) => tenants.iter().collect(),
        _ => Vec::new(),
    };
    let others = upstream.settings.get("other_tenants");
    let has_others =
        tenants.is_empty() || others.is_some_and(|setting| setting.value == Value::Flag(true));
    let others = has_others.then_some((None, upstream));
    let tenants = tenants.into_iter();
    let tenants = tenants.map(|(name, tenant)| (Some(name.as_str()), tenant));
    others.into_iter().chain(tenants).collect()
}
