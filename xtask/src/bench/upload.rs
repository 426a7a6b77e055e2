//! What issuers add to what a Worker uploads.

use anyhow::Result;

use super::aim::{Aim, Bound};
use super::bundle::{self, Bundle};
use super::report::Section;
use super::{Effort, identity};

/// How much issuers may add, in KiB, gzipped.
const MAX_ADDED: f64 = 12.0;

pub(super) fn measure(_: &Effort) -> Result<Section> {
    let bundles = bundle::built(&identity::SOURCES)?;
    let aims = match bundles.split_first() {
        Some((unguarded, guarded)) => guarded.iter().map(|it| aim(it, unguarded)).collect(),
        None => Vec::new(),
    };
    let text = format!(
        "\
## Upload

What an issuer adds to the upload, gzipped, as `wrangler deploy --dry-run` reports it, of the same server with no issuer, with
one of a single algorithm, and with one of all nine:

{}",
        bundle::uploads(&bundles, "none"),
    );
    Ok(Section { text, aims })
}

/// How much more a server with issuers may upload than one without.
fn aim(guarded: &Bundle, unguarded: &Bundle) -> Aim {
    Aim {
        what: format!("upload with {}, over {}", guarded.name, unguarded.name),
        bound: Bound::AtMost(MAX_ADDED),
        measured: guarded.upload - unguarded.upload,
        unit: "KiB",
    }
}
