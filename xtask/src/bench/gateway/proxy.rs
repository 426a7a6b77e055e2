//! The plain proxies that a gateway is measured beside: both pass a request on as it is.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::super::bundle::{self, Main, Source};
use super::super::server::Server;
use super::super::workerd;
use crate::setup::system;
use crate::workspace;

pub(super) const NGINX: &str = "nginx";
pub(super) const WORKER: &str = "a JavaScript proxy";

/// nginx before the upstream, and its version; the error says why there is none.
pub(super) fn nginx(upstream: u16) -> Result<(Server, String)> {
    let program = system::measured("nginx", &["nginx"], "is a reverse proxy to measure beside")?;
    // It writes it to the standard error.
    let version = Command::new(&program).arg("-v").output()?.stderr;
    let version = String::from_utf8_lossy(&version);
    let version = version.trim().rsplit(' ').next().unwrap_or_default();
    let folder = workspace::target_folder("bench/gateway/nginx")?;
    let server = Server {
        name: NGINX,
        command: Box::new(move |port| {
            let file = folder.join(format!("{port}.conf"));
            // Without its file, it does not start.
            if let Err(error) = workspace::write(&file, &configuration(&folder, port, upstream)) {
                eprintln!("{error:#}");
            }
            let mut command = Command::new(&program);
            command
                .args(["-e", "stderr", "-p"])
                .arg(&folder)
                .arg("-c")
                .arg(&file);
            command
        }),
        authorization: None,
        authorizations: None,
    };
    Ok((server, version.to_owned()))
}

/// As many workers as cores, connections that are kept on both sides, and a line for each request, written to nowhere.
fn configuration(folder: &Path, port: u16, upstream: u16) -> String {
    let folder = folder.display();
    format!(
        "\
daemon off;
worker_processes auto;
pid {folder}/{port}.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
  access_log /dev/null;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000000;
  upstream api {{
    server 127.0.0.1:{upstream};
    keepalive 64;
    keepalive_requests 1000000000;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://api;
      proxy_http_version 1.1;
      proxy_set_header Connection \"\";
    }}
  }}
}}
"
    )
}

/// A Worker before the upstream.
pub(super) fn worker(upstream: u16, workerd: &Path) -> Result<Server> {
    let source = Source {
        name: WORKER,
        main: Main::JavaScript("proxy.js"),
        flags: &[],
    };
    let upstream = ("UPSTREAM", format!("http://127.0.0.1:{upstream}"));
    let bundle = bundle::script(&source, &[upstream])?;
    Ok(Server {
        name: WORKER,
        command: workerd::command(&bundle, workerd),
        authorization: None,
        authorizations: None,
    })
}
