import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanLine, cleanRing, clipLine, clipRing, type Rect, reversedRing } from '../../src/geo/clip.ts';
import { ringArea } from '../../src/geo/mvt.ts';

const RECT: Rect = { minX: 0, minY: 0, maxX: 100, maxY: 100 };
const coordinate = fc.integer({ min: -300, max: 400 });
const position = fc.tuple(coordinate, coordinate);

function areaWithin(ring: number[], rect = RECT): number {
  return ringArea(cleanRing(clipRing(ring, rect)));
}

describe('clipRing', () => {
  test('leaves a ring inside as it is and takes a ring outside away', () => {
    const inside = [0, 0, 100, 0, 100, 100];
    expect(clipRing(inside, RECT)).toEqual(inside);
    expect(clipRing([101, 0, 200, 0, 200, 100], RECT)).toEqual([]);
    expect(clipRing([], RECT)).toEqual([]);
  });

  test('of a ring around the rectangle is the rectangle', () => {
    expect(areaWithin([-50, -50, 400, -50, 400, 400, -50, 400])).toBe(20_000);
  });

  test('of a ring past a corner has nothing inside', () => {
    expect(cleanRing(clipRing([-100, 50, -100, -100, 50, -100], RECT))).toEqual([]);
  });

  test('rounds where an edge meets a side half up, in whichever direction it runs', () => {
    const triangle = [-1, 0, 1, 1, -1, 50];
    expect(cleanRing(clipRing(triangle, RECT))).toEqual([0, 1, 1, 1, 0, 26]);
    expect(areaWithin(reversedRing(triangle))).toBe(-areaWithin(triangle));
  });

  test('an edge meets a side where any piece of it does', () => {
    const along = fc.tuple(position, fc.integer({ min: -40, max: 40 }), fc.integer({ min: -40, max: 40 }));
    const pieces = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(along, pieces, position, ([[x, y], dx, dy], [before, after], [apexX, apexY]) => {
        const middle = [x + before * dx, y + before * dy] as const;
        const end = [x + (before + after) * dx, y + (before + after) * dy] as const;
        const half: Rect = { minX: -1e6, minY: -1e6, maxX: 50, maxY: 1e6 };
        const meetings = (ring: number[]) =>
          clipRing(ring, half).filter((_, i, flat) => i % 2 === 1 && flat[i - 1] === 50);
        const whole = meetings([x, y, ...end, apexX, apexY]);
        const cut = meetings([x, y, ...middle, ...end, apexX, apexY]);
        expect(new Set(cut)).toEqual(new Set(middle[0] === 50 ? [...whole, middle[1]] : whole));
      }),
    );
  });

  test('of any ring stays inside, turns over with the ring, and is the sum of its triangles about a corner', () => {
    fc.assert(
      fc.property(fc.array(position, { minLength: 3, maxLength: 12 }), (positions) => {
        const ring = positions.flat();
        const clipped = clipRing(ring, RECT);
        expect(clipped.every((value) => value >= 0 && value <= 100)).toBe(true);
        expect(ringArea(clipRing(reversedRing(ring), RECT))).toBe(0 - ringArea(clipped));
        const [apex, ...others] = positions;
        const fan = others.slice(1).map((next, i) => [...apex!, ...others[i]!, ...next]);
        expect(fan.reduce((sum, triangle) => sum + ringArea(clipRing(triangle, RECT)), 0)).toBe(ringArea(clipped) + 0);
      }),
    );
  });

  test('is exact where products leave the safe integers', () => {
    const n = 2 ** 33 - 1;
    const half: Rect = { minX: 0, minY: -(2 ** 35), maxX: 2 ** 35, maxY: 2 ** 35 };
    // At x = 0 the edge is at n(2n + 2)/(2n + 1): n and a half, less 3e-11.
    const ring = [-n, 0, n + 1, 2 * n + 2, -n, 2 * n + 2];
    expect(clipRing(ring, half).slice(0, 4)).toEqual([0, n, n + 1, 2 * n + 2]);
    const mirrored = ring.map((value, i) => (i % 2 === 0 ? value : -value));
    expect(clipRing(mirrored, half).slice(0, 4)).toEqual([0, -n, n + 1, -2 * n - 2]);
  });
});

