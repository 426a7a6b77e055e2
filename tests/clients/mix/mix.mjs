// Node's own client of HTTP, `fetch`: node mix.mjs URL COUNT
//
// Does what mix.py does. Node decides itself which connection a request takes; "connection: close" makes a new one for the
// request after it.

import { readFile } from "node:fs/promises";

const AT_ONCE = 8;
// Every so many requests a connection is closed after one of them.
const FRESH = 5;

const [url, count] = process.argv.slice(2);
const mix = JSON.parse(await readFile(new URL("requests.json", import.meta.url)));

let answered = 0;
let lost = 0;
const wanted = requests(Number(count));
await Promise.all(Array.from({ length: AT_ONCE }, work));
console.log(`fetch: ${answered} answered, ${lost} lost`);
process.exitCode = lost > 0 || answered !== Number(count) ? 1 : 0;

// Small and large bodies of each kind, one kind after the other.
function* requests(count) {
  for (let number = 0; number < count; number += 1) {
    const turn = Math.floor(number / mix.kinds.length);
    const kind = mix.kinds[number % mix.kinds.length];
    yield { number, kind, size: kind.sizes[turn % kind.sizes.length] };
  }
}

async function work() {
  for (const request of wanted) {
    try {
      await send(request);
      answered += 1;
    } catch (error) {
      lost += 1;
      const { number, size, kind } = request;
      console.log(`request ${number}, ${size} bytes, to be answered with ${kind.status}: ${error} ${error.cause ?? ""}`);
    }
  }
}

async function send({ number, kind, size }) {
  const message = structuredClone(mix.message);
  message.params.arguments.words = "x".repeat(size);
  const headers = { ...mix.headers, ...kind.headers };
  if (number % FRESH === 0) {
    headers.Connection = "close";
  }
  const response = await fetch(new URL(kind.path ?? url, url), {
    method: kind.method ?? "POST",
    headers,
    body: JSON.stringify(message),
  });
  const body = await response.text();
  if (response.status !== kind.status) {
    throw new Error(`${response.status}: ${body.slice(0, 200)}`);
  }
  const answer = JSON.parse(body);
  const right = response.status === 200 ? answer.result.structuredContent.words.length === size : answer.error.message;
  if (!right) {
    throw new Error(`not the answer: ${body.slice(0, 200)}`);
  }
}
