import fc from 'fast-check';
import type { Polygon } from 'geojson';
import { describe, expect, test } from 'vitest';
import type { Tally } from '../../src/heat/heat.sql.ts';
import { type Bins, countKinds, countRows, countRuns, subtractDead } from '../../src/heat/live-count.ts';
import { DrawnAreas } from '../../src/heat/live-drawn.ts';
import { BlockIndex, KindFilter } from '../../src/heat/live-kinds.ts';
import { eachOpen, SUM_OF_ROW } from '../../src/heat/live-sums.ts';
import { RowTallies } from '../../src/heat/live-tally.ts';
import { LIGHTS, STATUSES } from '../../src/incidents/incidents.schema.ts';
import type { CellNumbers } from '../../src/incidents/live-cells.ts';
import { IncidentColumns, type LiveIncident, NO_OWNER, NO_WORD } from '../../src/incidents/live-columns.ts';
import { ANY_ROW, type RowFilter, RowSieve } from '../../src/incidents/live-mask.ts';
import { pinRows, type Rows, rowsOf } from '../../src/incidents/live-rows.ts';
import { sortedColumns } from '../../src/incidents/live-sort.ts';
import type { Live } from '../../src/live/live.ts';
import { MICROS_PER_HOUR } from '../../src/live/micros.ts';

const CELLS = 4;
const CATEGORIES = 3;
const BINS = { of: Int32Array.from({ length: CELLS }, (_, cell) => cell), size: CELLS };

const mask = (length: number) =>
  fc.option(
    fc.array(fc.constantFrom(0, 1), { minLength: length, maxLength: length }).map((own) => Uint8Array.from(own)),
  );
const filters = fc
  .record({ categories: mask(CATEGORIES), statuses: mask(STATUSES.length), lights: mask(LIGHTS.length) })
  .map((own): RowFilter => ({ ...ANY_ROW, redAfter: Float64Array.of(0, 5, 10), at: 20, ...own }));
const row = fc.record({
  category: fc.nat(CATEGORIES - 1),
  status: fc.nat(STATUSES.length - 1),
  cell: fc.nat(CELLS - 1),
  due: fc.constantFrom(Number.NaN, 5, 12, 18, 30),
  isDead: fc.boolean(),
});

type Row = (typeof row extends fc.Arbitrary<infer R> ? R : never) & Partial<LiveIncident>;

function columnsOf(rows: readonly Row[]) {
  const columns = new IncidentColumns(1);
  const none = Number.NaN;
  const others = { closed: none, reported: none, triaged: none, handled: none, revisited: none, occurred: 0 };
  const numbers = { owner: NO_OWNER, source: NO_WORD, department: NO_WORD };
  for (const [i, { isDead: _, ...own }] of rows.entries()) {
    columns.push({ id: `i${i}`, lon: 114, lat: 22, ...others, ...numbers, ...own });
  }
  const sorted = sortedColumns([{ columns, rows: Uint32Array.from(rows.keys()) }]);
  for (const [i, { isDead }] of rows.entries()) if (isDead) sorted.kill(i);
  return sorted;
}

describe('kinds of rows', () => {
  test('count what a look at every row counts, whole blocks and parts of them', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 50 }), filters, fc.nat(50), (list, filter, cut) => {
        const pinned = pinRows(columnsOf(list), true);
        const rows = rowsOf(pinned);
        const expected = new Int32Array(CELLS);
        new RowSieve(filter).each(rows, (passing) => countRows(rows, passing, BINS, expected));

        const index = new BlockIndex();
        const kinds = index.kindsOf(pinned, rows)!;
        const kindFilter = new KindFilter(filter);
        const asked = { rows, filter, kindFilter, kinds, hours: () => index.hoursOf(pinned, rows, kinds) };
        const wanted = kindFilter.wanted ?? new Uint8Array(2 ** 16).fill(1);
        const alive = Uint8Array.from({ length: rows.n }, (_, i) => Number(rows.dead?.[i] !== 1));
        const [whole, parts] = [new Int32Array(CELLS), new Int32Array(CELLS)];
        countRuns(kinds, wanted, BINS, whole);
        subtractDead(rows, kinds, wanted, BINS, whole);
        const middle = Math.min(cut, rows.n);
        for (const [from, to] of [
          [0, middle],
          [middle, rows.n],
        ] as const) {
          const passing = { from, to, mask: alive };
          countKinds(rows, kinds, wanted, passing, BINS, parts);
          if (!kindFilter.testsLights) continue;
          eachOpen(asked, passing, (i) => {
            whole[rows.cell[i]!]! += 1;
            parts[rows.cell[i]!]! += 1;
          });
        }
        expect(whole).toEqual(expected);
        expect(parts).toEqual(expected);
      }),
    );
  });

  test('are not known of blocks with more categories than they have room for', () => {
    const columns = columnsOf([{ category: 2 ** 13, status: 0, cell: 0, due: Number.NaN, isDead: false }]);
    const pinned = pinRows(columns, true);
    expect(new BlockIndex().kindsOf(pinned, rowsOf(pinned))).toBeNull();
  });
});

