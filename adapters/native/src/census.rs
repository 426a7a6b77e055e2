//! The connections of the process: how many there are, which has been without a request for longest, and the order to close.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::tally::{RateDecision, Tally};

/// How long a new connection waits for one that was told to close.
const DISPLACEMENT: Duration = Duration::from_secs(1);

/// Set where a request's body is waited for: such a connection makes room after all those without a request.
const RECEIVING: u64 = 1 << 63;

/// All connections, as all threads see them; its copies are the same.
#[derive(Clone)]
pub(crate) struct Census(Arc<Inner>);

struct Inner {
    max: usize,
    max_per_address: usize,
    began: Instant,
    open: Mutex<Open>,
    /// Told whenever a place may have become free.
    freed: Notify,
    tally: Tally,
}

#[derive(Default)]
struct Open {
    last: u64,
    slots: HashMap<u64, Arc<Slot>>,
    /// Counted where `max_per_address` limits them.
    addresses: HashMap<IpAddr, usize>,
    /// When the process must have ended, once it was told to stop.
    deadline: Option<Instant>,
}

/// What a connection is told by other threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Order {
    Continue,
    /// Make room, if no request is served.
    Displace,
    /// Serve what is in flight, and close.
    Stop,
    /// Close now.
    Drop,
}

const ORDERS: [Order; 4] = [Order::Continue, Order::Displace, Order::Stop, Order::Drop];

/// One connection, as other threads see it.
struct Slot {
    address: IpAddr,
    /// Since when it waits for its client, in microseconds since the census began, and one more; 0: it serves a request. With
    /// [`RECEIVING`] it waits for the body of one.
    idle: AtomicU64,
    order: AtomicU8,
    waker: AtomicWaker,
}

impl Slot {
    fn order(&self, order: Order) {
        self.order.fetch_max(order as u8, Ordering::Relaxed);
        self.waker.wake();
    }
}

impl Census {
    pub(crate) fn new(max: usize, max_per_address: usize, tally: Tally) -> Self {
        Self(Arc::new(Inner {
            max,
            max_per_address,
            began: Instant::now(),
            open: Mutex::default(),
            freed: Notify::new(),
            tally,
        }))
    }

    /// A place for a new connection from `address`. Where there is none, the connection that has been without a request for
    /// longest is closed, or else the one that has waited for a body for longest; `None` if every connection serves a request.
    pub(crate) async fn admit(&self, address: IpAddr) -> Option<Place> {
        let address = network(address);
        loop {
            let full = match self.enter(address) {
                Ok(place) => return Some(place),
                Err(full) => full,
            };
            if !self.displace(full.then_some(address)) {
                let limit = if full {
                    RateDecision::OverMaxPerAddress
                } else {
                    RateDecision::OverMax
                };
                self.0.tally.add(limit);
                return None;
            }
            let freed = timeout(DISPLACEMENT, self.0.freed.notified()).await;
            if freed.is_err() {
                self.0.tally.add(RateDecision::OverMax);
                return None;
            }
        }
    }

    /// Tells every connection to close once its requests are served, and those to come as well.
    pub(crate) fn stop(&self, deadline: Instant) {
        let mut open = self.open();
        open.deadline.get_or_insert(deadline);
        open.slots.values().for_each(|slot| slot.order(Order::Stop));
    }

