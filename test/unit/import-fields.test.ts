import type { Geometry, Position } from 'geojson';
import { describe, expect, it } from 'vitest';
import { LAYERS, type LayerName, type LayerSpec, layers } from '../../src/import/fields.ts';
import { createRowParser, type ParseOptions, unknownColumns } from '../../src/import/parse.ts';

const OPTIONS: ParseOptions = { crs: 'wgs84', timeZone: 'Asia/Shanghai' };
const square: Position[] = [
  [114, 22],
  [114.1, 22],
  [114.1, 22.1],
  [114, 22.1],
  [114, 22],
];
const polygon: Geometry = { type: 'Polygon', coordinates: [square] };

function parse(layer: LayerName, properties: Record<string, unknown>, geometry: Geometry | null = null, more = {}) {
  return createRowParser(layer, { ...OPTIONS, ...more })({ line: 1, properties, geometry });
}

/** The reasons of a row that must be rejected. */
function reasons(layer: LayerName, properties: Record<string, unknown>, geometry: Geometry | null = null, more = {}) {
  const parsed = parse(layer, properties, geometry, more);
  return parsed.ok ? [] : parsed.reasons;
}

const camera = { code: 'c1', lon: '114.05', lat: '22.54' };
const grid = { code: 'g', name: '一', level: 'grid' };
const incident = { id: 'i', category: 'c', occurred_at: '2025-03-01T08:00:00Z', lon: 1, lat: 2 };
const assignment = { worker: 'w', grid: 'g', duty: 'lead' };

