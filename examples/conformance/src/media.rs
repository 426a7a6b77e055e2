//! The smallest picture and sound there are.

/// One red pixel.
pub(crate) const RED_PIXEL: &[u8] = include_bytes!("../data/red-pixel.png");

/// Ten milliseconds of silence.
pub(crate) const SILENCE: &[u8] = include_bytes!("../data/silence.wav");
