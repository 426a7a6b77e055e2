// The greeter behind the official SDK's own handler.

import { createMcpHandler } from "@modelcontextprotocol/server";
import { greeter } from "./greeter.js";

export default createMcpHandler(greeter);
