//! The entry point of a Worker.

/// Makes the calling crate a Worker that serves `$server`.
///
/// `$server` is a function that returns `Result<Server, BuildError>`; it runs once in every instance, on the
/// first request or message of a queue. `$configuration` is a `&'static Configuration`.
///
/// With `start = $start` a Worker whose server and settings are made by
/// [`Runtime::deferred`](mcp_edge_runtime::Runtime::deferred).
///
/// A crate can hold one of these, and must be built as a `cdylib` by worker-build.
#[macro_export]
macro_rules! serve {
    (start = $start:path) => {
        $crate::serve!(@runtime $crate::glue::Runtime::deferred($start));
    };
    (@runtime $runtime:expr) => {
        const _: () = {
            ::std::thread_local! {
                static ENTRANCE: $crate::glue::EntryPoint = $crate::glue::EntryPoint::new($runtime);
            }

            #[$crate::glue::wasm_bindgen::prelude::wasm_bindgen(wasm_bindgen = $crate::glue::wasm_bindgen)]
            pub fn fetch(
                request: $crate::glue::Request,
                environment: $crate::glue::Object,
                context: $crate::glue::Context,
            ) -> $crate::glue::Promise {
                ENTRANCE.with(|entrance| entrance.receive(&request, &environment, &context))
            }

            #[$crate::glue::wasm_bindgen::prelude::wasm_bindgen(wasm_bindgen = $crate::glue::wasm_bindgen)]
            pub fn queue(
                batch: $crate::glue::Batch,
                environment: $crate::glue::Object,
                context: $crate::glue::Context,
            ) -> $crate::glue::Promise {
                ENTRANCE.with(|entrance| entrance.consume(batch, environment, context))
            }
        };
    };
    ($server:path, $configuration:expr) => {
        $crate::serve!(@runtime $crate::glue::Runtime::new($server(), $configuration));
    };
}
