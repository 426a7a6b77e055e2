//! `mcp-edge audit generate-key`, `append`, `prove` and `check`

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use crate::output::{CommandOutput, DONE, Failure};
use crate::secret_file;
use mcp_edge_verify::transparency_log::{
    Entry, Folder, LogError, LogKey, PublicKey, append, check_consistency, check_inclusion,
    entries, prove_consistency, prove_inclusion,
};

/// Makes the key of a sealed log
///
/// The key is written to the file, which only its owner can read; its public half, for those who check, is printed.
#[derive(Args)]
#[command(after_help = KEY)]
pub(crate) struct MakeKey {
    /// The name of the log: where it will be served, without `https://`
    #[arg(long)]
    origin: String,
    /// The file that gets the key
    #[arg(long)]
    file: PathBuf,
}

/// Adds events to a sealed log
///
/// A sealed log is a Merkle tree in files (C2SP tlog-tiles) with signed checkpoints: a checkpoint that is stored elsewhere
/// proves later that nothing before it was changed or removed. Events that the log has already are passed over.
#[derive(Args)]
#[command(after_help = SEAL)]
pub(crate) struct Append {
    /// The folder of the log; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    log: PathBuf,
    /// The file with the log's key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Files with events, as `mcp-edge audit verify` reads them; `-` or none is standard input
    files: Vec<PathBuf>,
}

/// Proves what a sealed log has
#[derive(Args)]
#[command(after_help = PROVE)]
pub(crate) struct Prove {
    #[command(subcommand)]
    what: ProofCommand,
}

#[derive(Subcommand)]
enum ProofCommand {
    /// That it has an event (C2SP tlog-proof)
    #[command(after_help = PROVE)]
    Inclusion {
        /// The folder of the log
        #[arg(long, value_name = "DIR")]
        log: PathBuf,
        /// The event's id
        #[arg(long)]
        id: String,
    },
    /// That it has only grown since an earlier checkpoint
    #[command(after_help = PROVE)]
    Consistency {
        /// The folder of the log
        #[arg(long, value_name = "DIR")]
        log: PathBuf,
        /// The file with the earlier checkpoint
        #[arg(long, value_name = "CHECKPOINT")]
        from: PathBuf,
    },
}

/// Checks a sealed log, or a proof of what it has
#[derive(Args)]
#[command(after_help = CHECK)]
pub(crate) struct Check {
    #[command(subcommand)]
    what: CheckCommand,
}

#[derive(Subcommand)]
enum CheckCommand {
    /// Every entry and every tile of a log, against its checkpoint
    #[command(after_help = CHECK)]
    Log {
        /// The folder of the log
        #[arg(long, value_name = "DIR")]
        log: PathBuf,
        /// The log's public key, or a file with it
        #[arg(long)]
        key: String,
    },
    /// A proof that a log has an event
    #[command(after_help = CHECK)]
    Inclusion {
        /// The file with the proof
        proof: PathBuf,
        /// The file with the event
        #[arg(long, value_name = "FILE")]
        event: PathBuf,
        /// The log's public key, or a file with it
        #[arg(long)]
        key: String,
    },
    /// A proof that a log has only grown
    #[command(after_help = CHECK)]
    Consistency {
        /// The file with the proof
        proof: PathBuf,
        /// The file with the earlier checkpoint
        #[arg(long, value_name = "CHECKPOINT")]
        from: PathBuf,
        /// The log's public key, or a file with it
        #[arg(long)]
        key: String,
    },
}

const KEY: &str = "\
Examples:
  $ mcp-edge audit generate-key --origin logs.example.com/mcp --file log.key > log.pub";
const SEAL: &str = "\
Examples:
  $ mcp-edge audit append --log sealed --key log.key 2026-11-21.ndjson && cp sealed/checkpoint /mnt/elsewhere/";
const PROVE: &str = "\
Examples:
  $ mcp-edge audit prove inclusion --log sealed --id 00000000000000000000000000000001 > event.tlog-proof
  $ mcp-edge audit prove consistency --log sealed --from monday.checkpoint > monday-to-now";
const CHECK: &str = "\
Examples:
  $ mcp-edge audit check log --log sealed --key log.pub
  $ mcp-edge audit check inclusion --key log.pub --event event.json event.tlog-proof
  $ mcp-edge audit check consistency --key log.pub --from monday.checkpoint monday-to-now";

/// The longest checkpoint, key or proof.
const MAX_FILE_BYTES: u64 = 1 << 20;

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        match error {
            LogError::File { .. } => Self::usage(error),
            LogError::Broken(_) | LogError::Refused(_) => Self::check(error),
        }
    }
}

