import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DIRECTORY = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

/** Whether the public data that lies beside the checkout on some machines is there; tests over it skip otherwise. */
export const hasSharedData = existsSync(DIRECTORY);

/** A file of the public data beside the checkout. */
export function sharedData(path: string): string {
  return `${DIRECTORY}${path}`;
}
