import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countKinds, countRows, countRuns, subtractDead } from '../../src/heat/live-count.ts';
import { BlockIndex, KindFilter } from '../../src/heat/live-kinds.ts';
import { eachOpen } from '../../src/heat/live-sums.ts';
import { RowTallies } from '../../src/heat/live-tally.ts';
import { LIGHTS, STATUSES } from '../../src/incidents/incidents.schema.ts';
import { IncidentColumns, NO_OWNER, NO_WORD } from '../../src/incidents/live-columns.ts';
import { ANY_ROW, type RowFilter, RowSieve } from '../../src/incidents/live-mask.ts';
import { pinRows, rowsOf } from '../../src/incidents/live-rows.ts';
import { sortedColumns } from '../../src/incidents/live-sort.ts';
import type { Live } from '../../src/live/live.ts';

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

function columnsOf(rows: readonly { category: number; status: number; cell: number; due: number; isDead: boolean }[]) {
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
        const asked = { rows, filter, kindFilter, kinds, hours: () => index.hoursOf(pinned, rows) };
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
  test('are those of a look at every row, whether most of the rows pass or few', async () => {
    // Most are closed, as in a city: a filter of a status asks for nearly all of the rows, or for nearly none.
    const status = fc.oneof(
      { weight: 9, arbitrary: fc.constant(STATUSES.indexOf('closed')) },
      row.map((own) => own.status),
    );
    const rows = fc.array(
      fc.tuple(row, status).map(([own, often]) => ({ ...own, status: often })),
      { minLength: 1, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(rows, { minLength: 1, maxLength: 3 }), filters, async (lists, filter) => {
        const blocks = lists.map(columnsOf);
        const incidents = { sealed: () => blocks, cells: { count: CELLS } };
        const tallies = new RowTallies({ layers: { incidents } } as unknown as Live);
        const pinned = blocks.map((columns) => pinRows(columns, true));
        const expected = new Int32Array(CELLS);
        for (const own of pinned.map(rowsOf)) {
          new RowSieve(filter).each(own, (passing) => countRows(own, passing, BINS, expected));
        }
        const { counts } = await tallies.tally({ filter, rows: pinned }, BINS, 'count');
        expect([...counts]).toEqual([...expected]);
      }),
      { numRuns: 300 },
    );
  });
});
