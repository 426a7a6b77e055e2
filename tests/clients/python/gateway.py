"""The Python client `mcp` 2 before a gateway: python gateway.py URL REVISION TOKEN CALLS

Lists the tools, calls those in CALLS, a JSON array of `{ "name", "arguments" }`, and prints the names and the results as JSON.
"""

import asyncio
import json
import sys

from mcp import Client
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

MODERN = "2026-07-28"
TIMEOUT_SECONDS = 60


async def main(url, revision, token, calls):
    headers = {"Authorization": f"Bearer {token}"}
    async with create_mcp_http_client(headers=headers) as http:
        client = Client(
            streamable_http_client(url, http_client=http),
            mode="auto" if revision >= MODERN else "legacy",
            read_timeout_seconds=TIMEOUT_SECONDS,
        )
        async with client:
            if client.protocol_version != revision:
                raise SystemExit(f"the negotiated revision: expected {revision}, found {client.protocol_version}")
            tools = (await client.list_tools()).tools
            results = [await client.call_tool(call["name"], call["arguments"]) for call in json.loads(calls)]
    results = [result.model_dump(mode="json", by_alias=True, exclude_none=True) for result in results]
    print(json.dumps({"tools": [tool.name for tool in tools], "results": results}))


asyncio.run(main(*sys.argv[1:]))
