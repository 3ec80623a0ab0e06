import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IncidentColumns, NO_OWNER, NO_WORD } from '../../src/incidents/live-columns.ts';
import { FoundRows } from '../../src/incidents/live-found.ts';
import { MAX_ID_BYTES } from '../../src/incidents/live-ids.ts';
import { sortedColumns } from '../../src/incidents/live-sort.ts';
import { microsOf } from '../../src/live/micros.ts';

const AT = microsOf(new Date('2026-05-01T00:00:00Z'));
const id = fc.oneof(
  fc
    .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
    .filter((text) => Buffer.byteLength(text) <= MAX_ID_BYTES),
  fc.integer({ min: 1, max: 400 }).map((n) => `SJ${n}`),
);

/** Columns as a tail holds them, in the order of arrival. */
function columnsOf(ids: readonly string[], lon: number): IncidentColumns {
  const columns = new IncidentColumns(ids.length);
  for (const [i, own] of ids.entries()) {
    const none = { due: NaN, closed: NaN, reported: NaN, triaged: NaN, handled: NaN, revisited: NaN };
    const numbers = { category: 0, status: 0, cell: 0, owner: NO_OWNER, source: NO_WORD, department: NO_WORD };
    columns.push({ id: own, lon: lon + ((i * 7919) % 97) / 1000, lat: 30, occurred: AT, ...none, ...numbers });
  }
  return columns;
}

/** As a block holds them: by place, with their rank. */
function sorted(columns: IncidentColumns): IncidentColumns {
  return sortedColumns([{ columns, rows: Uint32Array.from({ length: columns.n }, (_, i) => i) }]);
}

function idsOf(found: FoundRows): string[] {
  const ids: string[] = [];
  found.each((columns, rows, from, to) => {
    for (let i = from; i < to; i++) ids.push(columns.ids.textOf(rows[i]!));
  });
  return ids;
}

test('rows of any columns, sorted ones and a tail, come in the order of the bytes of their ids, each once', () => {
  const found = new FoundRows();
  fc.assert(
    fc.property(
      fc.uniqueArray(id, { maxLength: 300 }),
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      (ids, parts, byTime) => {
        const all = byTime ? [...ids].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))) : ids;
        const size = Math.ceil(all.length / parts) || 1;
        found.clear();
        for (let part = 0; part < parts; part++) {
          const columns = columnsOf(all.slice(part * size, (part + 1) * size), 110 + part);
          const own = part === parts - 1 ? columns : sorted(columns);
          found.addRun(own, 0, own.n, part % 2 === 0 ? null : () => true);
        }
        const expected = [...all].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(found.count).toBe(expected.length);
        expect(idsOf(found)).toEqual(expected);
      },
    ),
  );
});

test('of a run only the rows that pass the test are found', () => {
  const found = new FoundRows();
  const columns = sorted(columnsOf(['c', 'a', 'd', 'b'], 110));
  found.addRun(columns, 0, columns.n, (row) => columns.ids.textOf(row) > 'b');
  expect(idsOf(found)).toEqual(['c', 'd']);
});
