import type { Queryable } from '../db/db.ts';
import { groupBy } from '../db/rows.ts';
import { type Fault, HttpError } from '../errors.ts';
import type { Merge, PlanChange, Split } from './plan.schema.ts';
import * as SQL from './plan.sql.ts';

/** Which net's plan changes when. */
export interface PlanContext {
  /** An open transaction: the whole change, or nothing. */
  tx: Queryable;
  net: string;
  at: Date;
}

interface Version {
  gid: number;
  code: string;
  name: string;
  level: string;
  parent: string | null;
  kind: string;
  households: number | null;
  population: number | null;
  /** Its end as the database writes it; null: none. */
  ends: string | null;
  /** Whether it begins at the very moment of the change. */
  begins: boolean;
}

type NewGrid = PlanChange['grids'][number];
type Assignments = PlanChange['assignments'];

/**
 * Divide a grid from a moment on. The old code ends there; the parts, which must tile it, begin there. Children get a
 * version under the part that they lie in; assignments end with the grid and begin anew in the part that `carry` names,
 * or are listed as open.
 *
 * @throws HttpError 404 when there is no such grid then, 409 for a code that is in use, 422 when parts leave gaps,
 *   overlap or reach outside, or when a child lies in none of them
 */
export async function splitGrid(context: PlanContext, code: string, { parts, carry }: Split): Promise<PlanChange> {
  const { tx, at } = context;
  const [old] = await versionsOf(context, [code]);
  await requireUnused(
    context,
    parts.map((part) => part.code),
    (i) => `parts.${i}.code`,
  );
  const areas = parts.map(({ geometry }) => JSON.stringify(geometry));
  await requireTiling(tx, old!, areas);
  await tx.query(SQL.CLOSE_GRIDS, [[old!.gid], at]);
  const grids = await tx.query<NewGrid>(SQL.INSERT_PARTS, [
    old!.gid,
    at,
    old!.ends,
    parts.map((part) => part.code),
    parts.map((part, i) => part.name ?? `${old!.name}-${i + 1}`),
    parts.map((part) => part.kind ?? old!.kind),
    parts.map((part) => part.households ?? null),
    parts.map((part) => part.population ?? null),
    areas,
  ]);
  const children = await moveChildren(context, [code], grids);
  const assignments = await moveAssignments(context, [code], carry);
  await tx.script(SQL.CHECK_NOW);
  return { net: context.net, at, closed: [code], grids, children, assignments };
}

/**
 * Make one grid of several of the same level and parent from a moment on. Children and assignments go over to it; of
 * assignments that differ only in their hours the first goes over and the others are listed as open.
 *
 * @throws HttpError 404 when there is no such grid then, 409 for a code that is in use, 422 for grids that do not go
 *   together
 */
export async function mergeGrids(context: PlanContext, { codes, into }: Merge): Promise<PlanChange> {
  const { tx, at } = context;
  const old = await versionsOf(context, codes);
  await requireUnused(context, [into.code], () => 'into.code');
  requireAlike(old);
  const [first] = old;
  const gids = old.map(({ gid }) => gid);
  await tx.query(SQL.CLOSE_GRIDS, [gids, at]);
  const grids = await tx.query<NewGrid>(SQL.INSERT_MERGED, [
    gids,
    at,
    first!.ends,
    into.code,
    into.name ?? first!.name,
    into.kind ?? first!.kind,
    into.households ?? sum(old.map(({ households }) => households)),
    into.population ?? sum(old.map(({ population }) => population)),
  ]);
  const children = await moveChildren(context, codes, grids);
  const assignments = await moveAssignments(context, codes, into.code);
  await tx.script(SQL.CHECK_NOW);
  return { net: context.net, at, closed: old.map(({ code }) => code), grids, children, assignments };
}

async function versionsOf({ tx, net, at }: PlanContext, codes: readonly string[]): Promise<Version[]> {
  await tx.query(SQL.LOCK_PLAN, [net]);
  const versions = await tx.query<Version>(SQL.VERSIONS, [net, codes, at]);
  const missing = codes.find((code) => !versions.some((version) => version.code === code));
  if (missing !== undefined) {
    throw new HttpError(404, `There is no grid ${missing} in net ${net} at ${at.toISOString()}`);
  }
  const young = versions.find(({ begins }) => begins);
  if (young) throw unfit([{ path: 'at', message: `grid ${young.code} begins at this moment: change it later` }]);
  return versions;
}

async function requireUnused(
  { tx, net, at }: PlanContext,
  codes: readonly string[],
  pathOf: (i: number) => string,
): Promise<void> {
  const used = await tx.query<{ code: string }>(SQL.USED_CODES, [net, codes, at]);
  if (used.length === 0) return;
  const faults = used.map(({ code }) => ({ path: pathOf(codes.indexOf(code)), message: `${code} is in use` }));
  throw new HttpError(409, `New grids need new codes: ${used.map(({ code }) => code).join(', ')} is in use`, faults);
}

async function requireTiling(tx: Queryable, old: Version, areas: readonly string[]): Promise<void> {
  const invalid = await tx.query<{ n: number; reason: string }>(SQL.INVALID_AREAS, [areas]);
  if (invalid.length > 0)
    throw unfit(invalid.map(({ n, reason }) => ({ path: `parts.${n}.geometry`, message: reason })));
  const misfits = await tx.query<Misfit>(SQL.MISFITS, [old.gid, areas]);
  if (misfits.length > 0) throw unfit(misfits.map((misfit) => faultOf(misfit, old.code)));
}

