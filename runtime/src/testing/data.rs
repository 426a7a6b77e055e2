//! Data files of a deployment.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::rc::Rc;

use bytes::Bytes;
use futures_util::future::{LocalBoxFuture, ready};

use crate::host::Data;

/// The data files of a host. Clones are the same files.
#[derive(Clone, Default)]
pub(super) struct TestData(Rc<Files>);

#[derive(Default)]
struct Files {
    files: RefCell<BTreeMap<String, Bytes>>,
    reads: RefCell<Vec<(String, Range<u64>)>>,
    is_broken: Cell<bool>,
}

impl TestData {
    pub(super) fn set(&self, name: &str, bytes: Bytes) {
        self.0.files.borrow_mut().insert(name.to_owned(), bytes);
    }

    pub(super) fn remove(&self, name: &str) {
        self.0.files.borrow_mut().remove(name);
    }

    pub(super) fn set_broken(&self, is_broken: bool) {
        self.0.is_broken.set(is_broken);
    }

    pub(super) fn reads(&self) -> Vec<(String, Range<u64>)> {
        self.0.reads.borrow().clone()
    }

    pub(super) fn open(&self, name: &str) -> io::Result<Option<Rc<dyn Data>>> {
        let Some(bytes) = self.0.files.borrow().get(name).cloned() else {
            return Ok(None);
        };
        self.check()?;
        Ok(Some(Rc::new(TestFile {
            name: name.to_owned(),
            bytes,
            files: self.clone(),
        })))
    }

    fn check(&self) -> io::Result<()> {
        if self.0.is_broken.get() {
            return Err(io::Error::other("the test says so"));
        }
        Ok(())
    }
}

struct TestFile {
    name: String,
    bytes: Bytes,
    files: TestData,
}

impl Data for TestFile {
    fn length(&self) -> u64 {
        self.bytes.len().try_into().unwrap()
    }

    fn read(&self, range: Range<u64>) -> LocalBoxFuture<'static, io::Result<Bytes>> {
        let read = self.files.check().map(|()| {
            let mut reads = self.files.0.reads.borrow_mut();
            reads.push((self.name.clone(), range.clone()));
            let place = |place: u64| usize::try_from(place).unwrap();
            self.bytes.slice(place(range.start)..place(range.end))
        });
        Box::pin(ready(read))
    }
}
