//! Whether a server reads two names of parameters as one.

/// Whether a server can read a parameter `a` as `b`, as a part of it, or as what contains it. Servers differ: some ignore case,
/// some read `a[b]`, `a.b` and `a[]` as parts of `a`, and some read `a.b` and `a b` as `a_b`.
pub(super) fn can_be_read_as(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim().to_lowercase(), b.trim().to_lowercase());
    let mut pairs = tokens(&a).zip(tokens(&b)).peekable();
    let is_part = pairs.peek().is_some() && pairs.all(|(a, b)| a == b);
    a == b || is_part || flat(&a) == flat(&b)
}

/// Whether what the parameter `own` writes as `written` can be read as another of the names that are `taken` at its place.
pub(super) fn is_taken(own: &str, written: &str, taken: &[&str]) -> bool {
    let mut others = taken.iter().filter(|other| **other != own);
    others.any(|other| can_be_read_as(written, other))
}

fn tokens(name: &str) -> impl Iterator<Item = &str> {
    let tokens = name.split(['[', ']', '.']);
    tokens.filter(|token| !token.is_empty())
}

fn flat(name: &str) -> String {
    let name = name.strip_suffix("[]").unwrap_or(name);
    name.replace([' ', '.', '['], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_some_server_reads_as_one() {
        for (a, b) in [
            ("tenant", "tenant"),
            ("tenant", "Tenant"),
            ("tenant", " tenant"),
            ("tenant", "tenant[]"),
            ("tenant", "tenant[id]"),
            ("tenant.id", "tenant"),
            ("tenant.id", "tenant[id]"),
            ("tenant_id", "tenant.id"),
            ("tenant_id", "tenant id"),
            ("tenant_id", "tenant[id"),
            ("filter[a]", "filter[a][b]"),
        ] {
            assert!(can_be_read_as(a, b), "{a} {b}");
            assert!(can_be_read_as(b, a), "{b} {a}");
        }
        for (a, b) in [
            ("tenant", ""),
            ("tenant", "[]"),
            ("tenant", "tenants"),
            ("tenant", "tenant_id"),
            ("tenant", "id"),
            ("filter[a]", "filter[b]"),
            ("user.name", "user.mail"),
        ] {
            assert!(!can_be_read_as(a, b), "{a} {b}");
            assert!(!can_be_read_as(b, a), "{b} {a}");
        }
    }
}
