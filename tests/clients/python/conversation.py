"""The Python client `mcp` 2: python conversation.py URL REVISION CROWD_URL

Ends with a sentence at the first thing that is not as in conversation.json.
"""

import asyncio
import json
import sys
from pathlib import Path

from mcp import Client, MCPError
from mcp.types import ElicitResult, PromptReference

MODERN = "2026-07-28"
INVALID_PARAMS = -32602
TIMEOUT_SECONDS = 60

CONVERSATION = json.loads((Path(__file__).parent.parent / "conversation.json").read_text())


async def main(url, revision, crowd_url):
    async with client(crowd_url, revision) as crowd:
        await pages(crowd)

    person = Person()
    async with client(url, revision, person.answer) as fraud_rules:
        same("the negotiated revision", fraud_rules.protocol_version, revision)
        await lists(fraud_rules)
        await calls(fraud_rules)
        await reads(fraud_rules)
        await prompts(fraud_rules)
        await asks(fraud_rules, revision, person)
        await mistakes(fraud_rules)


def client(url, revision, answer=None):
    return Client(
        url,
        mode="auto" if revision >= MODERN else "legacy",
        elicitation_callback=answer,
        read_timeout_seconds=TIMEOUT_SECONDS,
    )


async def pages(client):
    """A server whose lists do not fit on one page."""
    crowd = CONVERSATION["crowd"]
    expected = [f"{crowd['prefix']}{number:03}" for number in range(crowd["count"])]
    for what, found in (await all_lists(client)).items():
        names = [item.name for item in found if item.name.startswith(crowd["prefix"])]
        same(f"the names of {what} on several pages", names, expected)


async def lists(client):
    found = await all_lists(client)
    same("the tools", [tool.name for tool in found["tools"]], CONVERSATION["tools"])
    same("the resources", [str(resource.uri) for resource in found["resources"]], CONVERSATION["resources"])
    same("the templates", [template.uri_template for template in found["templates"]], CONVERSATION["templates"])
    same("the prompts", [prompt.name for prompt in found["prompts"]], CONVERSATION["prompts"])


async def all_lists(client):
    return {
        "tools": await every_page(client.list_tools, lambda page: page.tools),
        "resources": await every_page(client.list_resources, lambda page: page.resources),
        "templates": await every_page(client.list_resource_templates, lambda page: page.resource_templates),
        "prompts": await every_page(client.list_prompts, lambda page: page.prompts),
    }


async def every_page(list_page, items):
    found = []
    cursor = None
    while True:
        page = await list_page(cursor=cursor)
        found += items(page)
        cursor = page.next_cursor
        if cursor is None:
            return found


async def calls(client):
    expected = CONVERSATION["call"]
    steps = []

    async def step(progress, total, message):
        steps.append({"progress": progress, "total": total, "message": message})

    result = await client.call_tool(expected["name"], expected["arguments"], progress_callback=step)
    same("the progress of the call", steps, expected["progress"])
    same("the text of the result", json.loads(text(result)), expected["result"])
    same("the structured result", result.structured_content, expected["result"])


async def reads(client):
    for expected in [CONVERSATION["resource"], CONVERSATION["template"]]:
        [found] = (await client.read_resource(expected["uri"])).contents
        same("the resource", str(found.uri), expected["uri"])
        same("its media type", found.mime_type, expected["mimeType"])
        contains(f"the text of {expected['uri']}", found.text, expected["mentions"])


async def prompts(client):
    expected = CONVERSATION["prompt"]
    prompt = await client.get_prompt(expected["name"], expected["arguments"])
    said = [message.content.text for message in prompt.messages if message.content.type == "text"]
    contains("the prompt", "\n".join(said), expected["mentions"])

    expected = CONVERSATION["completion"]
    reference = PromptReference(type="ref/prompt", name=expected["prompt"])
    completed = await client.complete(reference, expected["argument"])
    same("the completions", completed.completion.values, expected["values"])


async def asks(client, revision, person):
    expected = CONVERSATION["ask"]
    result = await client.call_tool(expected["name"], expected["arguments"])
    if revision >= MODERN:
        same("the questions", person.asked, [sorted(answer) for answer in expected["answers"]])
        said = json.loads(text(result))
        found = {key: said.get(key) for key in expected["result"]}
        same("the result after the questions", found, expected["result"])
    else:
        same("an error, for a server cannot ask here", result.is_error, True)
        contains("the error of a tool that has to ask", text(result), expected["legacy"])
        same("the questions", person.asked, [])


async def mistakes(client):
    wrong = CONVERSATION["wrong"]
    result = await client.call_tool(wrong["name"], wrong["arguments"])
    same("an error, for an argument is wrong", result.is_error, True)
    for word in wrong["mentions"]:
        contains("the error of a wrong argument", text(result), word)

    code = None
    try:
        await client.call_tool(CONVERSATION["unknown"], {})
    except MCPError as refusal:
        code = refusal.code
    same("the code for an unknown tool", code, INVALID_PARAMS)


class Person:
    """Answers the questions in the order of conversation.json."""

    def __init__(self):
        self.asked = []

    async def answer(self, _context, question):
        content = CONVERSATION["ask"]["answers"][len(self.asked)]
        self.asked.append(sorted(question.requested_schema["properties"]))
        return ElicitResult(action="accept", content=content)


def text(result):
    return "\n".join(block.text for block in result.content)


class Unexpected(Exception):
    """Something is not as in conversation.json."""


def same(what, found, expected):
    if found != expected:
        raise Unexpected(f"{what}: expected {expected}, found {found}")


def contains(what, found, part):
    if part not in found:
        raise Unexpected(f"{what}: expected it to mention {part!r}, found {found!r}")


try:
    asyncio.run(main(*sys.argv[1:]))
except* Unexpected as found:
    # The client's own tasks wrap it, in as many groups as there are tasks around.
    while isinstance(found, ExceptionGroup):
        found = found.exceptions[0]
    sys.exit(str(found))
