//! One resource of each kind.

use mcp_edge::prelude::*;

use crate::media::RED_PIXEL;

/// A text that never changes.
#[resource(uri = "test://static-text", mime_type = "text/plain")]
pub(crate) async fn static_text() -> Result<&'static str, RequestError> {
    Ok("This is the content of the static text resource.")
}

/// A picture that never changes.
#[resource(uri = "test://static-binary", mime_type = "image/png")]
pub(crate) async fn static_binary() -> Result<Vec<u8>, RequestError> {
    Ok(RED_PIXEL.to_vec())
}

/// A text that a client of an older revision may ask to watch. It never changes either.
#[resource(uri = "test://watched-resource", mime_type = "text/plain")]
pub(crate) async fn watched() -> Result<&'static str, RequestError> {
    Ok("This is the content of the watched resource.")
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Item {
    id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemData {
    id: String,
    template_test: bool,
    data: String,
}

/// Data for any id.
#[resource(template = "test://template/{id}/data", mime_type = "application/json")]
pub(crate) async fn template_data(item: Item) -> Result<Json<ItemData>, RequestError> {
    Ok(Json(ItemData {
        data: format!("Data for ID: {}", item.id),
        id: item.id,
        template_test: true,
    }))
}
