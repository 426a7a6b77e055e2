//! The key-value store `default`, and `spin:key-value/key-value@3.0.0`, through which a component uses it.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread;

use tokio::sync::mpsc::{self, Receiver};
use tokio::task;
use wasmtime::component::{
    ComponentType, Destination, FutureReader, Lift, Linker, Lower, Resource, ResourceType,
    StreamProducer, StreamReader, StreamResult,
};
use wasmtime::{Result, StoreContextMut};

use crate::manifest::Manifest;

/// The only store there is, as in a Spin without a runtime configuration.
pub(crate) const DEFAULT: &str = "default";

/// How many keys a listing is ahead of the component that reads them, as in Spin 4.1.
const KEYS_AHEAD: usize = 4;

/// The store of the whole process: every instance sees the same, until the stand-in ends.
///
/// It blocks where the SQLite store of Spin 4.1 does. The lock of the entries is Spin's one connection: every operation waits for
/// it on the thread that runs the component, and a listing holds it until the component has read the last keys. An instance that
/// does both at once stops for good, and every other with it that wants an entry, here as there.
pub(crate) struct KeyValue {
    allowed: bool,
    entries: Mutex<BTreeMap<String, Vec<u8>>>,
}

/// The keys of a listing, as they come.
struct Keys(Receiver<String>);

impl<D> StreamProducer<D> for Keys {
    type Item = String;
    type Buffer = Option<String>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        _: StoreContextMut<'a, D>,
        mut destination: Destination<'a, Self::Item, Self::Buffer>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        match self.0.poll_recv(cx) {
            Poll::Ready(Some(key)) => {
                destination.set_buffer(Some(key));
                Poll::Ready(Ok(StreamResult::Completed))
            }
            Poll::Ready(None) => Poll::Ready(Ok(StreamResult::Dropped)),
            Poll::Pending if finish => Poll::Ready(Ok(StreamResult::Cancelled)),
            Poll::Pending => Poll::Pending,
        }
    }
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
    /// A store with these entries, for the component if its manifest asks for it.
    pub(crate) fn new(manifest: &Manifest, entries: BTreeMap<String, Vec<u8>>) -> Self {
        Self {
            allowed: manifest.key_value,
            entries: Mutex::new(entries),
        }
    }

    fn open(&self, label: &str) -> Result<Resource<Store>, StoreError> {
        if self.allowed && label == DEFAULT {
            Ok(Resource::new_own(0))
        } else {
            Err(StoreError::AccessDenied)
        }
    }

    /// Starts a listing, which locks the entries until its last keys are read or the component drops it.
    fn list(self: Arc<Self>) -> Keys {
        let (sender, keys) = mpsc::channel(KEYS_AHEAD);
        thread::spawn(move || {
            for key in self.entries().keys() {
                if sender.blocking_send(key.clone()).is_err() {
                    return;
                }
            }
        });
        Keys(keys)
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        // Whole entries are put in and taken out, so what a panic left behind is whole.
        task::block_in_place(|| self.entries.lock().unwrap_or_else(PoisonError::into_inner))
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
            let keys = Arc::clone(&store).list();
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
        let manifest = Manifest::parse(&text, std::path::Path::new("")).unwrap();
        KeyValue::new(&manifest, BTreeMap::new())
    }

    #[test]
    fn a_listing_has_the_store_to_itself_until_it_is_read() {
        let store = Arc::new(store(r#"key_value_stores = ["default"]"#));
        let names: Vec<String> = (0..9).map(|number| number.to_string()).collect();
        for name in &names {
            store.entries().insert(name.clone(), Vec::new());
        }
        let Keys(mut keys) = Arc::clone(&store).list();
        let mut seen = vec![keys.blocking_recv().unwrap()];
        assert!(store.entries.try_lock().is_err());
        while let Some(key) = keys.blocking_recv() {
            seen.push(key);
        }
        assert_eq!(seen, names);
        assert_eq!(store.entries().len(), names.len());

        let Keys(mut keys) = Arc::clone(&store).list();
        assert!(keys.blocking_recv().is_some());
        drop(keys);
        assert_eq!(store.entries().len(), names.len());
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
