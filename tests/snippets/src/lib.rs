//! The Rust of the pages in `docs/`, compiled and tested as one program.

#[cfg(test)]
#[allow(dead_code, unused_imports, unreachable_pub, missing_docs)]
mod pages {
    include!(concat!(env!("OUT_DIR"), "/pages.rs"));
}
