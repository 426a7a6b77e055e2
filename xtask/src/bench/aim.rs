//! What was aimed at, and how far off it the measurement is.

/// A bound that a figure should keep.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// One aim and its figure.
#[derive(Debug)]
pub(super) struct Aim {
    /// What is measured: `tools/call at 16 connections, of the floor's rate`.
    pub(super) what: String,
    /// What it should be.
    pub(super) bound: Bound,
    /// What it is.
    pub(super) measured: f64,
    /// The unit of both; empty for a ratio.
    pub(super) unit: &'static str,
}

impl Aim {
    /// A row of the table of aims.
    pub(super) fn row(&self) -> String {
        let (word, limit) = match self.bound {
            Bound::AtLeast(limit) => ("at least", limit),
            Bound::AtMost(limit) => ("at most", limit),
        };
        format!(
            "| {} | {word} {} | {} | {} |\n",
            self.what,
            figure(limit, self.unit),
            figure(self.measured, self.unit),
            self.verdict(),
        )
    }

    fn verdict(&self) -> String {
        let (is_met, limit) = match self.bound {
            Bound::AtLeast(limit) => (self.measured >= limit, limit),
            Bound::AtMost(limit) => (self.measured <= limit, limit),
        };
        if is_met {
            return "met".to_owned();
        }
        let distance = (self.measured - limit).abs();
        format!(
            "**missed** by {} ({:.0} %)",
            figure(distance, self.unit),
            distance / limit * 100.0
        )
    }
}

/// A number with as many digits as say something, and its unit.
pub(super) fn figure(number: f64, unit: &str) -> String {
    let digits = match number.abs() {
        large if large >= 100.0 => 0,
        middling if middling >= 10.0 => 1,
        _ => 2,
    };
    format!("{number:.digits$} {unit}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Aim, Bound};

    fn row(bound: Bound, measured: f64) -> String {
        Aim {
            what: "this".to_owned(),
            bound,
            measured,
            unit: "ms",
        }
        .row()
    }

    #[test]
    fn a_bound_itself_is_met() {
        assert_eq!(
            row(Bound::AtMost(15.0), 15.0),
            "| this | at most 15.0 ms | 15.0 ms | met |\n"
        );
    }

    #[test]
    fn a_miss_reports_the_difference() {
        assert_eq!(
            row(Bound::AtMost(15.0), 18.0),
            "| this | at most 15.0 ms | 18.0 ms | **missed** by 3.00 ms (20 %) |\n"
        );
        assert_eq!(
            row(Bound::AtLeast(0.5), 0.4),
            "| this | at least 0.50 ms | 0.40 ms | **missed** by 0.10 ms (20 %) |\n"
        );
    }
}
