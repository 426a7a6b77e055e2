// The certified library.

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// It lies in NODE_PATH, where only `require` looks.
const require = createRequire(import.meta.url);
export const { default: Provider, errors } = await import(pathToFileURL(require.resolve('oidc-provider')));
