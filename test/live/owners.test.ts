import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distanceToEdge, OUTSIDE, planeAt, pointInPolygons } from '../../src/geo/rings.ts';
import { GridLayer } from '../../src/grids/live.ts';
import { type GridRecord, isValid, LiveGrid } from '../../src/grids/live-grid.ts';
import { compareText } from '../../src/live/order.ts';
import { ownerWithEdge } from '../../src/locate/live.ts';

const LEVELS = ['grid', 'street', 'city'];
const SIDE = 6;
const AT = 1_000;

/** Positions on a crooked lattice, so that neighbours share borders and corners. */
function cornerOf(x: number, y: number): [number, number] {
  return [114 + 0.01 * x + 0.003 * Math.sin(3 * x + 5 * y), 22.5 + 0.01 * y + 0.003 * Math.cos(7 * x + y)];
}

/** Around a rectangle of the lattice, corner by corner. */
function ringOf(x: number, y: number, width: number, height: number): Float64Array {
  const ring: [number, number][] = [];
  for (let i = 0; i < width; i++) ring.push(cornerOf(x + i, y));
  for (let i = 0; i < height; i++) ring.push(cornerOf(x + width, y + i));
  for (let i = 0; i < width; i++) ring.push(cornerOf(x + width - i, y + height));
  for (let i = 0; i <= height; i++) ring.push(cornerOf(x, y + height - i));
  return Float64Array.from(ring.flat());
}

const place = fc.integer({ min: 0, max: SIDE });
const length = fc.integer({ min: 1, max: SIDE });
const version = fc.record({
  code: fc.integer({ min: 0, max: 25 }).map((n) => `G${n}`),
  level: fc.constantFrom(...LEVELS),
  kind: fc.constantFrom('base', 'dedicated'),
  validFrom: fc.constantFrom(-Infinity, AT - 1, AT + 1),
  validTo: fc.constantFrom(Infinity, AT + 2, AT),
  rectangles: fc.array(fc.tuple(place, place, length, length), { minLength: 1, maxLength: 2 }),
  hasHole: fc.boolean(),
});
type Version = typeof version extends fc.Arbitrary<infer T> ? T : never;

function gridsOf(versions: readonly Version[]): LiveGrid[] {
  return versions.map(({ rectangles, hasHole, ...version }, gid) => {
    const polygons = rectangles.map(([x, y, width, height]) => {
      const isLarge = hasHole && width > 2 && height > 2;
      return isLarge ? [ringOf(x, y, width, height), ringOf(x + 1, y + 1, 1, 1)] : [ringOf(x, y, width, height)];
    });
    const record: GridRecord = { gid, net: 'base', name: 'n', parent: null, ...version, polygons };
    return new LiveGrid(record);
  });
}

/** The owner by all grids one after another. */
function slowOwner(grids: readonly LiveGrid[], lon: number, lat: number, at: number): string | undefined {
  const covering = grids.filter(
    (grid) => isValid(grid, at) && pointInPolygons(lon, lat, grid.area.polygons) !== OUTSIDE,
  );
  const rank = ({ level, kind }: LiveGrid) => 2 * LEVELS.indexOf(level) + Number(kind !== 'dedicated');
  return covering.sort((a, b) => rank(a) - rank(b) || compareText(a.code, b.code))[0]?.code;
}

/** Codes of the other grids of the owner's level within 30 m with their metres, by all grids one after another. */
function slowNeighbours(grids: readonly LiveGrid[], owner: LiveGrid, lon: number, lat: number, at: number) {
  const plane = planeAt(lon, lat);
  return grids
    .filter((grid) => grid.level === owner.level && grid.code !== owner.code && isValid(grid, at))
    .map(({ code, area }) => {
      const isInside = pointInPolygons(lon, lat, area.polygons) !== OUTSIDE;
      return { code, metres: isInside ? 0 : Math.min(...area.polygons.map((rings) => distanceToEdge(plane, rings))) };
    })
    .filter(({ metres }) => metres <= 30)
    .sort((a, b) => a.metres - b.metres || compareText(a.code, b.code))
    .slice(0, 10)
    .map(({ code, metres }) => ({ code, metres: Math.round(metres * 10) / 10 }));
}

