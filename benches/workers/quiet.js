// `examples/hello` with a log that goes nowhere, to see what its one line per request costs.

console.log = () => {};

export { default } from "hello";
