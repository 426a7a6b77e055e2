// Prints, for each operation of the wasm module, how many nanoseconds it takes, as JSON: `node time.mjs MODULE COUNT`.

import { readFile } from "node:fs/promises";

const [module, argument] = process.argv.slice(2);
const count = Number(argument);
const { instance } = await WebAssembly.instantiate(await readFile(module), {});

const nanoseconds = {};
for (const [name, operation] of Object.entries(instance.exports)) {
  if (typeof operation !== "function") continue;
  // V8 compiles what is hot again, better; the program beside this one was compiled once and for all.
  operation(Math.ceil(count / 4));
  const began = process.hrtime.bigint();
  if (operation(count) !== count) throw new Error(`${name} failed`);
  nanoseconds[name] = Number(process.hrtime.bigint() - began) / count;
}
console.log(JSON.stringify(nanoseconds));
