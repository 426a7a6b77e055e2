//! The entry point of a component.

/// Makes the calling crate a Spin component that serves `$server`.
///
/// `$server` is a function that returns `Result<Server, BuildError>`; it runs once in every instance.
/// `$configuration` is a `&'static Configuration`.
///
/// With `start = $start` a component whose server and settings are made by
/// [`Runtime::deferred`](mcp_edge_runtime::Runtime::deferred).
///
/// A crate can hold one of these, and must be built as a `cdylib` for `wasm32-wasip2`.
#[macro_export]
macro_rules! serve {
    (start = $start:path) => {
        $crate::serve!(@runtime $crate::glue::Runtime::deferred($start));
    };
    (@runtime $runtime:expr) => {
        const _: () = {
            struct Component;

            impl $crate::glue::Guest for Component {
                async fn handle(
                    request: $crate::glue::Request,
                ) -> ::core::result::Result<$crate::glue::Response, $crate::glue::ErrorCode>
                {
                    ::std::thread_local! {
                        static RUNTIME: ::std::rc::Rc<$crate::glue::Runtime> = ::std::rc::Rc::new($runtime);
                    }
                    $crate::glue::handle(RUNTIME.with(::std::rc::Rc::clone), request).await
                }
            }

            $crate::glue::export!(Component);
        };
    };
    ($server:path, $configuration:expr) => {
        $crate::serve!(@runtime $crate::glue::Runtime::new($server(), $configuration));
    };
}
