//! The host.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{join, join_all, pending, select};
use http::Request;

use crate::host::{FetchError, FetchOptions, Host as _, RateDecision, RateLimit};
use crate::testing::{Capability, Reply, TestHost};

const SECOND: Duration = Duration::from_secs(1);
const URL: &str = "https://api.example/rates";

fn fetch(host: &TestHost, url: &str) -> Result<(u16, Bytes), FetchError> {
    let request = Request::get(url).body(Bytes::new()).unwrap();
    let answer = host.run(host.fetch(request, FetchOptions::new(8)));
    answer.map(|answer| (answer.status().as_u16(), answer.into_body()))
}

#[test]
fn sleeps_end_in_order_without_waiting() {
    let host = TestHost::new();
    let began = host.now();
    let ended = RefCell::new(Vec::new());
    // More than `join_all` polls together: each is polled only if its own timer has woken it.
    let sleeps = (0..100_u64).rev().map(|seconds| {
        let (host, ended) = (&host, &ended);
        async move {
            host.sleep(Duration::from_secs(seconds)).await;
            ended.borrow_mut().push((seconds, host.now().since(began)));
        }
    });
    host.run(join_all(sleeps));
    let expected: Vec<_> = (0..100).map(|s| (s, Duration::from_secs(s))).collect();
    assert_eq!(ended.into_inner(), expected);
}

#[test]
fn work_in_the_background_runs_when_its_time_comes() {
    let host = TestHost::new();
    let ran = Rc::new(RefCell::new(Vec::new()));
    let (inner, record) = (host.clone(), Rc::clone(&ran));
    let began = host.now();
    host.after_response(Box::pin(async move {
        for _ in 0..3 {
            inner.sleep(10 * SECOND).await;
            record.borrow_mut().push(inner.now().since(began));
        }
    }));
    host.advance(25 * SECOND);
    assert_eq!(*ran.borrow(), [10 * SECOND, 20 * SECOND]);
    assert_eq!(host.now().since(began), 25 * SECOND);
    assert!(!host.is_idle());
    host.run_after_response();
    assert!(host.is_idle());
    assert_eq!(host.now().since(began), 30 * SECOND);
}

#[test]
fn dropped_work_runs_its_destructors_and_forgotten_work_does_not() {
    for forgotten in [false, true] {
        let host = TestHost::new();
        let held = Rc::new(());
        let (inner, guard) = (host.clone(), Rc::clone(&held));
        host.after_response(Box::pin(async move {
            inner.sleep(SECOND).await;
            drop(guard);
        }));
        host.advance(Duration::ZERO);
        if forgotten {
            host.forget_work();
        } else {
            host.drop_work();
        }
        assert_eq!(Rc::strong_count(&held), if forgotten { 2 } else { 1 });
        host.advance(2 * SECOND);
        assert!(host.is_idle());
    }
}

#[test]
#[should_panic(expected = "waits for something that never happens")]
fn a_future_that_never_ends_is_named() {
    TestHost::new().run(pending::<()>());
}

#[test]
fn random_bytes_depend_on_the_seed_alone() {
    let bytes = |seed| {
        let host = TestHost::new();
        host.seed(seed);
        let mut bytes = [0; 37];
        host.random(&mut bytes).unwrap();
        bytes
    };
    assert_eq!(bytes(1), bytes(1));
    assert_ne!(bytes(1), bytes(2));
    let default = {
        let mut bytes = [0; 37];
        TestHost::new().random(&mut bytes).unwrap();
        bytes
    };
    assert_eq!(default, bytes(0));
}

#[test]
fn replies_are_selected_by_url() {
    let host = TestHost::new();
    host.reply(URL, Reply::new(200, "always"));
    host.reply_once(URL, Reply::new(500, "first"));
    host.reply_once(URL, Reply::unreachable());
    host.reply("https://api.example/rates?day=1", Reply::new(200, "day 1"));
    host.reply_with(|request| Reply::new(404, request.uri.path().to_owned()));
    assert_eq!(fetch(&host, URL), Ok((500, Bytes::from("first"))));
    assert!(matches!(fetch(&host, URL), Err(FetchError::Failed(_))));
    for _ in 0..2 {
        assert_eq!(fetch(&host, URL), Ok((200, Bytes::from("always"))));
    }
    let with_query = |query: &str| fetch(&host, &format!("{URL}?{query}")).unwrap().1;
    assert_eq!(with_query("day=1"), "day 1");
    assert_eq!(with_query("day=2"), "always");
    assert_eq!(
        fetch(&host, "https://api.example/x"),
        Ok((404, Bytes::from("/x")))
    );
    let requests = host.requests();
    assert_eq!(requests.len(), 7);
    assert_eq!(requests[6].uri, "https://api.example/x");
}

#[test]
fn a_request_without_a_reply_is_reported() {
    let error = fetch(&TestHost::new(), URL).unwrap_err().to_string();
    assert_eq!(
        error,
        format!(
            "the request failed: the test has no reply to GET {URL}; add one with TestHost::reply"
        )
    );
}

