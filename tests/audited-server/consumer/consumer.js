// Says in the log what the queue and the bucket of the audited server hold, so that the tests can read it.

export default {
  async queue(batch, env) {
    for (const message of batch.messages) {
      console.log(`queue ${typeof message.body === "string" ? message.body : JSON.stringify(message.body)}`);
    }
    const { objects } = await env.LAKE.list();
    for (const { key } of objects) {
      const text = await (await env.LAKE.get(key)).text();
      for (const line of text.trimEnd().split("\n")) {
        console.log(`bucket ${key} ${line}`);
      }
    }
  },
};
