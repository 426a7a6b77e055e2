//! The limit of file descriptors.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Of how many descriptors one is left for something else than a client's connection: a connection to an upstream or a sink, a
/// file of the outbox.
const SHARE: usize = 8;
/// How many are left at least.
const MIN_REST: usize = 64;

/// Raises the soft limit to the hard one (getrlimit(2)), and gives the number that the process may have open; `None` where there
/// is no limit.
pub(crate) fn raise() -> Option<usize> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = Rlimit {
            current: limit.maximum,
            ..limit
        };
        // Where the system does not allow that many, the limit is what it was.
        let _ = setrlimit(Resource::Nofile, raised);
    }
    let current = getrlimit(Resource::Nofile).current?;
    Some(usize::try_from(current).unwrap_or(usize::MAX))
}

/// How many connections there may be when `wanted` are configured and the process may open `descriptors`.
pub(crate) fn connections(wanted: usize, descriptors: Option<usize>) -> usize {
    let Some(descriptors) = descriptors else {
        return wanted;
    };
    let rest = descriptors.div_ceil(SHARE).max(MIN_REST);
    wanted.min(descriptors.saturating_sub(rest)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_the_rest() {
        assert_eq!(connections(4096, None), 4096);
        assert_eq!(connections(4096, Some(1 << 20)), 4096);
        assert_eq!(connections(4096, Some(1024)), 896);
        assert_eq!(connections(100, Some(1024)), 100);
        assert_eq!(connections(4096, Some(256)), 192);
        assert_eq!(connections(4096, Some(10)), 1);
    }
}
