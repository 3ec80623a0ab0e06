import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Box } from '../../src/geo/bbox.ts';
import { OUTSIDE } from '../../src/geo/rings.ts';
import { Area } from '../../src/live/area.ts';
import { AreaParts } from '../../src/live/area-parts.ts';

const MARGIN = 1e-9;
const SIZE = 12;

/** Few numbers, so that corners lie on edges, edges along latitudes, and points on both. */
const place = fc.tuple(fc.nat(SIZE), fc.nat(SIZE));
/** Any closed line: it may cross itself, go over itself or stand still, as rings of a bad import do. */
const ring = fc.array(place, { minLength: 3, maxLength: 12 }).map((all) => Float64Array.from([...all, all[0]!].flat()));
const polygons = fc.array(fc.array(ring, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });
/** In halves, hence with points on and between the lines of the lattice. */
const box = fc
  .tuple(fc.nat(2 * SIZE), fc.nat(2 * SIZE), fc.nat(8), fc.nat(8))
  .map(([x, y, width, height]): Box => [x / 2, y / 2, (x + width) / 2, (y + height) / 2]);

function withMargin([west, south, east, north]: Box): Box {
  return [west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN];
}

function around(boxes: readonly Box[]): Box {
  const at = (i: number) => boxes.map((own) => own[i]!);
  return [Math.min(...at(0)), Math.min(...at(1)), Math.max(...at(2)), Math.max(...at(3))];
}

function* pointsOf([west, south, east, north]: Box): Generator<[number, number]> {
  for (let x = west; x <= east; x += 0.5) for (let y = south; y <= north; y += 0.5) yield [x, y];
}

describe('parts of an area', () => {
  test('say of every point of a box what the whole says, however many boxes are around it', () => {
    fc.assert(
      fc.property(polygons, fc.array(box, { minLength: 1, maxLength: 4 }), (own, boxes) => {
        const area = new Area(own);
        const parts = new AreaParts(area);
        // From the box around all of them to the first.
        const nested = boxes.map((_, i) => around(boxes.slice(0, boxes.length - i)));
        let isDivided = true;
        for (const [i, outer] of nested.entries()) isDivided = parts.enter(i + 1, withMargin(outer));
        const depth = nested.length;
        if (!isDivided) {
          const placement = parts.placeAt(depth);
          for (const [x, y] of pointsOf(boxes[0]!)) expect(area.place(x, y)).toBe(placement);
        }
        const test = parts.keep(depth);
        for (const [x, y] of pointsOf(boxes[0]!)) expect(parts.place(test, x, y)).toBe(area.place(x, y));
      }),
      { numRuns: 2_000 },
    );
  });

  test('keep what they said of one box when another is entered', () => {
    const corners = [0, 0, 10, 0, 10, 10, 0, 10, 0, 0];
    const area = new Area([[Float64Array.from(corners)]]);
    const parts = new AreaParts(area);
    expect(parts.enter(1, [-1, -1, 1, 1])).toBe(true);
    const first = parts.keep(1);
    expect(parts.enter(1, [4, 4, 5, 5])).toBe(false);
    expect(parts.placeAt(1)).not.toBe(OUTSIDE);
    expect(parts.enter(1, [11, 4, 12, 5])).toBe(false);
    expect(parts.placeAt(1)).toBe(OUTSIDE);
    expect([parts.place(first, 0.5, 0.5), parts.place(first, -0.5, 0.5)]).toEqual([
      area.place(0.5, 0.5),
      area.place(-0.5, 0.5),
    ]);
  });
});