    /// When the process must have ended, once it was told to stop.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.open().deadline
    }

    /// Tells every connection to close now.
    pub(crate) fn drop_all(&self) {
        let open = self.open();
        open.slots.values().for_each(|slot| slot.order(Order::Drop));
    }

    /// Closes the connection that has been without a request for longest, or else the one that has waited for a body for longest,
    /// of those from `address` where one is given. Gives whether there is one.
    pub(crate) fn displace(&self, address: Option<IpAddr>) -> bool {
        let open = self.open();
        let mut oldest: Option<(u64, &Arc<Slot>)> = None;
        for slot in open.slots.values() {
            let idle = slot.idle.load(Ordering::Relaxed);
            if idle == 0 || address.is_some_and(|address| address != slot.address) {
                continue;
            }
            if oldest.is_none_or(|(since, _)| idle < since) {
                oldest = Some((idle, slot));
            }
        }
        if let Some((_, slot)) = oldest {
            slot.order(Order::Displace);
        }
        oldest.is_some()
    }

    /// A place, or whether it is the address that has as many as it may.
    fn enter(&self, address: IpAddr) -> Result<Place, bool> {
        let mut open = self.open();
        if self.0.max_per_address > 0 {
            let taken = open.addresses.get(&address).copied().unwrap_or(0);
            if taken >= self.0.max_per_address {
                return Err(true);
            }
        }
        if open.slots.len() >= self.0.max {
            return Err(false);
        }
        if self.0.max_per_address > 0 {
            let taken = open.addresses.entry(address).or_default();
            *taken = taken.saturating_add(1);
        }
        let order = match open.deadline {
            Some(_) => Order::Stop,
            None => Order::Continue,
        };
        let slot = Arc::new(Slot {
            address,
            idle: AtomicU64::new(self.at(Instant::now())),
            order: AtomicU8::new(order as u8),
            waker: AtomicWaker::new(),
        });
        open.last = open.last.wrapping_add(1);
        let id = open.last;
        open.slots.insert(id, Arc::clone(&slot));
        Ok(Place {
            census: self.clone(),
            id,
            slot,
        })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at(&self, time: Instant) -> u64 {
        let passed = time.saturating_duration_since(self.0.began).as_micros();
        u64::try_from(passed).unwrap_or(u64::MAX).saturating_add(1)
    }
}

/// The place of one connection, until it is dropped.
pub(crate) struct Place {
    census: Census,
    id: u64,
    slot: Arc<Slot>,
}

impl Place {
    /// A request is served.
    pub(crate) fn busy(&self) {
        self.slot.idle.store(0, Ordering::Relaxed);
    }

    /// No request is in flight.
    pub(crate) fn idle(&self, since: Instant) {
        let since = self.census.at(since);
        self.slot.idle.store(since, Ordering::Relaxed);
    }

    /// The bodies of all requests in flight are waited for.
    pub(crate) fn receiving(&self, since: Instant) {
        let since = self.census.at(since) | RECEIVING;
        self.slot.idle.store(since, Ordering::Relaxed);
    }

    /// Nothing but the client's end is awaited: before any other, this connection makes room.
    pub(crate) fn expendable(&self) {
        self.slot.idle.store(1, Ordering::Relaxed);
    }

    /// Wakes `task` when there is an order.
    pub(crate) fn listen(&self, task: &std::task::Context<'_>) {
        self.slot.waker.register(task.waker());
    }

    /// Wakes the connection's task.
    pub(crate) fn wake(&self) {
        self.slot.waker.wake();
    }

    /// The order that there is.
    pub(crate) fn order(&self) -> Order {
        let order = self.slot.order.load(Ordering::Relaxed);
        ORDERS
            .into_iter()
            .find(|known| *known as u8 == order)
            .unwrap_or(Order::Continue)
    }

    /// Says that the connection closes to make room for another.
    pub(crate) fn displaced(&self) {
        self.census.0.tally.add(RateDecision::Displaced);
    }

    /// Says that the connection does not, since a request has arrived.
    pub(crate) fn keep(&self) {
        let (displace, continues) = (Order::Displace as u8, Order::Continue as u8);
        let order = &self.slot.order;
        let kept =
            order.compare_exchange(displace, continues, Ordering::Relaxed, Ordering::Relaxed);
        if kept.is_ok() {
            self.census.0.freed.notify_one();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.census.open();
        open.slots.remove(&self.id);
        if let Some(taken) = open.addresses.get_mut(&self.slot.address) {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                open.addresses.remove(&self.slot.address);
            }
        }
        drop(open);
        self.census.0.freed.notify_one();
    }
}

