//! What handlers share: given to the server once, never changed, injected by type.

use std::any::{Any, TypeId, type_name};
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

/// A value that the server was built with.
#[derive(Debug)]
pub struct State<T>(Rc<T>);

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> From<T> for State<T> {
    fn from(value: T) -> Self {
        Self(Rc::new(value))
    }
}

impl<T> Deref for State<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A handler asked for a value that the server was not built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server has no state of type {0}; give it one with ServerBuilder::state")]
pub struct MissingState(pub(crate) &'static str);

/// A type that a handler needs to be there, checked when the server is built.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Requirement {
    id: TypeId,
    missing: MissingState,
}

impl Requirement {
    pub(crate) fn of<T: 'static>() -> Self {
        Self {
            id: TypeId::of::<T>(),
            missing: MissingState(type_name::<T>()),
        }
    }
}

/// Every value the server was built with, by its type.
#[derive(Default)]
pub(crate) struct States(BTreeMap<TypeId, Rc<dyn Any>>);

impl States {
    /// False if there already was a value of this type.
    pub(crate) fn insert<T: 'static>(&mut self, value: T) -> bool {
        self.0
            .insert(TypeId::of::<T>(), Rc::new(value) as Rc<dyn Any>)
            .is_none()
    }

    pub(crate) fn get<T: 'static>(&self) -> Result<State<T>, MissingState> {
        self.0
            .get(&TypeId::of::<T>())
            .and_then(|value| Rc::clone(value).downcast().ok())
            .map(State)
            .ok_or(MissingState(type_name::<T>()))
    }

    pub(crate) fn meet(&self, requirement: Requirement) -> Result<(), MissingState> {
        if self.0.contains_key(&requirement.id) {
            Ok(())
        } else {
            Err(requirement.missing)
        }
    }
}