describe('parseRow', () => {
  it('types the text of CSV, fills in defaults and drops heights', () => {
    const text = {
      code: ' g1 ',
      name: '一',
      level: 'grid',
      households: '312',
      kind: '',
      props: '{"a":[1]}',
      other: 'x',
    };
    const raised: Geometry = { type: 'Polygon', coordinates: [square.map(([x, y]) => [x!, y!, 5])] };
    expect(parse('grids', { ...text, valid_from: '2025-01-01' }, raised)).toEqual({
      ok: true,
      record: {
        code: 'g1',
        name: '一',
        level: 'grid',
        net: 'base',
        parent: null,
        kind: 'base',
        households: 312,
        population: null,
        valid_from: '2025-01-01T00:00:00+08:00',
        valid_to: null,
        props: { a: [1] },
        geometry: polygon,
      },
      placeBy: null,
    });
  });

  it('names every missing field', () => {
    for (const layer of LAYERS) {
      const spec: LayerSpec = layers[layer];
      const required = Object.entries(spec.fields).filter(([, field]) => field.required);
      const expected = required.map(([name]) => `${name}: is required but missing`);
      expect(reasons(layer, {}).filter((reason) => !reason.startsWith('geometry'))).toEqual(expected);
      expect(reasons(layer, {}).some((reason) => reason.startsWith('geometry'))).toBe(spec.geometry !== null);
    }
  });

  it.each<[LayerName, Record<string, unknown>, string]>([
    ['grids', { ...grid, code: '网'.repeat(22) }, 'code: is longer than 64 bytes'],
    ['grids', { ...grid, code: 'a\u0007b' }, 'code: contains a control character'],
    ['grids', { ...grid, code: 4.403e25 }, 'code: must be text, in quotes'],
    ['grids', { ...grid, name: 'a\ud800' }, 'name: contains a character that text cannot hold'],
    [
      'grids',
      { ...grid, households: '1,200' },
      'households: must be a number, written without unit or thousands separator',
    ],
    ['grids', { ...grid, households: '-1' }, 'households: -1 is not a whole number from 0 to 2147483647'],
    ['grids', { ...grid, kind: 'own' }, "kind: 'own' is not one of base, dedicated"],
    ['grids', { ...grid, props: '[1]' }, 'props: must be a JSON object'],
    ['grids', { ...grid, parent: 'g' }, "parent: g is the row's own code"],
    ['workers', { id: 'w', name: 'n', role: 'boss' }, "role: 'boss' is not one of chief, fulltime, parttime, police"],
    ['cameras', { ...camera, heading: '360' }, 'heading: 360 is not a heading, 0 ≤ degrees < 360'],
    [
      'cameras',
      { ...camera, code: '44030300001211000001' },
      'code: 44030300001211000001 has 20 digits, so digits 11 to 13',
    ],
    ['cameras', { ...camera, lat: '22,5' }, "lon, lat: '114.05', '22,5' are not two numbers"],
    ['cameras', { ...camera, lat: '' }, "lon, lat: '114.05', '' are not two numbers"],
    [
      'cameras',
      { ...camera, lon: '304000', lat: '2770000' },
      'geometry: the point has a position that is not on the earth: [304000,2770000]',
    ],
    [
      'cameras',
      { ...camera, geometry: '{"type":"LineString","coordinates":[[1,2],[3,4]]}' },
      'geometry: LineString is not Point',
    ],
    [
      'cameras',
      { ...camera, geometry: '{"type":"Point","coordinates":[1]}' },
      'geometry: the point has a position that is not two finite numbers: [1]',
    ],
    ['cameras', { ...camera, geometry: 'POINT (1 2)' }, 'geometry: the column does not hold GeoJSON text'],
    [
      'incidents',
      { ...incident, occurred_at: '01/03/2025' },
      "occurred_at: '01/03/2025' is not a time; write RFC 3339",
    ],
    ['incidents', { ...incident, occurred_at: '2025-02-29 08:00' }, "occurred_at: '2025-02-29 08:00' is not a time"],
    [
      'incidents',
      { ...incident, closed_at: '2025-03-01T07:59:59Z' },
      'closed_at: 2025-03-01T07:59:59Z must not lie before occurred_at',
    ],
    ['assignments', { ...assignment, hours: 'Mo-Fr 8-18' }, 'hours: '],
    ['assignments', { ...assignment, valid_from: '2025-01-02', valid_to: '2025-01-02' }, 'valid_to: '],
    ['categories', { code: 'c', name: 'n', hours_limit: 0 }, 'hours_limit: 0 is not a number of hours above 0'],
    ['holidays', { date: '2025-02-29' }, "date: '2025-02-29' is not a date; write YYYY-MM-DD"],
    ['holidays', { date: '2025-01-29', working: 'perhaps' }, 'working: must be true or false'],
    ['addresses', { id: 'a', text: '址'.repeat(334), lon: 1, lat: 2 }, 'text: is longer than 1000 bytes'],
    ['streets', { id: 's', name: 'n', lon: 1, lat: 2 }, 'geometry: needs LineString, not lon and lat'],
  ])('%s %j: %s', (layer, properties, reason) => {
    const geometry = layer === 'grids' ? polygon : null;
    expect(reasons(layer, properties, geometry)).toEqual([expect.stringContaining(reason)]);
  });

  it('accepts GB/T 28181 cameras and the ends of ranges', () => {
    expect(parse('cameras', { ...camera, code: '44030300001321000001', heading: 359.99 }).ok).toBe(true);
    expect(parse('incidents', { ...incident, closed_at: '2025-03-01 16:00' }).ok).toBe(true);
    expect(parse('holidays', { date: '2024-02-29', working: '是' })).toMatchObject({ record: { working: true } });
    expect(parse('incidents', { ...incident, id: 17 })).toMatchObject({ record: { id: '17' } });
  });

  it('takes local times in the time zone and keeps other offsets and fractions', () => {
    const time = (occurred_at: string) => parse('incidents', { ...incident, occurred_at });
    expect(time('2025-03-01 08:00')).toMatchObject({ record: { occurred_at: '2025-03-01T08:00:00+08:00' } });
    expect(time('2025-03-01t08:00:00.123456z')).toMatchObject({
      record: { occurred_at: '2025-03-01T08:00:00.123456Z' },
    });
  });

  it('converts coordinates to WGS 84', () => {
    const parsed = parse('cameras', camera, null, { crs: 'gcj02' });
    const { coordinates } = (parsed as { record: { geometry: { coordinates: Position } } }).record.geometry;
    expect(coordinates[0]).toBeCloseTo(114.045, 2);
    expect(Math.abs(coordinates[0]! - 114.05)).toBeGreaterThan(0.003);
  });

  it('names the fault of a polygon, or lets it pass for repair', () => {
    const open: Geometry = { type: 'Polygon', coordinates: [square.slice(0, 4)] };
    expect(reasons('grids', grid, open)).toEqual([
      'geometry: ring 1 is not closed: repeat its first position [114,22] at its end',
    ]);
    expect(parse('grids', grid, open, { repair: true }).ok).toBe(true);
    const empty: Geometry = { type: 'Polygon', coordinates: [] };
    expect(reasons('grids', grid, empty, { repair: true })).toEqual([
      'geometry: the geometry or one of its parts is empty',
    ]);
  });

  it('leaves rows with an address alone to the importer only when it asks for them', () => {
    const row = { id: 'i', category: 'c', occurred_at: '2025-03-01 08:00', address: ' 幸福路1号 ' };
    expect(reasons('incidents', row)).toEqual(['geometry: no point, only an address; geocode the address first']);
    expect(parse('incidents', row, null, { placeByAddress: true })).toMatchObject({
      ok: true,
      placeBy: '幸福路1号',
      record: { geometry: null, address: '幸福路1号' },
    });
    expect(reasons('incidents', { ...row, address: '' }, null, { placeByAddress: true })).toEqual([
      'geometry: no point; give lon and lat, or a geometry',
    ]);
  });

  it('lists columns that it ignores', () => {
    const row = { line: 1, properties: { code: 'c', lon: 1, lat: 2, password: 'x', address: 'y' }, geometry: null };
    expect(unknownColumns('cameras', row)).toEqual(['password']);
  });

  it('refuses a time zone that does not exist', () => {
    expect(() => createRowParser('grids', { crs: 'wgs84', timeZone: 'Asia/Atlantis' })).toThrow(RangeError);
  });
});
