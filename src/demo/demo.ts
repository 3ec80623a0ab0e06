import type { Geometry } from 'geojson';
import type { SourceRow } from '../import/row.ts';
import type { Area } from './area.ts';
import { addressCapacity, addressOf, type BuiltBlock, buildBlocks } from './blocks.ts';
import { DAY_MS, DAYS, holidaysOf, localDate, startOfDay, timestamp } from './calendar.ts';
import { cameraRows } from './cameras.ts';
import { categoriesOf, itemsOf } from './categories.ts';
import { incidentRows } from './incidents.ts';
import { StreetNames } from './names.ts';
import { pad } from './numerals.ts';
import { boxPolygon, linePositions } from './outline.ts';
import { drawPlan, type Plan } from './plan.ts';
import { type Plant, plantSpots } from './plants.ts';
import { drawPolice, type PoliceArea, policePolygon } from './police.ts';
import { apportion, hash32 } from './random.ts';
import { drawRoster } from './roster.ts';
import { type DemoSettings, loadSettings, type SizeSettings } from './settings.ts';
import { Terrain } from './terrain.ts';

export type DemoSize = 'county' | 'city';

/** Incidents cover the 365 whole days of Asia/Shanghai that end at the midnight at or before `until`. */
export interface DemoOptions {
  size: DemoSize;
  seed: number;
  until: Date;
}

export type DemoLayerId =
  | 'grids'
  | 'workers'
  | 'assignments'
  | 'holidays'
  | 'cameras'
  | 'categories'
  | 'incidents'
  | 'addresses'
  | 'streets';

/** The rows of one import layer. `rows()` may be called again and gives the same rows; it streams. */
export interface DemoLayer {
  layer: DemoLayerId;
  count: number;
  rows(): Iterable<SourceRow>;
}

/** An invented place. Layers come in an order in which each only refers to those before it. */
export interface Demo {
  name: string;
  nets: { id: string; name: string; levels: { id: string; name: string }[] }[];
  layers: DemoLayer[];
}

const NETS: Demo['nets'] = [
  {
    id: 'base',
    name: '基础网',
    levels: [
      { id: 'city', name: '市' },
      { id: 'district', name: '区县' },
      { id: 'street', name: '镇街' },
      { id: 'area', name: '管区' },
      { id: 'community', name: '社区/村' },
      { id: 'grid', name: '网格' },
      { id: 'microgrid', name: '微网格' },
    ],
  },
  {
    id: 'police',
    name: '警务区',
    levels: [
      { id: 'bureau', name: '公安局' },
      { id: 'station', name: '派出所' },
      { id: 'beat', name: '警务区' },
    ],
  },
];

/**
 * Invents a place: the same options give the same rows, byte for byte.
 * A ZodError names the field of `data/demo` that does not fit.
 */
export function generateDemo(options: DemoOptions): Demo {
  const { seed } = options;
  const settings = loadSettings(options.size);
  const { size } = settings;
  const terrain = new Terrain(size, seed);
  const end = startOfDay(options.until.getTime());
  const start = end - DAYS * DAY_MS;
  const plan = drawPlan(settings, seed);
  const police = drawPolice(plan, size);
  const estates = new StreetNames(settings.names, hash32(seed, 0xe57a));
  const built = buildBlocks(plan, size.addressPrefix, estates, seed);
  const roster = drawRoster(plan.areas, police, size, settings.classes, seed, start);
  const items = itemsOf(settings.classes, seed);
  const year = (at: number) => Number(localDate(at).slice(0, 4));
  const spots = plantSpots(settings, terrain, seed);
  const since = timestamp(start - DAYS * DAY_MS);
  return {
    name: size.name,
    nets: structuredClone(NETS),
    layers: [
      { layer: 'streets', count: plan.lines.length, rows: () => streetRows(plan, terrain) },
      {
        layer: 'grids',
        count: plan.areas.length + police.length,
        rows: () => gridRows(plan, police, size, terrain, since),
      },
      table('workers', roster.workers),
      table('categories', categoriesOf(settings.classes, items)),
      table('holidays', holidaysOf(settings.holidays, year(start) - 1, year(end) + 1)),
      table('assignments', roster.assignments),
      { layer: 'cameras', count: size.cameras, rows: () => cameraRows(built, size, settings.names, terrain, seed) },
      { layer: 'addresses', count: size.addresses, rows: () => addressRows(built, size, terrain, seed) },
      {
        layer: 'incidents',
        count: size.incidents,
        rows: () => incidentRows({ settings, terrain, built, items, spots, seed, start, end }),
      },
    ],
  };
}

/** The hotspots that a demo's incidents hold on purpose, for tests of the statistics. */
export function demoPlants(options: DemoOptions): Plant[] {
  const settings: DemoSettings = loadSettings(options.size);
  const spots = plantSpots(settings, new Terrain(settings.size, options.seed), options.seed);
  return spots.map(({ kind, lon, lat, radius_m }) => ({ kind, lon, lat, radius_m }));
}

/** A layer without geometry whose records are few enough to be held. */
function table(layer: DemoLayerId, records: readonly object[]): DemoLayer {
  function* rows(): Generator<SourceRow> {
    let line = 0;
    for (const record of records) yield { line: ++line, properties: present(record), geometry: null };
  }
  return { layer, count: records.length, rows };
}

/** A record without its undefined fields. */
function present(record: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function* streetRows(plan: Plan, terrain: Terrain): Generator<SourceRow> {
  let n = 0;
  for (const line of plan.lines) {
    n++;
    const properties = { id: `DL${pad(n, 6)}`, name: line.name, class: line.class };
    yield { line: n, properties, geometry: { type: 'LineString', coordinates: linePositions(line, terrain) } };
  }
}

function* gridRows(
  plan: Plan,
  police: PoliceArea[],
  size: SizeSettings,
  terrain: Terrain,
  since: string,
): Generator<SourceRow> {
  let line = 0;
  const row = (properties: Record<string, unknown>, geometry: Geometry): SourceRow => ({
    line: ++line,
    properties: present({ ...properties, valid_from: since }),
    geometry,
  });
  for (const area of plan.areas) yield row(baseFields(area), boxPolygon(area.rect, terrain));
  for (const area of police) {
    const { code, name, level, parent, households, population } = area;
    const fields = {
      code,
      name,
      level,
      net: 'police',
      parent: parent ?? undefined,
      kind: 'base',
      households,
      population,
    };
    yield row(fields, policePolygon(area, plan, size, terrain));
  }
}

function baseFields(area: Area): Record<string, unknown> {
  const { code, name, level, kind, households, population } = area;
  return { code, name, level, net: 'base', parent: area.parent?.code, kind, households, population };
}

/** Shares the addresses out among the blocks and streams them block by block. */
function* addressRows(built: BuiltBlock[], size: SizeSettings, terrain: Terrain, seed: number): Generator<SourceRow> {
  const room = built.map((b) => Math.min(addressCapacity(b), size.addressesPerBlock));
  const total = room.reduce((a, b) => a + b, 0);
  if (total < size.addresses)
    throw new RangeError(`${total} addresses fit, ${size.addresses} are asked for: raise addressesPerBlock`);
  const quota = apportion(size.addresses, room);
  let line = 0;
  for (let b = 0; b < built.length; b++) {
    for (let n = 0; n < quota[b]!; n++) {
      const { i, j, text } = addressOf(built[b]!, n, seed);
      line++;
      const properties = { id: `DZ${pad(line, 8)}`, text };
      yield { line, properties, geometry: { type: 'Point', coordinates: terrain.position(i, j) } };
    }
  }
}
