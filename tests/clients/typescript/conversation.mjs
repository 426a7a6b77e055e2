// The conversation of conversation.json, as both TypeScript clients hold it.
// It throws a sentence at the first thing that is not as expected.

import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

const file = new URL('../conversation.json', import.meta.url);
const conversation = JSON.parse(readFileSync(file, 'utf8'));

const INVALID_PARAMS = -32602;

// `connect` and `callTool` are what the two clients do not have in common.
export async function converse([url, revision, crowdUrl], connect, callTool) {
  const crowd = await connect(crowdUrl, revision, () => {});
  try {
    await pages(crowd);
  } finally {
    await crowd.close();
  }

  const person = new Person();
  const client = await connect(url, revision, person.answer);
  try {
    await lists(client);
    const text = (result) => result.content.map((block) => block.text).join('\n');
    const call = (expected, options) => {
      const { name, arguments: given } = expected;
      return callTool(client, { name, arguments: given }, options);
    };
    await calls(call, text, revision);
    await reads(client);
    await prompts(client);
    await asks(call, text, revision, person);
    await mistakes(call, text);
  } finally {
    await client.close();
  }
}

// A server whose lists do not fit on one page.
async function pages(client) {
  const { prefix, count } = conversation.crowd;
  const expected = Array.from({ length: count }, (_, number) => prefix + String(number).padStart(3, '0'));
  for (const [what, found] of await allLists(client)) {
    const names = found.map(({ name }) => name).filter((name) => name.startsWith(prefix));
    same(`the names of ${what} on several pages`, names, expected);
  }
}

async function lists(client) {
  const { tools, resources, resourceTemplates, prompts } = Object.fromEntries(await allLists(client));
  same('the tools', tools.map((tool) => tool.name), conversation.tools);
  same('the resources', resources.map((resource) => resource.uri), conversation.resources);
  same('the templates', resourceTemplates.map((template) => template.uriTemplate), conversation.templates);
  same('the prompts', prompts.map((prompt) => prompt.name), conversation.prompts);
}

async function allLists(client) {
  return [
    ['tools', await everyPage((page) => client.listTools(page), 'tools')],
    ['resources', await everyPage((page) => client.listResources(page), 'resources')],
    ['resourceTemplates', await everyPage((page) => client.listResourceTemplates(page), 'resourceTemplates')],
    ['prompts', await everyPage((page) => client.listPrompts(page), 'prompts')],
  ];
}

async function everyPage(list, items) {
  const found = [];
  let cursor;
  do {
    const page = await list(cursor && { cursor });
    found.push(...page[items]);
    cursor = page.nextCursor;
  } while (cursor);
  return found;
}

async function calls(call, text, revision) {
  const expected = conversation.call;
  const steps = [];
  const result = await call(expected, { onprogress: (step) => steps.push(step) });
  same('the progress of the call', steps, expected.progress);
  same('the text of the result', JSON.parse(text(result)), expected.result);
  if (revision >= '2025-06-18') {
    same('the structured result', result.structuredContent, expected.result);
  }
}

async function reads(client) {
  for (const { uri, mimeType, mentions } of [conversation.resource, conversation.template]) {
    const { contents } = await client.readResource({ uri });
    const [{ text, ...rest }] = contents;
    same('what was read', rest, { uri, mimeType });
    contains(`the text of ${uri}`, text, mentions);
  }
}

async function prompts(client) {
  const { name, arguments: given, mentions } = conversation.prompt;
  const { messages } = await client.getPrompt({ name, arguments: given });
  contains('the prompt', messages.map((message) => message.content.text).join('\n'), mentions);

  const { prompt, argument, values } = conversation.completion;
  const { completion } = await client.complete({ ref: { type: 'ref/prompt', name: prompt }, argument });
  same('the completions', completion.values, values);
}

async function asks(call, text, revision, person) {
  const expected = conversation.ask;
  const result = await call(expected);
  if (revision >= '2026-07-28') {
    same('the questions', person.asked, expected.answers.map(fields));
    const said = JSON.parse(text(result));
    const found = Object.fromEntries(Object.keys(expected.result).map((key) => [key, said[key]]));
    same('the result after the questions', found, expected.result);
  } else {
    same('an error, for a server cannot ask here', result.isError, true);
    contains('the error of a tool that has to ask', text(result), expected.legacy);
    same('the questions', person.asked, []);
  }
}

async function mistakes(call, text) {
  const { wrong, unknown } = conversation;
  const result = await call(wrong);
  same('an error, for an argument is wrong', result.isError, true);
  for (const word of wrong.mentions) {
    contains('the error of a wrong argument', text(result), word);
  }

  const refusal = await call({ name: unknown, arguments: {} }).then(
    () => undefined,
    (error) => error,
  );
  same('the code for an unknown tool', refusal?.code, INVALID_PARAMS);
}

// Answers the questions in the order of conversation.json.
class Person {
  asked = [];

  answer = async ({ params }) => {
    const content = conversation.ask.answers[this.asked.length];
    this.asked.push(fields(params.requestedSchema.properties));
    return { action: 'accept', content };
  };
}

function fields(object) {
  return Object.keys(object).sort();
}

export function same(what, found, expected) {
  if (!isDeepStrictEqual(found, expected)) {
    throw new Error(`${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
  }
}

export function contains(what, text, part) {
  if (!text.includes(part)) {
    throw new Error(`${what}: expected it to mention ${JSON.stringify(part)}, found ${JSON.stringify(text)}`);
  }
}
