import type { Queryable, TransactionOptions } from './db.ts';

/** The BEGIN of a transaction. */
export function beginStatement(options: TransactionOptions): string {
  return [
    'begin',
    options.isolation && `isolation level ${options.isolation}`,
    options.readOnly ? 'read only' : 'read write',
  ]
    .filter(Boolean)
    .join(' ');
}

/** Read through a server-side cursor; needs an open transaction. */
export async function* readInBatches<R>(
  query: Queryable['query'],
  text: string,
  values: readonly unknown[],
  batch: number,
): AsyncIterable<R[]> {
  await query(`declare batches no scroll cursor for ${text}`, values);
  try {
    for (;;) {
      const rows = await query<R>(`fetch ${batch} from batches`);
      if (rows.length === 0) return;
      yield rows;
    }
  } finally {
    // After an error the transaction is aborted and the cursor gone with it.
    await query('close batches').catch(() => {});
  }
}
