import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';

/** Another live process has the embedded database open; a second one would destroy it. */
export class DirectoryInUse extends Error {
  override name = 'DirectoryInUse';
  /** Where the process that holds the directory answers HTTP, once it does. */
  readonly url: string | undefined;
  constructor(dataDir: string, holder: Holder) {
    super(
      `${dataDir} is in use by process ${holder.pid}${holder.url ? ` (${holder.url})` : ''}: stop it, or set another DATA_DIR`,
    );
    this.url = holder.url;
  }
}

interface Holder {
  pid: number;
  url?: string;
}

export interface DirectoryLock {
  announce(url: string): Promise<void>;
  release(): Promise<void>;
}

/** The lock lies beside the directory: inside, the database would take it for one of its files. */
function lockPath(dataDir: string): string {
  return `${dataDir}.lock`;
}

/**
 * Take the lock of a data directory, also one left behind by a process that died.
 *
 * @throws DirectoryInUse
 */
export async function takeLock(dataDir: string): Promise<DirectoryLock> {
  const path = lockPath(dataDir);
  for (let attempt = 0; ; attempt++) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(JSON.stringify({ pid: process.pid } satisfies Holder));
      await file.close();
      return {
        announce: (url) => writeFile(path, JSON.stringify({ pid: process.pid, url } satisfies Holder)),
        release: () => rm(path, { force: true }),
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === 3) throw error;
    }
    const holder = await readHolder(path);
    if (holder && isAlive(holder.pid)) throw new DirectoryInUse(dataDir, holder);
    // Renamed, not removed: of two processes that find the same dead lock, one renames it and the other finds none.
    const aside = `${path}.${process.pid}`;
    await rename(path, aside).catch(() => {});
    await rm(aside, { force: true });
  }
}

/** Who holds a data directory now, if anybody alive does. */
export async function holderOf(dataDir: string): Promise<Holder | undefined> {
  const holder = await readHolder(lockPath(dataDir));
  return holder && isAlive(holder.pid) ? holder : undefined;
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const holder = JSON.parse(await readFile(path, 'utf8')) as Holder;
    return Number.isInteger(holder.pid) ? holder : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  // In a container every run has the same number: a lock with our own was left by the run before us.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
