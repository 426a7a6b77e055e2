//! The host's log.

use super::{Batch, Format, Parcel, Setup, Speak};

struct Log(Format);

#[expect(clippy::unnecessary_wraps, reason = "as every protocol starts")]
pub(super) fn start(setup: Setup) -> Result<Box<dyn Speak>, String> {
    Ok(Box::new(Log(setup.settings.format)))
}

impl Speak for Log {
    fn parcel(&self, batch: &Batch<'_>) -> Result<Parcel, String> {
        let lines = batch.bodies(self.0).map(|(_, body)| body);
        Ok(Parcel::Lines(lines.collect()))
    }
}
