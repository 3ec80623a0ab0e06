import type { Geometry, Position } from 'geojson';
import { normalise } from '../addresses/normalise.ts';
import { chunkLines, copyLine, type Queryable } from '../db/db.ts';
import { cellAt } from '../incidents/place.ts';
import { type Door, doorOf } from './door.ts';
import type { LayerName } from './fields.ts';
import { createStage } from './import.sql.ts';
import { createRowParser, type ParseOptions } from './parse.ts';
import { isFault, type RowFault } from './read/fault.ts';
import type { SourceRow } from './row.ts';
import type { LayerTable } from './tables.ts';

type Value = string | number | boolean | null;

export interface StageOptions extends ParseOptions {
  /** Called now and then with the rows read so far. */
  onProgress?: (rows: number) => void;
}

/** Columns of the staging table beside those of the layer, `n` and `line`. */
const STAGED = ['reason', 'raw', 'place_key', 'door', 'city', 'cell'];

/**
 * Read all rows into the staging table, good ones with their values, others with the reason. Memory does not grow with
 * their number.
 *
 * @returns rows read
 */
export async function stageRows(
  tx: Queryable,
  layer: LayerName,
  table: LayerTable,
  rows: AsyncIterable<SourceRow | RowFault> | Iterable<SourceRow | RowFault>,
  options: StageOptions,
): Promise<number> {
  await tx.script(createStage(table));
  const columns = [...STAGED, ...Object.keys(table.columns), ...(table.geometry ? ['geom'] : [])];
  const parse = createRowParser(layer, options);
  let n = 0;
  async function* lines(): AsyncIterable<string> {
    for await (const row of rows) {
      n += 1;
      if (n % 1000 === 0) options.onProgress?.(n);
      const staged = isFault(row)
        ? { reason: row.reason, raw: row.raw }
        : stagedOf(layer, row, parse(row), options.repair ?? false);
      const cells = cellsOf(layer, staged);
      yield copyLine([n, row.line, ...columns.map((name) => toValue(cells[name]))]);
    }
  }
  await tx.copyIn(`stage (n, line, ${columns.join(', ')})`, chunkLines(lines()));
  options.onProgress?.(n);
  return n;
}

type Staged =
  | { reason: string; raw: string }
  | { record: Record<string, unknown>; placeKey: string | null; door: Door | null; geometry: Geometry | null };

function stagedOf(
  layer: LayerName,
  row: SourceRow,
  parsed: ReturnType<ReturnType<typeof createRowParser>>,
  repair: boolean,
): Staged {
  if (!parsed.ok) return { reason: parsed.reasons.join('; '), raw: rawOf(row) };
  const { geometry, ...record } = parsed.record;
  const source = layer === 'addresses' ? (record as { text?: string }).text! : parsed.placeBy;
  const closed = repair && geometry ? closeRings(geometry) : geometry;
  if (geometry && !closed) {
    return { reason: 'geometry: no ring with three different corners is left to repair', raw: rawOf(row) };
  }
  const placeKey = source === null ? null : normalise(source);
  const door = parsed.placeBy === null ? null : doorOf(placeKey!);
  return { record, placeKey, door, geometry: closed };
}

/** What goes into the columns of the staging table, by their names; others are null. */
function cellsOf(layer: LayerName, staged: Staged): Record<string, unknown> {
  if ('reason' in staged) return { reason: staged.reason, raw: asJson(staged.raw) };
  const { record, placeKey, door, geometry } = staged;
  const cell = layer === 'incidents' && geometry?.type === 'Point' ? cellOf(geometry.coordinates) : null;
  const geom = geometry && toEwkt(geometry);
  return { ...record, place_key: placeKey, door: door?.text, city: door?.city, cell, geom };
}

function cellOf([lon, lat]: Position): string {
  return cellAt(lon!, lat!).toString();
}

function rawOf({ properties, geometry }: SourceRow): string {
  return JSON.stringify(geometry ? { ...properties, geometry } : properties);
}

/** The text of a row as JSON: as it is when it is an object, otherwise as a string. JSON in the database holds no NUL. */
function asJson(raw: string): string {
  const text = raw.replaceAll('\0', '');
  if (!text.startsWith('{')) return JSON.stringify(text);
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}

function toValue(value: unknown): Value {
  if (value === undefined || value === null) return null;
  return typeof value === 'object' ? JSON.stringify(value) : (value as Value);
}

/** Close open rings and leave out those without three corners; null when an outer ring is among them. */
function closeRings(geometry: Geometry): Geometry | null {
  if (geometry.type !== 'Polygon' && geometry.type !== 'MultiPolygon') return geometry;
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  const kept = polygons.map(([outer, ...holes]) => {
    const shell = outer && closeRing(outer);
    return shell ? [shell, ...holes.map(closeRing).filter((ring) => ring !== null)] : null;
  });
  const coordinates = kept.filter((polygon) => polygon !== null);
  return coordinates.length > 0 ? { type: 'MultiPolygon', coordinates } : null;
}

function closeRing(ring: Position[]): Position[] | null {
  const [first, last] = [ring[0], ring.at(-1)];
  const closed = first && last && (first[0] !== last[0] || first[1] !== last[1]) ? [...ring, first] : ring;
  return closed.length >= 4 ? closed : null;
}

/** Geometry as the text that PostGIS reads; numbers in the shortest form that gives the same double. */
function toEwkt(geometry: Geometry): string {
  switch (geometry.type) {
    case 'Point':
      return `SRID=4326;POINT(${pair(geometry.coordinates)})`;
    case 'LineString':
      return `SRID=4326;LINESTRING${list(geometry.coordinates)}`;
    case 'Polygon':
      return `SRID=4326;POLYGON${rings(geometry.coordinates)}`;
    case 'MultiPolygon':
      return `SRID=4326;MULTIPOLYGON(${geometry.coordinates.map(rings).join(',')})`;
    default:
      throw new TypeError(`no layer has a ${geometry.type}`);
  }
}

function pair(position: Position): string {
  return `${position[0]} ${position[1]}`;
}

function list(positions: Position[]): string {
  return `(${positions.map(pair).join(',')})`;
}

function rings(polygon: Position[][]): string {
  return `(${polygon.map(list).join(',')})`;
}
