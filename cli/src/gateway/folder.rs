//! The folder of a deployment.

use std::collections::BTreeMap;
use std::path::Path;

use mcp_edge_runtime::config::ENVIRONMENT_VARIABLE;

use crate::catalog::DATA;
use crate::check::host::Host;
use crate::output::Failure;

/// Writes the files with the data, and takes away those of a build before this one.
pub(super) fn write_data(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<(), Failure> {
    let data = folder.join(DATA);
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(&data)?;
        for entry in std::fs::read_dir(&data)? {
            let entry = entry?;
            let name = entry.file_name().into_string().unwrap_or_default();
            if name.ends_with(".bin") && !files.contains_key(&name) {
                std::fs::remove_file(entry.path())?;
            }
        }
        for (name, bytes) in files {
            let mut file = tempfile::NamedTempFile::new_in(&data)?;
            std::io::Write::write_all(&mut file, bytes)?;
            readable(file.as_file())?;
            file.persist(data.join(name))?;
        }
        Ok(())
    };
    write().map_err(|error| Failure::usage(format!("cannot write {}: {error}", data.display())))
}

/// Data is no secret, and another user may run the program.
#[cfg(unix)]
fn readable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

/// Writes the module that a Worker begins with. It gives the data to the module `program`.
pub(super) fn write_entry(
    folder: &Path,
    files: &BTreeMap<String, Vec<u8>>,
    program: &str,
) -> Result<(), Failure> {
    let path = folder.join("worker.js");
    std::fs::write(&path, entry_module(files, program))
        .map_err(|error| Failure::usage(format!("cannot write {}: {error}", path.display())))
}

fn entry_module(files: &BTreeMap<String, Vec<u8>>, program: &str) -> String {
    let mut module = String::from(
        "// Written by `mcp-edge gateway build`. Gives the data of the deployment to the gateway.\n",
    );
    for (number, name) in files.keys().enumerate() {
        module.push_str(&format!("import data{number} from \"./{DATA}/{name}\";\n"));
    }
    module.push_str("\nglobalThis.mcpEdgeData = {\n");
    for (number, name) in files.keys().enumerate() {
        module.push_str(&format!("  \"{name}\": data{number},\n"));
    }
    module.push_str(&format!(
        "}};\n\nexport * from \"{program}\";\nexport {{ default }} from \"{program}\";\n"
    ));
    module
}

/// The host's own file, and its text where there is none yet. `name` is what the server is deployed as, in `environment` if there
/// is one.
pub(super) fn host_file(
    host: Host,
    name: &str,
    environment: Option<&str>,
) -> Option<(&'static str, String)> {
    let variables = environment.map_or_else(String::new, |environment| {
        format!(
            "\n# What is deployed runs in this environment of mcp.toml.\n[vars]\n{ENVIRONMENT_VARIABLE} = {environment:?}\n"
        )
    });
    match host {
        Host::Workers => Some((
            "wrangler.toml",
            format!(
                r#"name = "{name}"
main = "worker.js"
compatibility_date = "2026-07-01"
# Lets the server notice a caller who left.
compatibility_flags = ["enable_request_signal"]

# The settings and the catalog of the gateway.
[[rules]]
type = "Data"
globs = ["**/*.bin"]
fallthrough = false

# Keeps the line that the server logs for each request.
[observability]
enabled = true
{variables}"#
            ),
        )),
        Host::Spin => Some((
            "spin.toml",
            format!(
                r#"spin_manifest_version = 2

[application]
name = "{name}"
version = "0.1.0"

[[trigger.http]]
route = "/..."
component = "gateway"

[component.gateway]
source = "gateway.wasm"
# The settings and the catalog of the gateway.
files = [{{ source = "{DATA}", destination = "/{DATA}" }}]
allowed_outbound_hosts = []
"#
            ),
        )),
        Host::Native => None,
    }
}

/// What a server is deployed as: the last part of its name, in lower case with hyphens.
pub(super) fn deployed_name(server: &str) -> String {
    let last = server.rsplit('/').next().unwrap_or_default();
    let name: String = last
        .chars()
        .map(|c| match c.is_ascii_alphanumeric() {
            true => c.to_ascii_lowercase(),
            false => '-',
        })
        .collect();
    match name.trim_matches('-') {
        "" => "gateway".to_owned(),
        name => name.to_owned(),
    }
}
