/** A row as the database returned it. */
export type Row = Record<string, unknown>;

export interface QueryOptions {
  /** Keep the plan under a name: for statements that run often with few different plans. */
  prepare?: boolean;
}

/** What can be asked inside and outside a transaction. */
export interface Queryable {
  /**
   * Run one statement.
   *
   * Both adapters return the same JavaScript types: `int8` and `numeric` as number, `timestamptz` as Date, `date` as
   * `YYYY-MM-DD`, `json` parsed, `bytea` as Uint8Array, arrays as arrays.
   */
  query<R = Row>(text: string, values?: readonly unknown[], options?: QueryOptions): Promise<R[]>;
  /** Run several statements without parameters, such as a migration. */
  script(text: string): Promise<void>;
  /**
   * Load rows in COPY text format.
   *
   * @param target `table (column, …)`, a constant of the caller
   * @param chunks whole lines each, see `copyLine`
   * @returns rows loaded
   */
  copyIn(target: string, chunks: AsyncIterable<string> | Iterable<string>): Promise<number>;
  /** Rows of a read in batches, memory bounded by the batch. The statement must be a constant read. */
  cursor<R = Row>(text: string, values: readonly unknown[], batch: number): AsyncIterable<R[]>;
}

export interface TransactionOptions {
  isolation?: 'read committed' | 'repeatable read' | 'serializable';
  readOnly?: boolean;
}

/** The database: PostgreSQL through `pg`, or PGlite in a worker thread. */
export interface Db extends Queryable {
  readonly dialect: 'postgres' | 'pglite';
  /** Commit what `work` did, or nothing of it when it throws. */
  transaction<T>(work: (tx: Queryable) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Hear NOTIFY on a channel: a hint to look sooner, never news itself. `onLost` tells that hints may have been missed.
   *
   * @returns a function that stops listening
   */
  listen(channel: string, onNotify: (payload: string) => void, onLost?: () => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** Tags SQL so that editors colour it. Values never go in: they are `$1`, `$2`, …; only other constants of SQL do. */
export function sql(strings: TemplateStringsArray, ...fragments: string[]): string {
  return String.raw({ raw: strings.raw }, ...fragments);
}

/** A failure that the database reported, with its SQLSTATE. */
export interface DatabaseError extends Error {
  code: string;
  constraint?: string;
  detail?: string;
  table?: string;
  column?: string;
}

/** Whether an error came from the database with an SQLSTATE. */
export function isDatabaseError(error: unknown): error is DatabaseError {
  return (
    error instanceof Error &&
    typeof (error as { code?: unknown }).code === 'string' &&
    /^[0-9A-Z]{5}$/.test((error as DatabaseError).code)
  );
}

/** One line of COPY text format: tab between fields, `\N` for null, backslash escapes. */
export function copyLine(values: readonly (string | number | boolean | null | undefined)[]): string {
  return `${values.map(copyField).join('\t')}\n`;
}

function copyField(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '\\N';
  if (typeof value !== 'string') return typeof value === 'boolean' ? (value ? 't' : 'f') : String(value);
  return /[\\\t\n\r]/.test(value) ? value.replace(/[\\\t\n\r]/g, (c) => ESCAPES[c]!) : value;
}

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Group lines into chunks of about `size` characters, so that COPY makes few calls. */
export async function* chunkLines(
  lines: AsyncIterable<string> | Iterable<string>,
  size = 1 << 20,
): AsyncIterable<string> {
  let parts: string[] = [];
  let length = 0;
  for await (const line of lines) {
    parts.push(line);
    length += line.length;
    if (length >= size) {
      yield parts.join('');
      parts = [];
      length = 0;
    }
  }
  if (parts.length > 0) yield parts.join('');
}
