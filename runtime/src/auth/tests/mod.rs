//! Access tokens, accepted and refused.

mod accepted;
mod attacks;
mod identity;
mod keys;
mod presets;
mod properties;
mod remembered;