pub(crate) fn make_key(arguments: &MakeKey) -> Result<CommandOutput, Failure> {
    if secret_file::read(&arguments.file)?.is_some() {
        return Err(Failure::check(format!(
            "there is {} already; a log signed with another key is another log",
            arguments.file.display()
        )));
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|error| Failure::usage(format!("this machine gives no random bytes: {error}")))?;
    let secret = LogKey::make(&arguments.origin, &seed)?;
    let public = LogKey::parse(&secret)?.public().text().to_owned();
    secret_file::write(&arguments.file, &format!("{secret}\n"))?;
    Ok(CommandOutput {
        text: format!(
            "{} holds the key of the log. Its public half, for those who check:\n",
            arguments.file.display()
        ),
        json: json!({ "public": public }),
        product: Some(public),
        status: DONE,
    })
}

pub(crate) fn append_events(arguments: &Append) -> Result<CommandOutput, Failure> {
    let key = secret_file::read(&arguments.key)?
        .ok_or_else(|| Failure::usage(format!("there is no file {}", arguments.key.display())))?;
    let key = LogKey::parse(&key)?;
    let input = [PathBuf::from("-")];
    let files = match arguments.files.as_slice() {
        [] => &input,
        files => files,
    };
    let mut text = String::new();
    for path in files {
        text.push_str(&read(path, u64::MAX)?);
        text.push('\n');
    }
    let entries = entries(&text)?;
    if entries.is_empty() {
        return Err(Failure::usage("there is no event to add"));
    }
    let appended = append(&Folder::new(&arguments.log), &key, &entries)?;
    Ok(CommandOutput {
        text: format!(
            "{} events added, {} were there already; the log has {} entries.\nKeep {} where no writer of the log can change it.\n",
            appended.added,
            appended.known,
            appended.checkpoint.size,
            arguments.log.join("checkpoint").display()
        ),
        json: json!({
            "added": appended.added,
            "known": appended.known,
            "size": appended.checkpoint.size,
            "root": appended.checkpoint.root.to_string(),
            "checkpoint": appended.checkpoint.note,
        }),
        product: None,
        status: DONE,
    })
}

pub(crate) fn prove(arguments: &Prove) -> Result<CommandOutput, Failure> {
    let proof = match &arguments.what {
        ProofCommand::Inclusion { log, id } => prove_inclusion(&Folder::new(log), id)?,
        ProofCommand::Consistency { log, from } => {
            prove_consistency(&Folder::new(log), &read(from, MAX_FILE_BYTES)?)?
        }
    };
    Ok(CommandOutput {
        text: String::new(),
        json: json!({ "proof": proof }),
        product: Some(proof),
        status: DONE,
    })
}

pub(crate) fn check(arguments: &Check) -> Result<CommandOutput, Failure> {
    let (tree, sentence) = match &arguments.what {
        CheckCommand::Log { log, key } => {
            let folder = Folder::new(log);
            let tree = folder.checkpoint(&public(key)?)?.ok_or_else(|| {
                Failure::usage(format!("there is no checkpoint in {}", log.display()))
            })?;
            folder.verify(&tree)?;
            (tree, "Every entry is what the checkpoint says.")
        }
        CheckCommand::Inclusion { proof, event, key } => {
            let entry = one(event)?;
            let tree = check_inclusion(&read(proof, MAX_FILE_BYTES)?, &entry, &public(key)?)?;
            (tree, "The event is in the log.")
        }
        CheckCommand::Consistency { proof, from, key } => {
            let earlier = read(from, MAX_FILE_BYTES)?;
            let tree = check_consistency(&read(proof, MAX_FILE_BYTES)?, &earlier, &public(key)?)?;
            (tree, "The log has only grown.")
        }
    };
    Ok(CommandOutput {
        text: format!("{sentence} It has {} entries.\n", tree.size),
        json: json!({ "verified": true, "size": tree.size, "root": tree.root.to_string() }),
        product: None,
        status: DONE,
    })
}

/// The one event in a file.
fn one(path: &Path) -> Result<Entry, Failure> {
    let mut entries = entries(&read(path, MAX_FILE_BYTES)?)?;
    match (entries.pop(), entries.is_empty()) {
        (Some(entry), true) => Ok(entry),
        _ => Err(Failure::usage(format!(
            "{} should hold one event, as a line of the log",
            path.display()
        ))),
    }
}

fn public(key: &str) -> Result<PublicKey, Failure> {
    match PublicKey::parse(key) {
        Ok(key) => Ok(key),
        Err(_) => Ok(PublicKey::parse(&read(Path::new(key), MAX_FILE_BYTES)?)?),
    }
}

fn read(path: &Path, limit: u64) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(limit).read_to_string(&mut text)
    } else {
        fs::File::open(path).and_then(|file| file.take(limit).read_to_string(&mut text))
    };
    read.map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
    Ok(text)
}
