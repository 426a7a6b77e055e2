//! The middle of several measurements, which one disturbed round does not move.

/// The median; 0 of nothing.
pub(super) fn median(measurements: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = measurements.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.get(middle) {
        None => 0.0,
        Some(upper) if sorted.len() % 2 == 1 => *upper,
        Some(upper) => (sorted[middle - 1] + upper) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_middle_is_found_in_any_order() {
        assert_eq!(median([3.0, 1.0, 100.0]), 3.0);
        assert_eq!(median([4.0, 1.0, 2.0, 100.0]), 3.0);
        assert_eq!(median([]), 0.0);
    }
}
