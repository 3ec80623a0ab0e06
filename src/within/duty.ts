import type { Db } from '../db/db.ts';
import { HttpError } from '../errors.ts';
import { compareBytes } from '../http.ts';
import { type DutyQuestion, type WorkerOnDuty, workersOnDuty } from '../workers/workers.ts';
import { CHAINS } from './within.sql.ts';

/** Grids whose duty is looked up for one answer. */
export const MAX_DUTY_GRIDS = 2_000;

/** Somebody to call: on duty for one grid inside the area, or for several. */
export interface DutyLine extends WorkerOnDuty {
  /** The deepest grids inside that this worker answers for, in byte order. */
  grids: string[];
}

/** Where chains of grids and the people on duty for them are found. */
export interface DutySource {
  /** The codes of each grid and its ancestors, deepest first. */
  chainsOf(net: string, codes: readonly string[], at: Date): Promise<{ start: string; chain: string[] }[]>;
  workersOnDuty(question: DutyQuestion): Promise<WorkerOnDuty[]>;
}

/** Chains and duty by SQL. */
export function dutyOfRecord(db: Db): DutySource {
  return {
    chainsOf: (net, codes, at) => db.query<{ start: string; chain: string[] }>(CHAINS, [net, codes, at]),
    workersOnDuty: (question) => workersOnDuty(db, question),
  };
}

export interface DutyPlace {
  net: string;
  at: Date;
  /** Codes of the deepest grids of the place. */
  codes: readonly string[];
}

const DUTY_ORDER = { lead: 0, member: 1, backup: 2, escalated: 3 };

/** Grids that are asked at once. */
const AT_ONCE = 8;

/**
 * Everybody on duty in grids at a moment, each once with all the grids, under the strongest duty. Leads come first, then
 * members, backups and those above; then ids in byte order.
 *
 * @throws HttpError 400 for more than `MAX_DUTY_GRIDS` grids
 */
export async function dutyList(
  { duty, timeZone, withPhone }: { duty: DutySource; timeZone: string; withPhone: boolean },
  { net, at, codes }: DutyPlace,
): Promise<DutyLine[]> {
  if (codes.length > MAX_DUTY_GRIDS) {
    const message = `${codes.length} grids lie inside, the duty of at most ${MAX_DUTY_GRIDS} is listed: ask for a smaller area, or leave workers out of layers`;
    throw new HttpError(400, message, [{ path: 'layers', message }]);
  }
  const chains = await duty.chainsOf(net, codes, at);
  const lines = new Map<string, DutyLine>();
  for (let i = 0; i < chains.length; i += AT_ONCE) {
    const batch = chains.slice(i, i + AT_ONCE);
    const found = await Promise.all(
      batch.map(({ chain }) => duty.workersOnDuty({ net, chain, at, timeZone, withPhone })),
    );
    for (const [j, workers] of found.entries()) for (const worker of workers) add(lines, worker, batch[j]!.start);
  }
  for (const line of lines.values()) line.grids.sort(compareBytes);
  return [...lines.values()].sort((a, b) => DUTY_ORDER[a.duty] - DUTY_ORDER[b.duty] || compareBytes(a.id, b.id));
}

function add(lines: Map<string, DutyLine>, worker: WorkerOnDuty, grid: string): void {
  const known = lines.get(worker.id);
  const grids = [...(known?.grids ?? []), grid];
  const stronger = !known || DUTY_ORDER[worker.duty] < DUTY_ORDER[known.duty];
  lines.set(worker.id, { ...(stronger ? worker : known), grids });
}
