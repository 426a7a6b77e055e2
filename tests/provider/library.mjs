// The certified library.

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// It lies in NODE_PATH, where only `require` looks.
const require = createRequire(import.meta.url);
const library = pathToFileURL(require.resolve('oidc-provider'));
export const { default: Provider, errors } = await import(library);

const { default: MemoryAdapter } = await import(new URL('adapters/memory_adapter.js', library));

// The library's memory, which a provider that is left to itself has for its own.
export const sharedMemory = (model) => new MemoryAdapter(model);
