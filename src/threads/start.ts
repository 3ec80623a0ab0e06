import { type ResourceLimits, Worker } from 'node:worker_threads';

/**
 * Start a module in a thread, compiled or, in tests and development, from source.
 *
 * @param module its address without the extension
 */
export function startThread(module: URL, workerData?: unknown, resourceLimits: ResourceLimits = {}): Worker {
  const options = { workerData, resourceLimits };
  if (import.meta.url.endsWith('.js')) return new Worker(new URL(`${module.href}.js`), options);
  // A thread does not inherit the TypeScript loader of its parent.
  const loader = import.meta.resolve('tsx/esm/api');
  const entry = `${module.href}.ts`;
  const start = `import(${JSON.stringify(loader)}).then((tsx) => { tsx.register(); return import(${JSON.stringify(entry)}); })`;
  return new Worker(start, { ...options, eval: true });
}
