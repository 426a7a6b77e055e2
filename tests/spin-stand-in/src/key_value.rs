//! The key-value store `default`, and `spin:key-value/key-value@3.0.0`, through which a component uses it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wasmtime::Result;
use wasmtime::component::{
    ComponentType, FutureReader, Lift, Linker, Lower, Resource, ResourceType, StreamReader,
};

use crate::manifest::Manifest;

/// The only store there is, as in a Spin without a runtime configuration.
pub(crate) const DEFAULT: &str = "default";

/// The store of the whole process: every instance sees the same, until the stand-in ends.
pub(crate) struct KeyValue {
    allowed: bool,
    entries: Mutex<BTreeMap<String, Vec<u8>>>,
}

/// The interface's `store`. There is one behind all of them, so that they need no number.
struct Store;

/// The interface's `error`, whole: a component is refused where its shape differs.
#[derive(Debug, Clone, PartialEq, ComponentType, Lift, Lower)]
#[component(variant)]
pub(crate) enum StoreError {
    #[component(name = "store-table-full")]
    StoreTableFull,
    #[component(name = "no-such-store")]
    NoSuchStore,
    #[component(name = "access-denied")]
    AccessDenied,
    #[component(name = "other")]
    Other(String),
}

type Answer<T> = Result<(Result<T, StoreError>,)>;

/// How a list of keys has ended.
type End = Result<Result<(), StoreError>>;

impl KeyValue {
    /// An empty store, for the component if its manifest asks for it.
    pub(crate) fn new(manifest: &Manifest) -> Self {
        Self {
            allowed: manifest.key_value,
            entries: Mutex::default(),
        }
    }

    fn open(&self, label: &str) -> Result<Resource<Store>, StoreError> {
        if self.allowed && label == DEFAULT {
            Ok(Resource::new_own(0))
        } else {
            Err(StoreError::AccessDenied)
        }
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        // Whole entries are put in and taken out, so what a panic left behind is whole.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Offers `store` to the components of `linker`.
pub(crate) fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    store: Arc<KeyValue>,
) -> Result<()> {
    let mut interface = linker.instance("spin:key-value/key-value@3.0.0")?;
    interface.resource("store", ResourceType::host::<Store>(), |_, _| Ok(()))?;

    let opened = Arc::clone(&store);
    interface.func_wrap_concurrent("[static]store.open", move |_, (label,): (String,)| {
        let answer = opened.open(&label);
        Box::pin(async move { Ok((answer,)) })
    })?;

    type Key = (Resource<Store>, String);
    let read = Arc::clone(&store);
    interface.func_wrap_concurrent("[method]store.get", move |_, (_, key): Key| {
        let value = read.entries().get(&key).cloned();
        Box::pin(async move { Answer::Ok((Ok(value),)) })
    })?;
    let asked = Arc::clone(&store);
    interface.func_wrap_concurrent("[method]store.exists", move |_, (_, key): Key| {
        let exists = asked.entries().contains_key(&key);
        Box::pin(async move { Answer::Ok((Ok(exists),)) })
    })?;
    let deleted = Arc::clone(&store);
    interface.func_wrap_concurrent("[method]store.delete", move |_, (_, key): Key| {
        deleted.entries().remove(&key);
        Box::pin(async move { Answer::Ok((Ok(()),)) })
    })?;

    type KeyAndValue = (Resource<Store>, String, Vec<u8>);
    let written = Arc::clone(&store);
    interface.func_wrap_concurrent(
        "[method]store.set",
        move |_, (_, key, value): KeyAndValue| {
            written.entries().insert(key, value);
            Box::pin(async move { Answer::Ok((Ok(()),)) })
        },
    )?;

    interface.func_wrap_concurrent(
        "[method]store.get-keys",
        move |instance, (_,): (Resource<Store>,)| {
            let keys: Vec<String> = store.entries().keys().cloned().collect();
            Box::pin(async move {
                let end = async { End::Ok(Ok(())) };
                let keys = instance.with(|access| StreamReader::new(access, keys))?;
                let end = instance.with(|access| FutureReader::new(access, end))?;
                Ok(((keys, end),))
            })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(component: &str) -> KeyValue {
        let text = format!(
            r#"
            spin_manifest_version = 2
            [application]
            name = "test"
            [[trigger.http]]
            route = "/..."
            component = "one"
            [component.one]
            source = "one.wasm"
            {component}
            "#
        );
        KeyValue::new(&Manifest::parse(&text, std::path::Path::new("")).unwrap())
    }

    #[test]
    fn only_a_component_that_asks_for_the_store_may_open_it() {
        let asking = store(r#"key_value_stores = ["default"]"#);
        assert!(asking.open("default").is_ok());
        assert_eq!(asking.open("other").err(), Some(StoreError::AccessDenied));
        assert_eq!(
            store("").open("default").err(),
            Some(StoreError::AccessDenied)
        );
    }
}
