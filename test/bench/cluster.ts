import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';

/**
 * A PostgreSQL of its own in a directory of its own, that can be killed. Needs `initdb` and `postgres` in `BENCH_PG_BIN`,
 * by default those of Debian; for root they run as user postgres, which is all they accept.
 */
export class Cluster {
  readonly url: string;
  readonly #bin: string;
  readonly #directory: string;
  readonly #port: number;

  private constructor(bin: string, directory: string, port: number) {
    this.#bin = bin;
    this.#directory = directory;
    this.#port = port;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  static async create(): Promise<Cluster> {
    const bin = process.env.BENCH_PG_BIN ?? newestBin();
    const directory = mkdtempSync(join(tmpdir(), 'wangge-soak-'));
    if (isRoot()) chownSync(directory, Number(idOf('-u')), Number(idOf('-g')));
    const cluster = new Cluster(bin, directory, await freePort());
    const options = ['-D', join(directory, 'data'), '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'];
    const [command, ...args] = asPostgres(join(bin, 'initdb'), options);
    execFileSync(command!, args, { stdio: 'ignore', cwd: directory });
    await cluster.start();
    return cluster;
  }

  async start(): Promise<void> {
    const data = join(this.#directory, 'data');
    const settings = [`port=${this.#port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${this.#directory}`];
    const memory = ['shared_buffers=64MB', 'max_connections=50'];
    const flags = [...settings, ...memory].flatMap((setting) => ['-c', setting]);
    const [command, ...args] = asPostgres(join(this.#bin, 'postgres'), ['-D', data, ...flags]);
    spawn(command!, args, { stdio: 'ignore', cwd: this.#directory });
    for (let attempt = 0; ; attempt++) {
      const client = new pg.Client({ connectionString: this.url });
      client.on('error', () => {});
      try {
        await client.connect();
        await client.end();
        return;
      } catch (error) {
        if (attempt === 300) throw error;
        await setTimeout(100);
      }
    }
  }

  /** SIGKILL to the postmaster and all that it started, as a machine does that runs out of memory. */
  async kill(): Promise<void> {
    const file = join(this.#directory, 'data', 'postmaster.pid');
    const postmaster = Number(readFileSync(file, 'utf8').split('\n')[0]);
    const children = childrenOf(postmaster);
    process.kill(postmaster, 'SIGKILL');
    for (const child of children) {
      try {
        process.kill(child, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    while ([postmaster, ...children].some((pid) => existsSync(`/proc/${pid}`))) await setTimeout(20);
    rmSync(file, { force: true });
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function idOf(what: '-u' | '-g'): string {
  return execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }).trim();
}

function asPostgres(command: string, args: string[]): string[] {
  if (!isRoot()) return [command, ...args];
  return ['setpriv', `--reuid=${idOf('-u')}`, `--regid=${idOf('-g')}`, '--clear-groups', command, ...args];
}

function newestBin(): string {
  const root = '/usr/lib/postgresql';
  const [newest] = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  return join(root, newest!, 'bin');
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
      } catch {
        return false;
      }
    });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
