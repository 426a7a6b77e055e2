// The floor: what workerd itself costs. It reads nothing and answers a constant, which is what a server of one tool
// would answer to `tools/call`.

const ANSWER = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  result: { resultType: "complete", content: [{ type: "text", text: "Hello, Ada!" }] },
});

export default {
  fetch() {
    return new Response(ANSWER, { headers: { "content-type": "application/json" } });
  },
};
