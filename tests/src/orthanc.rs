//! Orthanc, a real DICOM server, as the API behind a gateway: a hospital's archive, small and made up.

use std::net::{Ipv4Addr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use xtask::host::free_port;
use xtask::process::Group;
use xtask::setup::system;
use xtask::workspace;

use crate::http::{Endpoint, Raw};
use crate::request::post;

/// Far longer than it takes to start.
const LIMIT: Duration = Duration::from_secs(120);

/// One pixel, grey.
const IMAGE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

/// A server with a database of its own. It ends when it is dropped, or with the suite.
#[derive(Debug)]
pub struct Orthanc {
    endpoint: Endpoint,
    group: Group,
}

/// The identifiers that Orthanc gave what a new DICOM file contains.
#[derive(Debug)]
pub struct Stored {
    /// The patient.
    pub patient: String,
    /// The study.
    pub study: String,
    /// The series.
    pub series: String,
    /// The instance.
    pub instance: String,
}

/// Installs Orthanc, or gives the reason why this machine cannot have it.
pub fn installed() -> Result<(), String> {
    static PROGRAM: OnceLock<Result<(), String>> = OnceLock::new();
    PROGRAM
        .get_or_init(|| match program() {
            Ok(_) => Ok(()),
            Err(error) => Err(format!("{error:#}")),
        })
        .clone()
}

fn program() -> Result<std::path::PathBuf> {
    system::program(
        "Orthanc",
        &["orthanc"],
        "is the API behind the gateway of `examples/cohort-data`",
    )
}

impl Orthanc {
    /// Starts one that stores nothing.
    pub fn start() -> Result<Self> {
        let port = free_port()?;
        let folder = workspace::target_folder(format!("tmp/orthanc-{port}"))?;
        std::fs::remove_dir_all(&folder).context("cannot remove an old database")?;
        std::fs::create_dir_all(&folder).context("cannot make a folder for the database")?;
        let configuration = json!({
            "StorageDirectory": folder,
            "IndexDirectory": folder,
            "HttpPort": port,
            "RemoteAccessAllowed": false,
            "AuthenticationEnabled": false,
            "DicomServerEnabled": false,
            "DicomPort": free_port()?,
            "Plugins": [],
        });
        let file = folder.join("orthanc.json");
        workspace::write(&file, &configuration.to_string())?;
        let mut command = Command::new(program()?);
        command
            .arg(file)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut group = Group::start(&mut command)?;
        let deadline = Instant::now() + LIMIT;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if group.ended()?.is_some() || Instant::now() > deadline {
                bail!("Orthanc does not start with {configuration}");
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(Self {
            endpoint: Endpoint::new(&format!("http://127.0.0.1:{port}"))?,
            group,
        })
    }

    /// Its URL, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.endpoint.authority())
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.group.id()
    }

    /// Stores a DICOM file with these tags, and with a picture.
    pub fn store(&self, tags: Value, has_image: bool) -> Result<Stored> {
        let mut body = json!({ "Tags": tags });
        if has_image {
            body["Content"] = Value::from(IMAGE);
        }
        let answer = self.endpoint.raw(&post(body).path("/tools/create-dicom"))?;
        ensure!(answer.status == 200, "{}: {}", answer.status, answer.body);
        let stored: Value = serde_json::from_str(&answer.body)?;
        let id = |name: &str| {
            let id = stored[name].as_str().map(str::to_owned);
            id.with_context(|| format!("no {name} in {stored}"))
        };
        Ok(Stored {
            patient: id("ParentPatient")?,
            study: id("ParentStudy")?,
            series: id("ParentSeries")?,
            instance: id("ID")?,
        })
    }

    /// What it answers to a GET of this target, which is sent as it is.
    pub fn get(&self, target: &str) -> Result<Raw> {
        self.endpoint
            .raw(&post(Value::Null).http_method("GET").path(target))
    }
}
