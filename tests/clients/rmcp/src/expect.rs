//! What is found against what is expected, with a sentence when they differ.

use std::fmt::Debug;

use crate::Failure;

pub(crate) fn same<T: PartialEq + Debug>(
    what: &str,
    found: &T,
    expected: &T,
) -> Result<(), Failure> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: expected {expected:?}, found {found:?}").into())
}

pub(crate) fn contains(what: &str, text: &str, part: &str) -> Result<(), Failure> {
    if text.contains(part) {
        return Ok(());
    }
    Err(format!("{what}: expected it to mention {part:?}, found {text:?}").into())
}
