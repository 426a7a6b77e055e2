//! Work that is done beside other work.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::output;

/// What `work` makes of each item, in their order. As many are made at once as there are cores.
pub fn each<I: Sync, T: Send>(items: &[I], work: impl Fn(&I) -> T + Sync) -> Vec<T> {
    let left = Mutex::new(items.iter().enumerate());
    let output = output::current();
    let worker = || {
        output::redirect(output.clone(), || {
            let mut made = Vec::new();
            loop {
                let next = left.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((place, item)) = next else {
                    return made;
                };
                made.push((place, work(item)));
            }
        })
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let mut made = thread::scope(|scope| {
        let workers = 0..cores.min(items.len());
        let workers: Vec<_> = workers.map(|_| scope.spawn(worker)).collect();
        let made = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
        made.flatten().collect::<Vec<_>>()
    });
    made.sort_by_key(|(place, _)| *place);
    made.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use super::each;

    #[test]
    fn items_keep_their_order() {
        let items: Vec<u32> = (0..100).collect();
        let doubled: Vec<u32> = items.iter().map(|item| item * 2).collect();
        assert_eq!(each(&items, |item| item * 2), doubled);
        assert!(each(&[], |item: &u32| *item).is_empty());
    }
}
