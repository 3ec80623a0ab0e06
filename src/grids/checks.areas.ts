import type { Geometry } from 'geojson';
import type { Queryable } from '../db/db.ts';
import { type CheckedGrid, faultOf, type GridFault } from './checks.fault.ts';
import type { Check } from './checks.schema.ts';
import { GAPS, INVALID, OVERHANGS, OVERLAPS, TOLERANCE_M2, UNFILLED } from './checks.sql.ts';

interface AreaRow {
  code: string;
  other?: string;
  m2: number;
  lon: number;
  lat: number;
  geometry: string;
}

type OverlapRow = AreaRow & { parent: string | null; other_parent: string | null };

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
  grids: CheckedGrid[],
  asked: ReadonlySet<Check>,
): Promise<GridFault[]> {
  const byCode = new Map(grids.map((grid) => [grid.code, grid]));
  const values = [net, at, [...byCode.keys()]];
  const faults = asked.has('invalid') ? await invalidFaults(db, values, byCode) : [];
  const wantsGaps = asked.has('gap');
  const overlaps = wantsGaps || asked.has('overlap') ? await db.query<OverlapRow>(OVERLAPS, values) : [];
  const overhangs = wantsGaps || asked.has('outside_parent') ? await db.query<AreaRow>(OVERHANGS, values) : [];
  faults.push(...areaFaults('overlap', overlaps, byCode), ...areaFaults('outside_parent', overhangs, byCode));
  if (!wantsGaps) return faults;
  const suspects = new Set((await db.query<{ code: string }>(UNFILLED, values)).map(({ code }) => code));
  for (const parent of [
    ...overlaps.flatMap((row) => [row.parent, row.other_parent]),
    ...overhangs.map(({ code }) => byCode.get(code)!.parent),
  ]) {
    if (parent !== null && byCode.has(parent)) suspects.add(parent);
  }
  const gaps = suspects.size > 0 ? await db.query<AreaRow>(GAPS, [net, at, [...suspects]]) : [];
  return [...faults, ...areaFaults('gap', gaps, byCode)];
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
