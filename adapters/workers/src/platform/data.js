/**
 * The content of a data file, an ArrayBuffer, or nothing. The Worker's entry module imports each file as a module of type `Data`
 * and puts them into this object by their names, before the first request.
 */
export function content(name) {
  const files = globalThis.mcpEdgeData;
  return files !== undefined && Object.hasOwn(files, name) ? files[name] : undefined;
}