#[test]
fn a_reply_that_is_too_long_or_late_is_so_for_the_caller() {
    let host = TestHost::new();
    host.reply(URL, Reply::new(200, "123456789"));
    assert_eq!(fetch(&host, URL), Err(FetchError::TooLarge(8)));
    let began = host.now();
    host.reply(URL, Reply::json([1]).delay(3 * SECOND));
    assert_eq!(fetch(&host, URL), Ok((200, Bytes::from("[1]"))));
    assert_eq!(host.now().since(began), 3 * SECOND);
}

#[test]
fn two_requests_at_once_overlap() {
    let host = TestHost::new();
    host.reply(URL, Reply::new(200, "").delay(SECOND));
    let began = host.now();
    let fetch = || {
        host.fetch(
            Request::get(URL).body(Bytes::new()).unwrap(),
            FetchOptions::new(8),
        )
    };
    let (one, other) = host.run(join(fetch(), fetch()));
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(host.now().since(began), SECOND);
}

#[test]
fn a_request_that_is_given_up_on_its_way_does_not_arrive() {
    let host = TestHost::new();
    host.set_latency(2 * SECOND);
    host.reply(URL, Reply::new(200, ""));
    let fetch = || {
        host.fetch(
            Request::get(URL).body(Bytes::new()).unwrap(),
            FetchOptions::new(8),
        )
    };
    let timeout = host.sleep(SECOND);
    host.run(select(fetch(), timeout));
    assert!(host.requests().is_empty());
    let sent = host.now();
    assert!(host.run(fetch()).is_ok());
    assert_eq!(host.requests()[0].time.since(sent), 2 * SECOND);
}

#[test]
fn the_limiter_counts_by_the_clock() {
    static RATE: RateLimit = RateLimit {
        name: "two a minute, one at once",
        calls: Some(2),
        concurrent: Some(1),
        ..RateLimit::DEFAULT
    };
    let host = TestHost::new();
    let limiter = host.limiter().unwrap();
    let count = |key| host.run(limiter.count(&RATE, key, host.now())).unwrap();
    let held = count("a");
    assert!(matches!(held, RateDecision::Within(_)));
    assert!(matches!(count("a"), RateDecision::Beyond { .. }), "running");
    assert!(matches!(count("b"), RateDecision::Within(_)));
    drop(held);
    host.advance(20 * SECOND);
    assert!(matches!(count("a"), RateDecision::Within(_)));
    let RateDecision::Beyond { retry_after } = count("a") else {
        panic!("a third call in a minute");
    };
    assert_eq!(retry_after, 40 * SECOND);
    host.advance(retry_after);
    assert!(matches!(count("a"), RateDecision::Within(_)));
}

#[test]
fn the_cache_forgets_what_has_expired() {
    let host = TestHost::new();
    let cache = host.cache().unwrap();
    host.run(cache.put("key", "value".to_owned(), 10 * SECOND))
        .unwrap();
    let get = || host.run(cache.get("key")).unwrap();
    host.advance(9 * SECOND);
    assert_eq!(get().as_deref(), Some("value"));
    assert_eq!(host.cache_entries().len(), 1);
    host.advance(SECOND);
    assert_eq!(get(), None);
    assert!(host.cache_entries().is_empty());
}

#[test]
fn places_are_given_back() {
    let host = TestHost::new();
    let held = host.acquire_permit(1).unwrap();
    assert!(host.acquire_permit(1).is_none());
    drop(held);
    assert!(host.acquire_permit(1).is_some());
}

#[test]
fn a_capability_can_be_taken_away() {
    let host = TestHost::new();
    assert!(host.cache().is_some() && host.outbox().is_some() && host.limiter().is_some());
    assert!(host.queues().is_some() && host.objects().is_some());
    let host = [
        Capability::Cache,
        Capability::Limiter,
        Capability::Outbox,
        Capability::Queues,
        Capability::ObjectStore,
    ]
    .into_iter()
    .fold(host, TestHost::without);
    assert!(host.cache().is_none() && host.outbox().is_none() && host.limiter().is_none());
    assert!(host.queues().is_none() && host.objects().is_none());
}

#[test]
fn bindings_hold_what_was_sent() {
    let host = TestHost::new();
    host.add_queue("QUEUE");
    host.add_object_store("STORE");
    let (queues, objects) = (host.queues().unwrap(), host.objects().unwrap());
    host.run(queues.send("QUEUE", vec!["a".to_owned(), "b".to_owned()]))
        .unwrap();
    host.run(objects.put("STORE", "key", "text/plain", Bytes::from("old")))
        .unwrap();
    host.run(objects.put("STORE", "key", "text/plain", Bytes::from("new")))
        .unwrap();
    assert_eq!(host.queue_messages("QUEUE"), ["a", "b"]);
    let stored = host.stored_objects("STORE");
    assert_eq!(stored.len(), 1);
    assert_eq!(
        (stored[0].key.as_str(), &stored[0].bytes[..]),
        ("key", &b"new"[..])
    );
    assert!(host.run(queues.check("STORE")).is_err());
    assert!(host.run(objects.check("QUEUE")).is_err());
}
