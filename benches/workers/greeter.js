// The server of `examples/hello`, written with the official TypeScript SDK.

import { McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";

const inputSchema = z.object({ name: z.string().describe("Whom to greet.") });

export function greeter() {
  const server = new McpServer({ name: "com.example/hello", version: "0.1.0", title: "Hello" });
  server.registerTool(
    "greet",
    { description: "Greets a person by name.", inputSchema, annotations: { readOnlyHint: true } },
    async ({ name }) => ({ content: [{ type: "text", text: `Hello, ${name}!` }] }),
  );
  return server;
}