interface Misfit {
  kind: 'gap' | 'outside' | 'overlap';
  n: number | null;
  other: number | null;
  m2: number;
  lon: number;
  lat: number;
}

function faultOf({ kind, n, other, m2, lon, lat }: Misfit, code: string): Fault {
  const where = `${m2} m² around ${lon},${lat}`;
  if (kind === 'gap') return { path: 'parts', message: `a gap: ${where} of grid ${code} are in no part` };
  if (kind === 'outside') return { path: `parts.${n}.geometry`, message: `${where} lie outside grid ${code}` };
  return { path: `parts.${n}.geometry`, message: `an overlap with parts.${other}: ${where}` };
}

function requireAlike(old: readonly Version[]): void {
  const [first] = old;
  for (const [name, read] of ALIKE) {
    const other = old.find((version) => read(version) !== read(first!));
    if (other) throw unfit([{ path: 'codes', message: `${first!.code} and ${other.code} differ in their ${name}` }]);
  }
}

const ALIKE: readonly (readonly [string, (version: Version) => string | null])[] = [
  ['level', ({ level }) => level],
  ['parent', ({ parent }) => parent],
  ['end', ({ ends }) => ends],
];

function unfit(faults: Fault[]): HttpError {
  return new HttpError(422, `The plan cannot be changed so: ${faults[0]!.path}: ${faults[0]!.message}`, faults);
}

interface Child {
  gid: number;
  code: string;
  parent: string;
  ends: string | null;
  begun: boolean;
  home: string | null;
}

async function moveChildren(
  { tx, net, at }: PlanContext,
  codes: readonly string[],
  grids: readonly NewGrid[],
): Promise<PlanChange['children']> {
  const values = [net, codes, at, grids.map(({ code }) => code)];
  const children = await tx.query<Child>(SQL.CHILDREN, values);
  const homeless = children.filter(({ home }) => home === null);
  if (homeless.length > 0) {
    const message = (code: string) => `its child ${code} lies in no single part: split that first, or draw along it`;
    throw unfit(homeless.map(({ code }) => ({ path: 'parts', message: message(code) })));
  }
  const [begun, coming] = [children.filter((child) => child.begun), children.filter((child) => !child.begun)];
  const gids = begun.map(({ gid }) => gid);
  await tx.query(SQL.CLOSE_GRIDS, [gids, at]);
  await tx.query(SQL.INSERT_CHILDREN, [gids, begun.map(({ home }) => home), begun.map(({ ends }) => ends), at]);
  await tx.query(SQL.MOVE_CHILDREN, [coming.map(({ gid }) => gid), coming.map(({ home }) => home)]);
  return children.map(({ code, parent, home }) => ({ code, from: parent, to: home! }));
}

interface Assignment {
  id: string;
  worker: string;
  grid: string;
  duty: string;
  category: string | null;
  hours: string | null;
  begins: string | null;
  ends: string | null;
  begun: boolean;
}

/** Ends the assignments of closed grids, and begins them anew in `target`; those that cannot go over are open. */
async function moveAssignments(
  { tx, net, at }: PlanContext,
  codes: readonly string[],
  target: string | undefined,
): Promise<Assignments> {
  const rows = await tx.query<Assignment>(SQL.ASSIGNMENTS_FROM, [net, codes, at]);
  const begun = rows.filter((row) => row.begun);
  await tx.query(SQL.CLOSE_ASSIGNMENTS, [begun.map(({ id }) => id), at]);
  if (target === undefined) return { carried: [], open: rows.map(named) };
  const { carried, open } = shareOut(rows);
  const [fresh, moved] = [carried.filter((row) => row.begun), carried.filter((row) => !row.begun)];
  const ends = fresh.map((row) => row.ends);
  await tx.query(SQL.CARRY_ASSIGNMENTS, [fresh.map(({ id }) => id), fresh.map(() => target), ends, at]);
  await tx.query(SQL.MOVE_ASSIGNMENTS, [moved.map(({ id }) => id), moved.map(() => target)]);
  return { carried: carried.map((row) => ({ ...named(row), to: target })), open: open.map(named) };
}

/** A worker serves a grid in a duty once: what says the same goes over once, what says something else stays open. */
function shareOut(rows: readonly Assignment[]): { carried: Assignment[]; open: Assignment[] } {
  const keyOf = ({ worker, duty, category, begun, begins }: Assignment) =>
    JSON.stringify([worker, duty, category, begun ? null : begins]);
  const groups = [...groupBy(rows, keyOf).values()];
  const isSame = (a: Assignment, b: Assignment) => a.hours === b.hours && a.ends === b.ends;
  return {
    carried: groups.map(([first]) => first!),
    open: groups.flatMap(([first, ...others]) => others.filter((other) => !isSame(first!, other))),
  };
}

function named({ id, worker, grid, duty, category, hours }: Assignment): Assignments['open'][number] {
  return { id, worker, grid, duty, category, hours };
}

/** Null where a part of the sum is unknown. */
function sum(values: readonly (number | null)[]): number | null {
  return values.reduce((total, value) => (total === null || value === null ? null : total + value), 0 as number | null);
}
