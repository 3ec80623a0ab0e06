import type { RequestHandler } from 'express';
import type { Access } from '../access/access.ts';
import { isDatabaseError } from '../db/db.ts';
import { HttpError } from '../errors.ts';
import { parseQuery, type Reads, sendJson } from '../http.ts';
import type { Live } from '../live/live.ts';
import { importQuerySchema, layerName } from './import.schema.ts';
import { explainDatabaseError, ImportRefused, importRows, type Reject } from './import.ts';
import { ReadError, type RowFault } from './read/fault.ts';
import { readRows } from './read/rows.ts';
import type { SourceRow } from './row.ts';

export interface ImportDeps extends Reads {
  access: Access;
  timeZone: string;
  /** Absent: nothing is held in memory. */
  live?: Pick<Live, 'caughtUp'>;
}

/** `POST /import/{layer}`: NDJSON, one row a line, as the command line sends it. */
export function postImport({ db, access, timeZone, live }: ImportDeps): RequestHandler<{ layer: string }> {
  return async (req, res) => {
    access.requireWrite(req);
    const layer = layerName(req.params.layer);
    const { rejects: collect, dry_run: dryRun, nets = [], ...flags } = parseQuery(importQuerySchema, req.url);
    const { rejects, keep } = boundedRejects();
    const gzip = req.headers['content-encoding'] === 'gzip';
    // An import that fails early must not break the connection that its answer takes.
    const body = req.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    const rows = withSourceLines(readRows(body, { format: 'ndjson', gzip, encoding: 'utf8' }));
    const options = {
      ...flags,
      dryRun,
      nets,
      timeZone,
      ...(collect && { onReject: keep }),
    };
    try {
      const report = await importRows(db, layer, rows, options);
      await live?.caughtUp();
      sendJson(res, { ...report, rejects });
    } catch (error) {
      throw toHttpError(error);
    }
  };
}

/** Bad rows that one answer holds, some hundred bytes each. */
const MAX_REJECTS = 100_000;

function boundedRejects(): { rejects: Reject[]; keep: (reject: Reject) => void } {
  const rejects: Reject[] = [];
  const keep = (reject: Reject) => {
    if (rejects.length === MAX_REJECTS) {
      const cure = 'mend what they have in common, or import into the database with the service stopped';
      throw new HttpError(422, `Over ${MAX_REJECTS} rows are bad, so nothing was loaded: ${cure}`);
    }
    rejects.push(reject);
  };
  return { rejects, keep };
}

/** The member that tells a row's line in the file that the client read. */
export const LINE = '@line';

async function* withSourceLines(rows: AsyncIterable<SourceRow | RowFault>): AsyncIterable<SourceRow | RowFault> {
  for await (const row of rows) {
    if (!('properties' in row) || !Number.isInteger(row.properties[LINE])) yield row;
    else yield { ...row, line: row.properties[LINE] as number };
  }
}

/** What a failed import tells the client. */
function toHttpError(error: unknown): unknown {
  if (error instanceof ImportRefused) {
    const faults = error.rejects.map(({ line, reason }) => ({ path: `line ${line}`, message: reason }));
    return new HttpError(422, error.message, faults);
  }
  if (error instanceof ReadError) return new HttpError(400, error.message);
  if (isDatabaseError(error) && error.code.startsWith('23')) return new HttpError(409, explainDatabaseError(error)!);
  return error;
}