describe('tallies of blocks', () => {
  // Most are closed, as in a city: a filter of a status asks for nearly all of the rows, or for nearly none.
  const status = fc.oneof(
    { weight: 9, arbitrary: fc.constant(STATUSES.indexOf('closed')) },
    row.map((own) => own.status),
  );
  const closed = fc.constantFrom(Number.NaN, ...[1, 2, 50].map((hours) => hours * MICROS_PER_HOUR));
  const full = fc.record({ own: row, status, closed, lon: fc.nat(10), lat: fc.nat(10) });
  const lists = fc.array(
    fc.array(
      full.map(({ own, ...rest }) => ({ ...own, ...rest })),
      { minLength: 1, maxLength: 40 },
    ),
    { minLength: 1, maxLength: 3 },
  );
  const corner = fc.tuple(fc.nat(10), fc.nat(10));
  const polygon = fc
    .array(corner, { minLength: 3, maxLength: 6 })
    .map((ring): Polygon => ({ type: 'Polygon', coordinates: [[...ring, ring[0]!]] }));

  /** What a look at every row adds up to. */
  function expectedOf(blocks: readonly Rows[], filter: RowFilter, tally: Tally) {
    const counts = new Array(CELLS).fill(0);
    const [sum, lacking] = [new Array(CELLS).fill(0), new Array(CELLS).fill(0)];
    for (const rows of blocks) {
      new RowSieve(filter).each(rows, ({ from, to, mask }) => {
        for (let i = from; i < to; i++) {
          if (mask && mask[i] === 0) continue;
          const cell = rows.cell[i]!;
          counts[cell] += 1;
          const own = tally === 'count' ? 0 : SUM_OF_ROW[tally](rows, filter, i);
          if (Number.isNaN(own)) lacking[cell] += 1;
          else sum[cell] += own;
        }
      });
    }
    return { counts, sum, lacking };
  }

  test('are those of a look at every row, whether most of the rows pass or few, in an area or anywhere', async () => {
    const tally = fc.constantFrom<Tally>('count', 'open', 'overdue', 'mean_hours');
    const question = fc.tuple(lists, filters, tally, fc.option(polygon), fc.boolean());
    await fc.assert(
      fc.asyncProperty(question, async ([lists, filter, tally, geometry, isWithin]) => {
        const blocks = lists.map(columnsOf);
        const incidents = { sealed: () => blocks, cells: { count: CELLS } };
        const live = { layers: { incidents } } as unknown as Live;
        const tallies = new RowTallies(live);
        const pinned = blocks.map((columns, i) => pinRows(columns, isWithin || i > 0));
        const areas = new DrawnAreas(live);
        // Asked twice: the second time the area is known.
        for (const _ of [1, 2]) {
          const drawn = geometry
            ? await areas.of(geometry, { rows: pinned, cells: incidents.cells as unknown as CellNumbers })
            : undefined;
          const asked = { ...filter, area: drawn?.byCells ?? null };
          const { counts, sums } = await tallies.tally({ filter: asked, rows: pinned, drawn }, BINS, tally);
          const expected = expectedOf(pinned.map(rowsOf), asked, tally);
          expect([...counts.subarray(0, CELLS)]).toEqual(expected.counts);
          for (const [cell, sum] of expected.sum.entries()) {
            if (sums) expect(sums.sum[cell]).toBeCloseTo(sum, 9);
          }
          if (tally === 'mean_hours') expect([...sums!.lacking.subarray(0, CELLS)]).toEqual(expected.lacking);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('in a drawn area are right for bins that came later in the same memory', async () => {
    const own = { category: 0, status: 0, due: Number.NaN, isDead: false };
    const block = columnsOf([0, 1, 2, 3].map((cell) => ({ ...own, cell, lon: cell, lat: 1 })));
    const incidents = { sealed: () => [block], cells: { count: CELLS } };
    const live = { layers: { incidents } } as unknown as Live;
    const cells = incidents.cells as unknown as CellNumbers;
    const pinned = [pinRows(block, true)];
    const coordinates = [
      [
        [-1, 0],
        [1.5, 0],
        [1.5, 2],
        [-1, 2],
        [-1, 0],
      ],
    ];
    const drawn = await new DrawnAreas(live).of({ type: 'Polygon', coordinates }, { rows: pinned, cells });
    const filter = { ...ANY_ROW, redAfter: new Float64Array(CATEGORIES), area: drawn.byCells };
    const tallies = new RowTallies(live);
    const countsOf = async (bins: Bins) => {
      const { counts } = await tallies.tally({ filter, rows: pinned, drawn }, bins, 'count');
      return [...counts.subarray(0, bins.size)];
    };
    const of = Int32Array.of(0, 0, 0, 0);
    expect(await countsOf({ of, size: 1 })).toEqual([2]);
    of.set([0, 1, 2, 3]);
    expect(await countsOf({ of, size: 4 })).toEqual([1, 1, 0, 0]);
  });
});
