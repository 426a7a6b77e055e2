//! Standard input, which commands read where a file is named `-`.

use std::io::stdin;

use crate::output::Failure;
use crate::secret_file;

/// The text of a secret on standard input. `what` names what is expected there, for the error where there is nothing.
pub(crate) fn secret(what: &str) -> Result<String, Failure> {
    let text = secret_file::bounded(stdin())
        .map_err(|error| Failure::usage(format!("cannot read standard input: {error}")))?;
    match text.trim() {
        "" => Err(empty(what)),
        _ => Ok(text),
    }
}

/// Nothing is on standard input, where `what` is expected.
pub(crate) fn empty(what: &str) -> Failure {
    Failure::usage(format!(
        "standard input is empty; pipe {what} into the command"
    ))
}
