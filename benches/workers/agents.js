// The greeter behind the handler of Cloudflare's `agents` package.

import { createMcpHandler } from "agents/mcp/server";
import { greeter } from "./greeter.js";

const handler = createMcpHandler(greeter);

export default { fetch: (request, environment, context) => handler(request, environment, context) };
