//! Servers that do not answer, or not as one.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use super::good::Good;
use super::server::{Reply, serve};
use super::{finding, verdicts};
use crate::commands::run::{Ended, Folder};

fn look(url: &str, options: &[&str]) -> Ended {
    Folder::new().run(&[&["doctor", url, "--json"], options].concat())
}

/// Listens, and has `answer` write whatever it likes.
fn listen(answer: fn(TcpStream)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.expect("a connection");
            std::thread::spawn(move || answer(stream));
        }
    });
    address
}

#[track_caller]
fn is_unreachable(ended: &Ended, because: &str) {
    assert_eq!(ended.status, 1, "{ended:?}");
    let finding = finding(ended, "reachable");
    assert!(finding.contains(because), "{finding}");
    let others = verdicts(ended);
    let mut others = others.iter().filter(|(id, _)| *id != "reachable");
    assert!(others.all(|(_, verdict)| verdict == "skipped"), "{ended:?}");
}

#[test]
fn a_refused_connection_is_reported_once() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("an address");
    drop(free);
    is_unreachable(
        &look(&format!("http://{address}/mcp"), &[]),
        "nothing listens there",
    );
}

#[test]
fn an_unknown_name_is_reported() {
    is_unreachable(
        &look("http://no-such-host.invalid/mcp", &[]),
        "there is no host of this name",
    );
}

#[test]
fn a_server_without_tls_is_told_from_one_with() {
    let address = listen(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
        let _ = stream.read(&mut [0; 1024]);
    });
    is_unreachable(
        &look(&format!("https://{address}/mcp"), &[]),
        "does not speak TLS",
    );
}

#[test]
fn a_server_that_does_not_answer_is_not_waited_for() {
    let address = listen(|mut stream| {
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let ended = look(&format!("http://{address}/mcp"), &["--timeout", "300ms"]);
    is_unreachable(&ended, "in time");
}

#[test]
fn an_answer_without_end_is_not_read_to_the_end() {
    let address = listen(|mut stream| {
        let head =
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
        let mut sent = stream.write_all(head);
        while sent.is_ok() {
            sent = stream.write_all(&[b'['; 64 << 10]);
        }
    });
    let ended = look(&format!("http://{address}/mcp"), &[]);
    is_unreachable(&ended, "longer than 4194304 bytes");
}

#[test]
fn a_response_that_is_not_http_is_reported() {
    let address = listen(|mut stream| {
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n");
        let _ = stream.read(&mut [0; 1024]);
    });
    is_unreachable(&look(&format!("http://{address}/mcp"), &[]), "not HTTP");
}

#[test]
fn a_redirect_is_reported_and_not_followed() {
    let address =
        serve(|_| |_| Reply::new(308, "").with("location", "https://elsewhere.example/mcp"));
    let ended = look(&format!("http://{address}/mcp"), &[]);
    is_unreachable(
        &ended,
        "308 Permanent Redirect, to https://elsewhere.example/mcp",
    );
}

#[test]
fn a_path_without_an_endpoint_is_told_from_a_server_that_is_wrong() {
    let address = serve(|_| |_| Reply::new(404, "not here"));
    is_unreachable(
        &look(&format!("http://{address}/mpc"), &[]),
        "no MCP endpoint at this path",
    );
    let good = format!("http://{}/mpc", Good::start().address);
    is_unreachable(&look(&good, &[]), "no MCP endpoint at this path");
    let address =
        serve(|_| |_| Reply::new(200, "<html>").with("content-type", "text/html; charset=utf-8"));
    is_unreachable(&look(&format!("http://{address}/"), &[]), "with a page");
}

#[test]
fn what_is_not_a_url_has_status_2() {
    for url in [
        "mcp.example.com/mcp",
        "https://mcp.example.com/mcp?token=a",
        "ftp://mcp.example.com",
    ] {
        assert_eq!(look(url, &[]).status, 2, "{url}");
    }
}
