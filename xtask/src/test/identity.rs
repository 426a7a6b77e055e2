//! Stock clients that sign in: an OpenID provider, a server that trusts it on each host, and the official TypeScript
//! clients, which are told the server's URL and nothing else.

use anyhow::Result;

use super::{Session, Tally};
use crate::clients::typescript;
use crate::host::Host;
use crate::identity::{self, Provider};
use crate::keys;

pub(super) fn check(session: &Session, host: Host) -> Result<Tally> {
    session.builds.servers(host)?;
    // Both are started again for every host: the flows rotate the provider's keys, and use up rates.
    let provider = Provider::start()?;
    let server = identity::start_server(host, &keys::fresh("test")?, provider.url())?;
    Tally::of_tests(typescript("identity.mjs")?.args([server.url(), provider.url()]))
}