/** Inside, on corners, on the middle of edges, beside them and far outside. */
function* pointsOf(grids: readonly LiveGrid[]): Generator<[lon: number, lat: number]> {
  yield [0, 0];
  for (const [ring] of grids.flatMap(({ area }) => area.polygons)) {
    for (let i = 2; i < ring!.length; i += 2) {
      const [ax, ay, bx, by] = [ring![i - 2]!, ring![i - 1]!, ring![i]!, ring![i + 1]!];
      yield [bx, by];
      yield [(ax + bx) / 2, (ay + by) / 2];
      yield [(ax + bx) / 2 + 0.0002, (ay + by) / 2];
      yield [ax + 0.0011, by + 0.0007];
    }
  }
}

test('the owner of a point and what is near it are those of a look at every grid, at any moment and after any edit', () => {
  const versions = fc.array(version, { minLength: 1, maxLength: 12 });
  const steps = fc.array(
    fc.record({ code: version.map(({ code }) => code), after: versions, at: fc.constantFrom(AT, AT + 1) }),
    {
      maxLength: 4,
    },
  );
  fc.assert(
    fc.property(versions, steps, (first, edits) => {
      let grids = gridsOf(first);
      const layer = GridLayer.of(new Map([['base', LEVELS]]), grids);
      const check = (at: number) => {
        const points = [...pointsOf(grids)];
        const owners = points.map(([lon, lat]) => layer.ownerOf('base', lon, lat, at)?.code);
        expect(owners).toEqual(points.map(([lon, lat]) => slowOwner(grids, lon, lat, at)));
        for (const [lon, lat] of points) {
          const owner = ownerWithEdge(layer, [lon, lat], 'base', at);
          const others = owner?.edge.others.map(({ code, metres }) => ({ code, metres }));
          expect(others).toEqual(owner && slowNeighbours(grids, owner.grid, lon, lat, at));
        }
      };
      check(AT);
      for (const { code, after, at } of edits) {
        const coming = gridsOf(after.map((one) => ({ ...one, code })));
        layer.replace([{ net: 'base', code }], coming);
        grids = [...grids.filter((grid) => grid.code !== code), ...coming];
        check(at);
      }
      check(AT - 1);
    }),
    { numRuns: 40 },
  );
});

/** A square of a level's grid, of a hundredth of a degree but for what is taken off its sides. */
function square(gid: number, west: number, off: { left?: number; right?: number } = {}): LiveGrid {
  const [left, right] = [west + (off.left ?? 0), west + 0.01 - (off.right ?? 0)];
  const ring = [left, 22.5, right, 22.5, right, 22.51, left, 22.51, left, 22.5];
  const times = { validFrom: -Infinity, validTo: Infinity };
  const names = { net: 'base', code: `G${gid}`, name: 'n', level: 'grid', parent: null, kind: 'base' };
  return new LiveGrid({ gid, ...names, ...times, polygons: [[Float64Array.from(ring)]] });
}

test('what is near lies beyond the cell and block of a point, too, and is forgotten with its own', () => {
  // Of squares of 0.01° cells are half as wide; 113.92° is where a block of 64 of them ends.
  const others = [1, 2, 3].map((gid) => square(gid, 100 + gid));
  const layer = GridLayer.of(new Map([['base', LEVELS]]), [
    ...others,
    square(4, 113.91, { right: 0.00002 }),
    square(5, 113.92, { left: 0.00002 }),
  ]);
  const near = () => {
    const asked = Array.from({ length: 8 }, () => ownerWithEdge(layer, [113.9199, 22.505], 'base', AT));
    return [...new Set(asked.map((owner) => JSON.stringify(owner?.edge.others)))].map((text) => JSON.parse(text));
  };
  expect(near()).toEqual([[{ code: 'G5', name: 'n', metres: 12.3 }]]);
  layer.replace([{ net: 'base', code: 'G5' }], [square(5, 113.92, { left: 0.0001 })]);
  expect(near()).toEqual([[{ code: 'G5', name: 'n', metres: 20.6 }]]);
});
