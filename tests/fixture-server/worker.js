// The entry of the Worker: a data file is imported as a module, which only JavaScript can do.
import numbers from "./data/numbers.bin";

globalThis.mcpEdgeData = { "numbers.bin": numbers };

export * from "./build/index.js";
export { default } from "./build/index.js";