describe('cleanRing', () => {
  test('drops repeated and collinear positions and spikes, wherever the ring begins', () => {
    const square = [0, 0, 10, 0, 10, 10, 0, 10];
    const noisy = [0, 0, 0, 0, 4, 0, 10, 0, 10, 5, 20, 5, 10, 5, 10, 10, 10, 10, 0, 10, 0, 7];
    for (let turn = 0; turn < noisy.length; turn += 2) {
      const clean = cleanRing([...noisy.slice(turn), ...noisy.slice(0, turn)]);
      expect(clean).toHaveLength(8);
      expect(ringArea(clean)).toBe(ringArea(square));
    }
  });

  test('is empty when nothing but a line is left', () => {
    expect(cleanRing([0, 0, 5, 5, 9, 9, 5, 5])).toEqual([]);
    expect(cleanRing([3, 3, 3, 3])).toEqual([]);
  });

  test('keeps the area of any ring, has no position on its neighbours’ line, and is its own clean form', () => {
    const small = fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 }));
    fc.assert(
      fc.property(fc.array(small, { maxLength: 14 }), (positions) => {
        const ring = positions.flat();
        const clean = cleanRing(ring);
        expect(ringArea(clean)).toBe(ringArea(ring));
        expect(cleanRing(clean)).toEqual(clean);
        const at = (i: number) => [clean[(2 * i) % clean.length]!, clean[(2 * i + 1) % clean.length]!] as const;
        for (let i = 0; i < clean.length / 2; i++) expect(ringArea([...at(i), ...at(i + 1), ...at(i + 2)])).not.toBe(0);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('clipLine', () => {
  test('splits a line that leaves and comes back', () => {
    expect(clipLine([10, 10, 10, 150, 30, 150, 30, 20], RECT)).toEqual([
      [10, 10, 10, 100],
      [30, 100, 30, 20],
    ]);
  });

  test('passes through, touches, and misses', () => {
    expect(clipLine([-50, 50, 150, 50], RECT)).toEqual([[0, 50, 100, 50]]);
    expect(clipLine([-50, -50, 150, 150], RECT)).toEqual([[0, 0, 100, 100]]);
    expect(clipLine([-10, 10, 10, -10], RECT)).toEqual([]);
    expect(clipLine([-10, 50, 0, 50, -10, 60], RECT)).toEqual([]);
    expect(clipLine([-50, 90, 60, 160], RECT)).toEqual([]);
    expect(clipLine([100, -20, 100, 120], RECT)).toEqual([[100, 0, 100, 100]]);
  });

  test('of any line lies inside, within a unit of the line, and has no step without length', () => {
    fc.assert(
      fc.property(fc.uniqueArray(position, { minLength: 2, maxLength: 8, selector: String }), (positions) => {
        const parts = clipLine(positions.flat(), RECT);
        for (const part of parts) {
          expect(part.length).toBeGreaterThanOrEqual(4);
          for (let i = 0; i < part.length; i += 2) {
            const [x, y] = [part[i]!, part[i + 1]!];
            expect(x >= 0 && x <= 100 && y >= 0 && y <= 100).toBe(true);
            expect(i > 0 && x === part[i - 2] && y === part[i - 1]).toBe(false);
            expect(Math.min(...positions.slice(1).map((to, k) => distance([x, y], positions[k]!, to)))).toBeLessThan(1);
          }
        }
      }),
    );
  });

  // Where a line meets a side is rounded to a unit, which brings one that passes a side within half a unit onto it.
  test('has the length that is inside, the same both ways', () => {
    fc.assert(
      fc.property(position, position, (from, to) => {
        const length = (line: number[]) =>
          clipLine(line, RECT).reduce((sum, [ax, ay, bx, by]) => sum + Math.hypot(bx! - ax!, by! - ay!), 0);
        const steps = 2000;
        const lengthWithin = (margin: number) => {
          let within = 0;
          for (let i = 0; i < steps; i++) {
            const at = [0, 1].map((k) => from[k]! + ((i + 0.5) / steps) * (to[k]! - from[k]!));
            if (at.every((value) => value >= -margin && value <= 100 + margin)) within += 1;
          }
          return (within / steps) * Math.hypot(to[0] - from[0], to[1] - from[1]);
        };
        expect(length([...from, ...to])).toBeGreaterThan(lengthWithin(-1) - 3);
        expect(length([...from, ...to])).toBeLessThan(lengthWithin(1) + 3);
        expect(length([...to, ...from])).toBe(length([...from, ...to]));
      }),
    );
  });
});

describe('cleanLine', () => {
  test('drops what lies on the way and keeps turns on the spot', () => {
    expect(cleanLine([0, 0, 0, 0, 5, 0, 10, 0, 10, 9])).toEqual([0, 0, 10, 0, 10, 9]);
    expect(cleanLine([0, 0, 10, 0, 4, 0])).toEqual([0, 0, 10, 0, 4, 0]);
    expect(cleanLine([7, 7, 7, 7])).toEqual([]);
  });
});

function distance([x, y]: number[], [ax, ay]: number[], [bx, by]: number[]): number {
  const [dx, dy] = [bx! - ax!, by! - ay!];
  const along = Math.min(Math.max(((x! - ax!) * dx + (y! - ay!) * dy) / (dx * dx + dy * dy), 0), 1);
  return Math.hypot(ax! + along * dx - x!, ay! + along * dy - y!);
}
