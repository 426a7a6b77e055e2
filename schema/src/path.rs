//! The way from the value that is checked to the part in question.
use std::fmt::Write;

use super::text::{MAX_SHOWN, shorten};

/// One step of the way.
#[derive(Debug, Clone, Copy)]
pub enum Part<'v> {
    /// To the member of an object.
    Member(&'v str),
    /// To the item of an array, counted from 0.
    Item(usize),
}

/// The way as messages write it, `items[0].id`.
pub fn written(path: &[Part<'_>]) -> String {
    let mut text = String::new();
    for part in path {
        // Writing to a String cannot fail.
        let _ = match part {
            Part::Item(position) => write!(text, "[{position}]"),
            Part::Member(name) if !is_plain(name) => {
                write!(text, "[{:?}]", shorten(name, MAX_SHOWN))
            }
            Part::Member(name) if text.is_empty() => write!(text, "{}", shorten(name, MAX_SHOWN)),
            Part::Member(name) => write!(text, ".{}", shorten(name, MAX_SHOWN)),
        };
    }
    text
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || "_-$@".contains(char))
}
