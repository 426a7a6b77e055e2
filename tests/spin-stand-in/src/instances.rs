//! The component and its instances.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::time::Sleep;
use wasmtime::component::{Component, GuestTaskId, Linker, ResourceTable};
use wasmtime::error::Context as _;
use wasmtime::{Cache, CacheConfig, Config, Engine, Result, Store, StoreContextMut};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, Proxy, ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus,
};
use wasmtime_wasi_http::p3::bindings::ServicePre;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::key_value::{self, KeyValue};
use crate::outbound::Outbound;
use crate::variables::{self, Variables};

// Spin's own defaults.
const REQUESTS_PER_INSTANCE: usize = 128;
const REQUESTS_AT_ONCE: usize = 16;
const IDLE_LIMIT: Duration = Duration::from_secs(1);

/// Makes instances of one component.
pub(crate) struct Instances {
    service: ServicePre<Guest>,
    outbound: Outbound,
    /// The folder that instances see as `/`.
    files: Option<PathBuf>,
}

/// What belongs to one instance on the host's side.
pub(crate) struct Guest {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
}

impl Instances {
    /// Compiles the component in `file`, unless `cache` has it from before, and connects its imports.
    pub(crate) fn load(
        file: &Path,
        cache: Option<PathBuf>,
        variables: Arc<Variables>,
        store: Arc<KeyValue>,
        outbound: Outbound,
        files: Option<PathBuf>,
    ) -> Result<Self> {
        let mut config = Config::new();
        config.wasm_component_model_async(true);
        if let Some(folder) = cache {
            let mut kept = CacheConfig::new();
            kept.with_directory(folder);
            config.cache(Some(Cache::new(kept)?));
        }
        let engine = Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi::p3::add_to_linker(&mut linker)?;
        wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
        variables::add_to_linker(&mut linker, variables)?;
        key_value::add_to_linker(&mut linker, store)?;

        let component = Component::from_file(&engine, file)
            .with_context(|| format!("cannot load the component {}", file.display()))?;
        let service = linker
            .instantiate_pre(&component)
            .context("the component imports something that the stand-in does not provide")
            .and_then(|instance| {
                ServicePre::new(instance)
                    .context("the component does not export wasi:http/handler@0.3")
            })?;
        Ok(Self {
            service,
            outbound,
            files,
        })
    }
}

impl HandlerState for Instances {
    type StoreData = Guest;
    type WorkerExpiration = IdleLimit;
    type WorkerState = Limits;

    async fn instantiate(&self) -> Result<Instance<Guest, IdleLimit, Limits>> {
        let mut wasi = WasiCtx::builder();
        wasi.inherit_stdout().inherit_stderr();
        if let Some(files) = &self.files {
            // Spin lets a component write only where it is started with `--allow-transient-write`.
            wasi.preopened_dir(files, "/", FsPerms::ReadOnly)?;
        }
        let guest = Guest {
            table: ResourceTable::new(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            outbound: self.outbound.clone(),
        };
        let mut store = Store::new(self.service.engine(), guest);
        let service = self.service.instantiate_async(&mut store).await?;
        Ok(Instance {
            store,
            proxy: Proxy::P3(service),
            view: Guest::http,
            expiration: IdleLimit(Box::pin(tokio::time::sleep(IDLE_LIMIT))),
            state: Limits,
        })
    }
}

/// Ends an instance that has had nothing to do for a while.
pub(crate) struct IdleLimit(Pin<Box<Sleep>>);

impl WorkerExpiration for IdleLimit {
    fn poll(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        status: WorkerStatus,
        since: Instant,
    ) -> Poll<()> {
        if status != WorkerStatus::Idle {
            return Poll::Pending;
        }
        let Some(deadline) = since.checked_add(IDLE_LIMIT) else {
            return Poll::Pending;
        };
        if self.0.deadline() != deadline.into() {
            self.0.as_mut().reset(deadline.into());
        }
        self.0.as_mut().poll(context)
    }
}

/// How many requests an instance takes.
pub(crate) struct Limits;

impl WorkerState for Limits {
    type StoreData = Guest;
    type RequestData = ();

    fn should_accept_request(&self, at_once: usize, so_far: usize) -> ShouldAccept {
        if so_far >= REQUESTS_PER_INSTANCE {
            ShouldAccept::Never
        } else if at_once >= REQUESTS_AT_ONCE {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        _store: StoreContextMut<'_, Guest>,
        _data: (),
        _task: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        // Spin sets no limit to a request's time unless it is asked to.
        Box::pin(std::future::pending())
    }

    fn drop(&self, store: Store<Guest>, result: Result<()>) {
        if let Err(error) = result {
            eprintln!("spin-stand-in: an instance has failed: {error:?}");
        }
        drop(store);
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.outbound,
        }
    }
}
