import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { setTimeout } from 'node:timers/promises';

/** Attempts, 50 ms apart. */
const PATIENCE = 4_000;
/** Below those that connections are given by themselves: one of them may have it. */
const PORT = 20_000 + (process.pid % 10_000);

/** The service in a process of its own, that can be killed. */
export class ServiceProcess {
  readonly port = PORT;
  readonly #databaseUrl: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  #child: ChildProcess | undefined;

  constructor(databaseUrl: string) {
    this.#databaseUrl = databaseUrl;
  }

  /** Resolves when it is ready. */
  async start(): Promise<void> {
    const env = { ...process.env, DATABASE_URL: this.#databaseUrl, PORT: String(this.port), LOG_LEVEL: 'silent' };
    this.#child = spawn(process.execPath, ['--import', 'tsx', 'src/cli.ts', 'serve'], { env, stdio: 'ignore' });
    process.once('exit', () => this.kill());
    for (let attempt = 0; ; attempt++) {
      try {
        if ((await this.get('/readyz')).status === 200) return;
      } catch (error) {
        if (attempt > PATIENCE || this.#child.exitCode !== null) throw error;
      }
      await setTimeout(50);
    }
  }

  /** Of the process as the system counts it (Linux). */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.#child!.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1024;
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  get(path: string): Promise<{ status: number; body: Buffer }> {
    return new Promise((resolve, reject) => {
      get({ port: this.port, path, agent: this.#agent }, (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('error', reject);
        res.on('end', () => resolve({ status: res.statusCode!, body: Buffer.concat(chunks) }));
      }).on('error', reject);
    });
  }
}
