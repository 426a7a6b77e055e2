//! Access tokens, accepted and refused.

mod accepted;
mod attacks;
mod development;
mod identity;
mod keys;
mod misdirected;
mod presets;
mod properties;
mod remembered;
