//! What the policy sees of what a server offers.

use super::prompt::BuiltPrompt;
use super::resource::{BuiltResource, BuiltTemplate};
use crate::policy::Target;

/// Something that the policy decides about.
pub(crate) trait PolicySubject {
    /// What the policy sees of it, given its name in its list.
    fn target<'a>(&'a self, name: &'a str) -> Target<'a>;
}

impl PolicySubject for BuiltPrompt {
    fn target<'a>(&'a self, name: &'a str) -> Target<'a> {
        Target::prompt(name)
    }
}

impl PolicySubject for BuiltResource {
    fn target<'a>(&'a self, name: &'a str) -> Target<'a> {
        Target::resource(name)
    }
}

impl PolicySubject for BuiltTemplate {
    fn target<'a>(&'a self, name: &'a str) -> Target<'a> {
        Target::resource(name)
    }
}
