import { SingleBar } from 'cli-progress';

/** How far long work has come. */
export interface Progress {
  /**
   * @param done units done so far, of the total's kind
   * @param note what else is worth a word, such as the rows read
   */
  update(done: number, note?: string): void;
  /** Show the end and give the terminal back. */
  finish(note?: string): void;
  /** Give the terminal back after a failure. */
  stop(): void;
}

/** Where progress is shown, such as standard error. */
export type ProgressStream = NodeJS.WritableStream & { isTTY?: boolean };

export interface ProgressOptions {
  /** Units in all; absent: unknown. */
  total?: number | undefined;
  /** What is counted. */
  unit?: string;
  /** Milliseconds of a monotonic clock. */
  now?: () => number;
}

/** Milliseconds after which a plain line is due. */
const LINE_EVERY = 5000;

/** A bar on a terminal, elsewhere a plain line every 10 % or 5 s. */
export function createProgress(stream: ProgressStream, label: string, options: ProgressOptions = {}): Progress {
  return stream.isTTY && options.total ? createBar(stream, label, options.total) : createLines(stream, label, options);
}

function createBar(stream: NodeJS.WritableStream, label: string, total: number): Progress {
  const bar = new SingleBar({
    stream,
    format: `${label} [{bar}] {percentage}% · {eta_formatted} left {note}`,
    hideCursor: true,
    barCompleteChar: '#',
    barIncompleteChar: '.',
  });
  bar.start(total, 0, { note: '' });
  return {
    update: (done, note = '') => bar.update(Math.min(done, total), { note: note && `· ${note}` }),
    finish: (note = '') => {
      bar.update(total, { note: note && `· ${note}` });
      bar.stop();
    },
    stop: () => bar.stop(),
  };
}

function createLines(stream: NodeJS.WritableStream, label: string, options: ProgressOptions): Progress {
  const { total, unit = 'bytes', now = () => performance.now() } = options;
  let shownAt = now();
  let shownTenths = 0;
  const write = (state: string, note: string): void => {
    stream.write(`${label}: ${state}${note && ` · ${note}`}\n`);
  };
  return {
    update: (done, note = '') => {
      const share = total ? Math.min(done / total, 1) : 0;
      const tenths = Math.floor(share * 10);
      if (tenths <= shownTenths && now() - shownAt < LINE_EVERY) return;
      shownAt = now();
      shownTenths = tenths;
      write(total ? `${Math.floor(share * 100)}%` : `${done} ${unit}`, note);
    },
    finish: (note = '') => write('done', note),
    stop: () => {},
  };
}