/// What counts as one address. A client with an IPv6 address usually has all of its 64-bit network (RFC 4291, 2.5.4).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & (u128::MAX << 64);
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn census(max: usize, max_per_address: usize) -> Census {
        Census::new(max, max_per_address, Tally::default())
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))
    }

    /// A connection that has just become idle, and closes once it is told to.
    fn enter(census: &Census, last: u8) -> Place {
        let Ok(place) = census.enter(network(address(last))) else {
            panic!("full");
        };
        place
    }

    /// A subscriber has the 2^64 addresses of a network (RFC 6177), and some clients are IPv4 in IPv6.
    #[test]
    fn addresses_of_one_subscriber_count_together() {
        let of = |address: &str| network(address.parse().unwrap());
        assert_eq!(
            of("2001:db8:1:2::1"),
            of("2001:db8:1:2:ffff:ffff:ffff:ffff")
        );
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[tokio::test(start_paused = true)]
    async fn the_connection_that_is_idle_for_longest_makes_room() {
        let census = census(3, 0);
        let busy = enter(&census, 1);
        busy.busy();
        tokio::time::advance(Duration::from_secs(1)).await;
        let oldest = enter(&census, 2);
        tokio::time::advance(Duration::from_secs(1)).await;
        let newer = enter(&census, 3);
        let (new, ()) = futures_util::future::join(census.admit(address(4)), async {
            tokio::task::yield_now().await;
            assert_eq!(oldest.order(), Order::Displace);
            drop(oldest);
        })
        .await;
        assert!(new.is_some());
        for other in [&busy, &newer] {
            assert_eq!(other.order(), Order::Continue);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_for_a_body_makes_room_after_idle_connections() {
        let census = census(2, 0);
        let receiving = enter(&census, 1);
        receiving.receiving(Instant::now());
        tokio::time::advance(Duration::from_secs(1)).await;
        let idle = enter(&census, 2);
        assert!(census.displace(None));
        assert_eq!(idle.order(), Order::Displace);
        assert_eq!(receiving.order(), Order::Continue);
        idle.busy();
        assert!(census.displace(None));
        assert_eq!(receiving.order(), Order::Displace);
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_connection_is_refused_when_all_others_have_requests() {
        let census = census(2, 0);
        let taken = [enter(&census, 1), enter(&census, 2)];
        taken.iter().for_each(Place::busy);
        assert!(census.admit(address(3)).await.is_none());
        drop(taken);
        assert!(census.admit(address(3)).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_gets_a_request_keeps_its_place() {
        let census = census(1, 0);
        let place = enter(&census, 1);
        let (new, ()) = futures_util::future::join(census.admit(address(2)), async {
            tokio::task::yield_now().await;
            place.busy();
            place.keep();
        })
        .await;
        assert!(new.is_none());
        assert_eq!(place.order(), Order::Continue);
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_displaces_its_own_connections_only() {
        let census = census(10, 1);
        let other = enter(&census, 1);
        let own = enter(&census, 2);
        let (new, ()) = futures_util::future::join(census.admit(address(2)), async {
            tokio::task::yield_now().await;
            assert_eq!(own.order(), Order::Displace);
            drop(own);
        })
        .await;
        assert_eq!(other.order(), Order::Continue);
        new.as_ref().unwrap().busy();
        assert!(census.admit(address(2)).await.is_none());
        drop(new);
        assert!(census.open().addresses.len() == 1);
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let parse = |text: &str| network(text.parse().unwrap());
        assert_eq!(parse("2001:db8::1"), parse("2001:db8::ffff:2"));
        assert_ne!(parse("2001:db8::1"), parse("2001:db8:0:1::1"));
        assert_eq!(parse("::ffff:192.0.2.1"), address(1));
        assert_ne!(parse("192.0.2.1"), parse("192.0.2.2"));
    }

    #[tokio::test(start_paused = true)]
    async fn connections_to_come_are_told_to_stop_too() {
        let census = census(4, 0);
        let before = enter(&census, 1);
        let deadline = Instant::now();
        census.stop(deadline);
        assert_eq!(before.order(), Order::Stop);
        assert_eq!(enter(&census, 2).order(), Order::Stop);
        assert_eq!(census.deadline(), Some(deadline));
        census.drop_all();
        assert_eq!(before.order(), Order::Drop);
    }
}
