// Prints, for each operation of the wasm module, how many nanoseconds it takes, measured for at least so long, as JSON:
// `node time.mjs MODULE MILLISECONDS`.

import { readFile } from "node:fs/promises";

const [module, milliseconds] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(await readFile(module), {});

function time(name, operation, count) {
  const began = process.hrtime.bigint();
  if (operation(count) !== count) throw new Error(`${name} failed`);
  return Number(process.hrtime.bigint() - began);
}

const nanoseconds = {};
for (const [name, operation] of Object.entries(instance.exports)) {
  if (typeof operation !== "function") continue;
  // What takes time only once.
  operation(1);
  // Twice as often, until it takes long enough.
  let count = 1;
  while (time(name, operation, count) < Number(milliseconds) * 1e6) count *= 2;
  // V8 compiles what is hot again, better; the program beside this one was compiled once and for all.
  nanoseconds[name] = time(name, operation, count) / count;
}
console.log(JSON.stringify(nanoseconds));
