//! Data modules of the Worker.

use std::future::ready;
use std::io;
use std::ops::Range;
use std::rc::Rc;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use js_sys::{ArrayBuffer, Uint8Array};
use mcp_edge_runtime::host::{Data, DataName};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/platform/data.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn content(name: &str) -> Result<JsValue, JsValue>;
}

/// A module of type `Data`. It is in the memory of the isolate, outside the wasm's, and belongs to no request.
struct Module(ArrayBuffer);

/// The data file `name` among those that the entry module has set.
pub(crate) fn open(name: DataName<'_>) -> io::Result<Option<Rc<dyn Data>>> {
    let content =
        content(name.as_str()).map_err(|error| io::Error::other(super::host::message(&error)))?;
    if content.is_undefined() {
        return Ok(None);
    }
    let content = content.dyn_into().map_err(|_| {
        io::Error::other(
            "globalThis.mcpEdgeData has something other than an ArrayBuffer; import the file as a module of type Data",
        )
    })?;
    Ok(Some(Rc::new(Module(content))))
}

impl Data for Module {
    fn length(&self) -> u64 {
        self.0.byte_length().into()
    }

    /// Copies the range, and nothing else, into the memory of the wasm.
    fn read(&self, range: Range<u64>) -> LocalBoxFuture<'static, io::Result<Bytes>> {
        let place = u32::try_from(range.start);
        let length = u32::try_from(range.end.saturating_sub(range.start));
        let read = match (place, length) {
            (Ok(place), Ok(length)) => {
                let range = Uint8Array::new_with_byte_offset_and_length(&self.0, place, length);
                Ok(range.to_vec().into())
            }
            _ => Err(io::Error::other("it is longer than 4 GiB")),
        };
        Box::pin(ready(read))
    }
}
