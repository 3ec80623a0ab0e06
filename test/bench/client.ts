import { once } from 'node:events';
import { connect } from 'node:net';
import { isMainThread, parentPort } from 'node:worker_threads';
import { startThread } from '../../src/threads/start.ts';

/** One request, asked again and again on some connections that stay open. */
export interface Load {
  port: number;
  /** The whole request as it is sent. */
  request: string;
  connections: number;
  milliseconds: number;
}

/** Asks from a thread of its own, so that it takes no time from the server; the same thread for all loads, warm as it is. */
export class Client {
  readonly #worker = startThread(new URL('./client', import.meta.url));

  /** Answers a second. One load at a time. */
  async answersPerSecond(load: Load): Promise<number> {
    this.#worker.postMessage(load);
    const [answers] = (await once(this.#worker, 'message')) as [number];
    return answers;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Ask for the time given; the first tenth is not counted. */
async function ask({ port, request, connections, milliseconds }: Load): Promise<number> {
  let answers = 0;
  const begin = performance.now() + milliseconds / 10;
  const end = performance.now() + milliseconds;
  const askOn = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(request));
      let missing = -1;
      socket.on('error', reject);
      socket.on('data', (chunk: Buffer) => {
        missing = missing < 0 ? lengthOfAnswer(chunk) - chunk.length : missing - chunk.length;
        if (missing > 0) return;
        missing = -1;
        const now = performance.now();
        if (now > begin) answers++;
        if (now < end) socket.write(request);
        else {
          socket.destroy();
          resolve();
        }
      });
    });
  await Promise.all(Array.from({ length: connections }, askOn));
  return answers / ((performance.now() - begin) / 1000);
}

/** The headers of an answer come in one piece. */
function lengthOfAnswer(bytes: Buffer): number {
  const head = bytes.indexOf('\r\n\r\n');
  if (head < 0) throw new Error('the headers of an answer came in pieces');
  const body = /content-length: (\d+)/i.exec(bytes.toString('latin1', 0, head))?.[1];
  return head + 4 + Number(body ?? 0);
}

if (!isMainThread) parentPort!.on('message', async (load: Load) => parentPort!.postMessage(await ask(load)));
