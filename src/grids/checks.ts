import type { Queryable } from '../db/db.ts';
import { readInTurns } from '../db/rows.ts';
import { checkAreas } from './checks.areas.ts';
import type { CheckedGrid, GridFault } from './checks.fault.ts';
import { loadProfile, loadStaffing, type ProfileId } from './checks.profiles.ts';
import { checkRoster } from './checks.roster.ts';
import { CHECKS, type Check } from './checks.schema.ts';
import { checkCodes, checkSizes } from './checks.sizes.ts';
import {
  ADDRESSES_OUTSIDE,
  GRIDS,
  INCIDENTS_OUTSIDE,
  INCIDENTS_OUTSIDE_NET,
  MAX_POINTS,
  TOLERANCE_M2,
} from './checks.sql.ts';
import { requireGrid } from './grids.ts';

export interface CheckQuestion {
  net: string;
  under?: string | undefined;
  at: Date;
  profile: ProfileId | 'none';
  /** Only these; absent: all. */
  check?: Check[] | undefined;
  timeZone: string;
}

export interface CheckAnswer {
  net: string;
  under: string | null;
  at: Date;
  profile: ProfileId | 'none';
  /** Areas up to this are not reported. */
  tolerance_m2: number;
  grids: number;
  /** Faults and notices by check, also those beyond the points that are listed. */
  counts: Partial<Record<Check, number>>;
  faults: GridFault[];
}

/**
 * Check the plan of a net at a moment. Points outside every grid are looked for only in whole nets.
 *
 * @throws HttpError 400 when the grid does not exist
 */
export async function checkPlan(db: Queryable, question: CheckQuestion): Promise<CheckAnswer> {
  const { net, under, at, profile } = question;
  if (under !== undefined) await requireGrid(db, net, under, at);
  const plan = await readInTurns<CheckedGrid>(db, GRIDS, [net, at]);
  const grids = under === undefined ? plan : subtreeOf(plan, under);
  const asked = new Set<Check>(question.check ?? CHECKS);
  const faults = [
    ...(await checkAreas(db, { net, at }, { plan, grids }, asked)),
    ...checkCodes(grids),
    ...(profile === 'none' ? [] : checkSizes(grids, loadProfile(profile))),
    ...(await rosterFaults(db, question, { plan, grids }, asked)),
  ].filter(({ check }) => asked.has(check));
  const counts = countByCheck(faults);
  if (under === undefined) {
    for (const [check, table] of [
      ['incident_outside', 'incident'],
      ['address_outside', 'address'],
    ] as const) {
      if (!asked.has(check)) continue;
      const points = await pointsOutside(db, { net, at }, check, table);
      if (points.total > 0) counts[check] = points.total;
      faults.push(...points.faults);
    }
  }
  faults.sort((a, b) => CHECKS.indexOf(a.check) - CHECKS.indexOf(b.check));
  return { net, under: under ?? null, at, profile, tolerance_m2: TOLERANCE_M2, grids: grids.length, counts, faults };
}

/** Whether a plan has faults; notices are none. */
export function hasFaults({ faults }: CheckAnswer): boolean {
  return faults.some(({ severity }) => severity === 'fault');
}

async function rosterFaults(
  db: Queryable,
  { net, at, timeZone }: CheckQuestion,
  checked: { plan: CheckedGrid[]; grids: CheckedGrid[] },
  asked: ReadonlySet<Check>,
): Promise<GridFault[]> {
  const roster: Check[] = CHECKS.slice(CHECKS.indexOf('hours_unreadable'));
  const wanted = roster.some((check) => asked.has(check));
  return wanted ? checkRoster(db, { net, at, timeZone }, checked, loadStaffing()) : [];
}

/** A grid and all below it; parents come before their children. */
function subtreeOf(plan: CheckedGrid[], under: string): CheckedGrid[] {
  const codes = new Set([under]);
  return plan.filter(({ code, parent }) => {
    if (parent !== null && codes.has(parent)) codes.add(code);
    return codes.has(code);
  });
}

function countByCheck(faults: GridFault[]): Partial<Record<Check, number>> {
  const counts: Partial<Record<Check, number>> = {};
  for (const { check } of faults) counts[check] = (counts[check] ?? 0) + 1;
  return counts;
}

/** Points that no grid covers, at most `MAX_POINTS` of them. */
async function pointsOutside(
  db: Queryable,
  { net, at }: { net: string; at: Date },
  check: 'incident_outside' | 'address_outside',
  table: 'incident' | 'address',
): Promise<{ total: number; faults: GridFault[] }> {
  type Point = { id: string; lon: number; lat: number; total: number };
  const ofIncidents = net === 'base' ? INCIDENTS_OUTSIDE : INCIDENTS_OUTSIDE_NET;
  const points = await db.query<Point>(table === 'incident' ? ofIncidents : ADDRESSES_OUTSIDE, [net, at]);
  const total = points[0]?.total ?? 0;
  const faults = points.map(
    ({ id, lon, lat }): GridFault => ({
      check,
      severity: 'fault',
      grid: null,
      name: null,
      level: null,
      other: id,
      message: `${table} ${id} lies in no grid${total > MAX_POINTS ? ` (${MAX_POINTS} of ${total} are listed)` : ''}`,
      value: null,
      at: [lon, lat],
      geometry: null,
    }),
  );
  return { total, faults };
}
