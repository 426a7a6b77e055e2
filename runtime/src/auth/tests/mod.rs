//! Access tokens, accepted and refused.

mod accepted;
mod attacks;
mod identity;
mod keys;
mod misdirected;
mod presets;
mod properties;
mod remembered;
