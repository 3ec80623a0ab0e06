import type { Geometry } from 'geojson';
import type { Queryable } from '../db/db.ts';
import { compareText } from '../live/order.ts';
import { Slices } from '../threads/slices.ts';
import { type CheckedGrid, faultOf, type GridFault } from './checks.fault.ts';
import type { Check } from './checks.schema.ts';
import { GAPS, INVALID, OVERHANGS, OVERLAPS, TOLERANCE_M2, UNFILLED, UNSOUND } from './checks.sql.ts';

interface AreaRow {
  code: string;
  other?: string;
  m2: number;
  lon: number;
  lat: number;
  geometry: string;
}

type OverlapRow = AreaRow & { other: string };

/** A plan and the grids of it that are checked. */
interface Checked {
  plan: CheckedGrid[];
  grids: CheckedGrid[];
}

const SAY = {
  overlap: ({ other, m2 }: AreaRow) => `overlaps ${other} by ${metres(m2)}`,
  gap: ({ m2 }: AreaRow) => `has ${metres(m2)} that none of its children covers`,
  outside_parent: ({ other, m2 }: AreaRow) => `lies outside its parent ${other} with ${metres(m2)}`,
};

function metres(m2: number): string {
  return `${m2 < 100 ? m2.toFixed(1) : Math.round(m2)} m²`;
}

/** Faults of the polygons: validity, overlaps, gaps and overhangs, larger than `TOLERANCE_M2`. */
export async function checkAreas(
  db: Queryable,
  { net, at }: { net: string; at: Date },
  { plan, grids }: Checked,
  asked: ReadonlySet<Check>,
): Promise<GridFault[]> {
  const byCode = new Map(grids.map((grid) => [grid.code, grid]));
  const values = [net, at, [...byCode.keys()]];
  const faults = asked.has('invalid') ? await invalidFaults(db, values, byCode) : [];
  const wantsGaps = asked.has('gap');
  if (!wantsGaps && !asked.has('overlap') && !asked.has('outside_parent')) return faults;
  const everywhere = [net, at, plan.map(({ code }) => code)];
  const unsound = (await db.query<{ code: string }>(UNSOUND, everywhere)).map(({ code }) => code);
  const overhangs = await db.query<AreaRow>(OVERHANGS, [...values, unsound]);
  const overlaps =
    wantsGaps || asked.has('overlap')
      ? await findOverlaps(db, values, { plan, grids }, [...unsound, ...overhangs.map(({ code }) => code)], unsound)
      : [];
  faults.push(...areaFaults('overlap', overlaps, byCode), ...areaFaults('outside_parent', overhangs, byCode));
  if (!wantsGaps) return faults;
  const suspects = new Set((await db.query<{ code: string }>(UNFILLED, values)).map(({ code }) => code));
  const parentOf = new Map(plan.map(({ code, parent }) => [code, parent]));
  for (const code of [...overlaps.flatMap((row) => [row.code, row.other]), ...overhangs.map((row) => row.code)]) {
    const parent = parentOf.get(code);
    if (parent && byCode.has(parent)) suspects.add(parent);
  }
  const gaps = suspects.size > 0 ? await db.query<AreaRow>(GAPS, [net, at, [...suspects]]) : [];
  return [...faults, ...areaFaults('gap', gaps, byCode)];
}

/**
 * Overlaps without looking at every pair: where two grids lie in parents of one level and kind that share no area, they
 * share none either. So siblings are looked at; grids of which that cannot be said, next to all others; and from level to
 * level the children of those that were found.
 *
 * @param astray codes of grids that may reach beyond their parents
 */
async function findOverlaps(
  db: Queryable,
  values: unknown[],
  { plan, grids }: Checked,
  astray: readonly string[],
  unsound: readonly string[],
): Promise<OverlapRow[]> {
  const isPart = grids.length < plan.length;
  const found = new Map<string, OverlapRow>();
  const looked = new Set<string>();
  // Of what lies outside a part of the plan nothing is known.
  let next = isPart ? grids.map(({ code }) => code) : await looseGrids(plan, astray);
  for (let isFirst = true; isFirst || next.length > 0; isFirst = false) {
    for (const code of next) looked.add(code);
    const rows = await db.query<OverlapRow>(OVERLAPS, [...values, next, unsound]);
    const isNew = (row: OverlapRow) => !found.has(`${row.code} ${row.other}`);
    const above = new Set(rows.filter(isNew).flatMap(({ code, other }) => [code, other]));
    for (const row of rows) found.set(`${row.code} ${row.other}`, row);
    // Of a part all were looked at.
    next = grids
      .filter(({ code, parent }) => parent !== null && above.has(parent) && !looked.has(code))
      .map(({ code }) => code);
  }
  return [...found.values()].sort((a, b) => compareText(a.code, b.code) || compareText(a.other, b.other));
}

/** Grids that may share area with others than their siblings although their parents share none. */
async function looseGrids(plan: readonly CheckedGrid[], astray: readonly string[]): Promise<string[]> {
  const slices = new Slices();
  const byCode = new Map(plan.map((grid) => [grid.code, grid]));
  await slices.pause();
  /** Of each grid, the level and kind of its parent. */
  const kinds: (string | undefined)[] = [];
  const counts = new Map<string, Map<string, number>>();
  for (const grid of plan) {
    const parent = grid.parent === null ? undefined : byCode.get(grid.parent);
    const kind = parent && `${parent.level} ${parent.kind}`;
    kinds.push(kind);
    const ofLevel = counts.get(grid.level) ?? new Map<string, number>();
    counts.set(grid.level, ofLevel);
    if (kind) ofLevel.set(kind, (ofLevel.get(kind) ?? 0) + 1);
    if (slices.isOver) await slices.pause();
  }
  const usual = new Map([...counts].map(([level, kinds]) => [level, [...kinds].sort(([, a], [, b]) => b - a)[0]?.[0]]));
  const reaching = new Set(astray);
  const loose: string[] = [];
  for (const [i, { code, level, parent }] of plan.entries()) {
    const kind = kinds[i];
    if (kind === undefined || kind !== usual.get(level) || reaching.has(code) || reaching.has(parent!))
      loose.push(code);
    if (slices.isOver) await slices.pause();
  }
  return loose;
}

async function invalidFaults(
  db: Queryable,
  values: unknown[],
  byCode: ReadonlyMap<string, CheckedGrid>,
): Promise<GridFault[]> {
  type Invalid = { code: string; reason: string; lon: number | null; lat: number | null };
  const rows = await db.query<Invalid>(INVALID, values);
  return rows.map(({ code, reason, lon, lat }) =>
    faultOf('invalid', byCode.get(code)!, `is not a valid polygon: ${reason}`, {
      ...(lon !== null && lat !== null && { at: [lon, lat] }),
    }),
  );
}

function areaFaults(check: keyof typeof SAY, rows: AreaRow[], byCode: ReadonlyMap<string, CheckedGrid>): GridFault[] {
  return rows
    .filter(({ m2 }) => m2 > TOLERANCE_M2)
    .map((row) =>
      faultOf(check, byCode.get(row.code)!, SAY[check](row), {
        other: row.other ?? null,
        value: row.m2,
        at: [row.lon, row.lat],
        geometry: JSON.parse(row.geometry) as Geometry,
      }),
    );
}
