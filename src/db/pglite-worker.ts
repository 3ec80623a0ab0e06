import { parentPort, workerData } from 'node:worker_threads';
import { PGlite, types } from '@electric-sql/pglite';
import { btree_gist } from '@electric-sql/pglite/contrib/btree_gist';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { postgis } from '@electric-sql/pglite-postgis';
import type { FromWorker, ToWorker, WorkerData } from './pglite.ts';

const port = parentPort!;
const { dataDir, dump } = workerData as WorkerData;

const database = await PGlite.create({
  ...(dataDir !== undefined && { dataDir }),
  ...(dump && { loadDataDir: new Blob([dump as Uint8Array<ArrayBuffer>]) }),
  extensions: { postgis, btree_gist, pg_trgm },
  parsers: { [types.INT8]: Number, [types.NUMERIC]: Number, [types.DATE]: (text: string) => text },
});
const listeners = new Map<string, () => Promise<void>>();

async function answer(message: ToWorker): Promise<unknown> {
  switch (message.op) {
    case 'query':
      return (await database.query(message.text, message.values as unknown[])).rows;
    case 'script':
      await database.exec(message.text);
      return null;
    case 'copy': {
      const result = await database.query(`copy ${message.target} from '/dev/blob'`, [], {
        blob: new Blob([message.chunk]),
      });
      return result.affectedRows ?? 0;
    }
    case 'listen': {
      const { channel } = message;
      listeners.set(channel, await database.listen(channel, (payload) => send({ notify: channel, payload })));
      return null;
    }
    case 'unlisten':
      await listeners.get(message.channel)?.();
      listeners.delete(message.channel);
      return null;
    case 'dump':
      return new Uint8Array(await (await database.dumpDataDir('gzip')).arrayBuffer());
    case 'close':
      await database.close();
      return null;
  }
}

function send(message: FromWorker): void {
  port.postMessage(message);
}

/** An Error loses its own properties when cloned: send those that a reader of errors uses. */
function plainError(error: unknown): Record<string, unknown> {
  const { name, message, code, constraint, detail, table, column, where } = error as Record<string, unknown>;
  return { name, message, code, constraint, detail, table, column, where };
}

port.on('message', async (message: ToWorker) => {
  try {
    send({ id: message.id, result: await answer(message) });
  } catch (error) {
    send({ id: message.id, error: plainError(error) });
  }
});
send({ ready: true });
