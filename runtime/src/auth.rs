//! Who is calling.

use crate::token::Binding;

/// Who sent a request, as far as that has been proven.
///
/// This version serves everybody alike: it reads no credentials, so nobody is ever more than anonymous,
/// and an `Authorization` header changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Caller {
    /// Somebody who proved nothing.
    Anonymous,
}

impl Caller {
    /// What the caller's resumption tokens are bound to.
    pub(crate) fn binding(&self) -> Binding<'_> {
        match self {
            Self::Anonymous => Binding::anonymous(),
        }
    }

    /// The caller in the audit event.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
        }
    }
}
