/** Puts texts into the queue of a binding, all of them or none. */
export async function send(binding, texts) {
  await binding.sendBatch(texts.map((body) => ({ body, contentType: "text" })));
}
