import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { latLngToCell } from 'h3-js';
import { describe, expect, test } from 'vitest';
import { cellOfKey, findKey, keyOfCell, parentKey } from '../../src/geo/cellkey.ts';
import { tileOfPoint } from '../../src/geo/tile.ts';
import { eachRows } from '../../src/heat/live-filter.ts';
import { UnderRuns } from '../../src/heat/live-under.ts';
import { CellBoxes } from '../../src/incidents/live-cell-boxes.ts';
import { IncidentColumns, keyRange, type LiveIncident, NO_OWNER, NO_WORD } from '../../src/incidents/live-columns.ts';
import { ANY_ROW, type RowFilter, RowSieve } from '../../src/incidents/live-mask.ts';
import { placeOf } from '../../src/incidents/live-ranges.ts';
import { pinRows, type Rows, rowsOf } from '../../src/incidents/live-rows.ts';
import { sortedColumns } from '../../src/incidents/live-sort.ts';
import { percentiles } from '../../src/indicators/percentile.ts';
import { Area } from '../../src/live/area.ts';

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const place = fc.tuple(unit, unit).map(([x, y]): [number, number] => [114 + 0.2 * x, 22.4 + 0.2 * y]);

function incident(id: string, [lon, lat]: [number, number], more: Partial<LiveIncident> = {}): LiveIncident {
  const none = Number.NaN;
  const moments = { occurred: 0, due: none, closed: none, reported: none, triaged: none, handled: none };
  const numbers = { category: 0, status: 0, cell: 0, owner: NO_OWNER, source: NO_WORD, department: NO_WORD };
  return { id, lon, lat, ...moments, revisited: none, ...numbers, ...more };
}

function columnsOf(rows: readonly LiveIncident[]): IncidentColumns {
  const columns = new IncidentColumns(1);
  for (const row of rows) columns.push(row);
  return columns;
}

function sorted(columns: IncidentColumns): IncidentColumns {
  return sortedColumns([{ columns, rows: Uint32Array.from({ length: columns.n }, (_, i) => i) }]);
}

const ANY: RowFilter = { ...ANY_ROW, redAfter: new Float64Array(9) };

/** The places of the rows that pass, in the order of rows. */
function passing(rows: Rows, filter: RowFilter): [number, number][] {
  const found: [number, number][] = [];
  new RowSieve(filter).each(rows, ({ from, to, mask }) => {
    for (let i = from; i < to; i++) if (!mask || mask[i] === 1) found.push([rows.lon[i]!, rows.lat[i]!]);
  });
  return found;
}

const text = (places: readonly (readonly number[])[]) => places.map((own) => own.join()).sort();

/** A star-shaped ring around the middle, so that it does not cross itself. */
const ring = fc.array(fc.double({ min: 0.05, max: 1, noNaN: true }), { minLength: 3, maxLength: 40 }).map((radii) => {
  const flat = radii.flatMap((radius, i) => {
    const angle = (2 * Math.PI * i) / radii.length;
    return [114.1 + 0.1 * radius * Math.cos(angle), 22.5 + 0.1 * radius * Math.sin(angle)];
  });
  return Float64Array.from([...flat, flat[0]!, flat[1]!]);
});

describe('keys of cells', () => {
  test('are their texts, with their order and their ancestors', () => {
    const degrees = fc.tuple(
      fc.double({ min: -90, max: 90, noNaN: true }),
      fc.double({ min: -180, max: 180, noNaN: true }),
    );
    fc.assert(
      fc.property(degrees, degrees, fc.integer({ min: 0, max: 10 }), ([lat, lon], [lat2, lon2], res) => {
        const [a, b] = [latLngToCell(lat, lon, 10), latLngToCell(lat2, lon2, 10)];
        expect(cellOfKey(keyOfCell(a), 10)).toBe(a);
        expect(Math.sign(keyOfCell(a) - keyOfCell(b))).toBe(Number(a > b) - Number(a < b));
        const parent = cellOfKey(parentKey(keyOfCell(a), res), res);
        expect(BigInt(`0x${parent}`) >> 52n).toBe((BigInt(`0x${a}`) >> 52n) - BigInt(10 - res));
      }),
    );
  });

  test('are found among others', () => {
    const keys = Float64Array.of(2, 3, 5, 8, 13);
    expect([...keys].map((key) => findKey(keys, key))).toEqual([0, 1, 2, 3, 4]);
    for (const other of [1, 4, 14]) expect(findKey(keys, other)).toBe(-1);
  });
});

describe('percentiles', () => {
  test('are those of sorted values', () => {
    const values = fc.array(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ max: 9 })), {
      minLength: 1,
    });
    const shares = fc.uniqueArray(fc.constantFrom(0, 0.1, 0.5, 0.9, 1)).map((own) => own.sort());
    fc.assert(
      fc.property(values, shares, (list, own) => {
        const order = Float64Array.from(list).sort();
        const found = percentiles(Float64Array.from(list), own);
        expect(found.length).toBe(own.length);
        for (const [i, share] of own.entries()) {
          const at = share * (order.length - 1);
          const [low, high] = [order[Math.floor(at)]!, order[Math.ceil(at)]!];
          const expected = at % 1 === 0 ? low : low + (at - Math.floor(at)) * (high - low);
          // 0 and −0 are one.
          expect(found[i] === expected).toBe(true);
        }
      }),
    );
  });
});

describe('rows of a place', () => {
  test('sorted or not, are those that its polygon covers', () => {
    fc.assert(
      fc.property(ring, fc.array(place, { maxLength: 60 }), (own, points) => {
        const area = new Area([[own]]);
        // The corners too: they are on the border.
        const corners = Array.from({ length: own.length / 2 }, (_, i): [number, number] => [
          own[2 * i]!,
          own[2 * i + 1]!,
        ]);
        const all = [...points, ...corners];
        const columns = columnsOf(all.map((at, i) => incident(`i${i}`, at)));
        const expected = text(all.filter(([lon, lat]) => area.covers(lon, lat)));
        for (const rows of [columns, sorted(columns)]) {
          const found = passing(rowsOf(pinRows(rows, true)), { ...ANY, place: placeOf(area) });
          expect(text(found)).toEqual(expected);
        }
      }),
    );
  });

  test('whatever their cells are, are those that a drawn area covers', async () => {
    const celled = fc.tuple(place, fc.nat(200));
    await fc.assert(
      fc.asyncProperty(ring, fc.array(celled, { maxLength: 60 }), fc.nat(60), async (own, points, cut) => {
        const area = new Area([[own]]);
        const rows = points.map(([at, cell], i) => incident(`i${i}`, at, { cell }));
        const boxes = new CellBoxes();
        const blocks = [rows.slice(0, cut), rows.slice(cut)].map((block) => sorted(columnsOf(block)));
        for (const block of blocks) boxes.hold(block);
        const filter = { ...ANY, area: await boxes.place(area) };
        const found = blocks.flatMap((block) => passing(rowsOf(pinRows(block, true)), filter));
        const expected = points.map(([at]) => at).filter(([lon, lat]) => area.covers(lon, lat));
        expect(text(found)).toEqual(text(expected));
        // Rows that came later may lie anywhere.
        expect(text(passing(rowsOf(pinRows(columnsOf(rows), true)), filter))).toEqual(text(expected));
      }),
    );
  });

  test('are told true places by boxes that grow while an area is placed', async () => {
    // Ragged, so that placing it pauses.
    const corners = Array.from({ length: 400 }, (_, i) => {
      const [angle, radius] = [(2 * Math.PI * i) / 400, i % 2 === 0 ? 0.1 : 0.04];
      return [114.1 + radius * Math.cos(angle), 22.5 + radius * Math.sin(angle)];
    });
    const area = new Area([[Float64Array.from([...corners, corners[0]!].flat())]]);
    const at = (i: number): [number, number] => [114 + 0.2 * ((i % 197) / 197), 22.4 + 0.2 * ((i % 211) / 211)];
    const places = Array.from({ length: 20_000 }, (_, i) => at(i));
    const near = sorted(columnsOf(places.map((own, i) => incident(`i${i}`, own, { cell: i }))));
    const far = sorted(columnsOf([incident('far', [114.101, 22.501], { cell: 10 })]));
    const boxes = new CellBoxes();
    boxes.hold(near);
    let isHeld = false;
    setImmediate(() => {
      boxes.hold(far);
      isHeld = true;
    });
    let byCells = await boxes.place(area);
    // A quick machine may have placed it before.
    const wasQuick = !isHeld;
    while (!isHeld) await setTimeout(1);
    if (wasQuick) byCells = await boxes.place(area);
    const found = [near, far].flatMap((block) => passing(rowsOf(pinRows(block, true)), { ...ANY, area: byCells }));
    const expected = [...places, [114.101, 22.501] as [number, number]].filter(([lon, lat]) => area.covers(lon, lat));
    expect(text(found)).toEqual(text(expected));
  });

  test('and of a grid are found once, whatever is asked of them besides, and anew when owners change', async () => {
    const owned = fc.tuple(place, fc.nat(3), fc.nat(2), fc.boolean());
    await fc.assert(
      fc.asyncProperty(ring, fc.array(owned, { maxLength: 60 }), async (own, points) => {
        const area = new Area([[own]]);
        const columns = sorted(
          columnsOf(points.map(([at, owner, category], i) => incident(`i${i}`, at, { owner: owner - 1, category }))),
        );
        const owners = Uint8Array.of(1, 0, 1);
        const under = new UnderRuns(owners, placeOf(area));
        const expectFound = async () => {
          for (const categories of [null, Uint8Array.of(0, 1, 1)]) {
            const filter = { ...ANY, owners, place: placeOf(area), categories };
            const pinned = pinRows(columns, true);
            const found: [number, number][] = [];
            await eachRows({ filter, rows: [pinned], under }, ({ lon, lat }, { from, to, mask }) => {
              for (let i = from; i < to; i++) if (!mask || mask[i] === 1) found.push([lon[i]!, lat[i]!]);
            });
            expect(found).toEqual(passing(rowsOf(pinned), filter));
          }
        };
        await expectFound();
        for (const [i, [, , , dies]] of points.entries()) if (dies) columns.kill(i);
        await expectFound();
        columns.forgetOwners([113, 22, 115, 23]);
        columns.owner.fill(2);
        await expectFound();
      }),
    );
  });

  test('runs of keys hold just what lies in them', () => {
    fc.assert(
      fc.property(fc.array(place, { maxLength: 40 }), fc.integer({ min: 9, max: 15 }), (points, z) => {
        const columns = sorted(columnsOf(points.map((at, i) => incident(`i${i}`, at))));
        const tile = tileOfPoint(114.1, 22.5, z);
        const found = passing(rowsOf(pinRows(columns, true)), { ...ANY, keys: [keyRange(tile)] });
        const expected = points.filter(([lon, lat]) => {
          const own = tileOfPoint(lon, lat, z);
          return own.x === tile.x && own.y === tile.y;
        });
        expect(text(found)).toEqual(text(expected));
      }),
    );
  });
});

describe('pinned rows', () => {
  const rows = Array.from({ length: 40 }, (_, i) => incident(`i${i}`, [114 + i / 1_000, 22.5], { owner: i % 7 }));

  test('stay what they were when rows die, come, lose their owners, and memory is outgrown', () => {
    const columns = columnsOf(rows);
    columns.kill(3);
    const pinned = pinRows(columns, true);
    const before = passing(rowsOf(pinned), ANY);
    expect(before.length).toBe(39);
    const owners = [...rowsOf(pinned).owner.subarray(0, 40)];
    columns.kill(5);
    columns.forgetOwners([113, 22, 114.02, 23]);
    for (let i = 0; i < 5_000; i++) columns.push(incident(`n${i}`, [114.5, 22.5]));
    columns.kill(39);
    expect(passing(rowsOf(pinned), ANY)).toEqual(before);
    expect([...rowsOf(pinned).owner.subarray(0, 40)]).toEqual(owners);
    expect(passing(rowsOf(pinRows(columns, true)), ANY).length).toBe(39 - 2 + 5_000);
  });

  test('without a dead row among them stay so too', () => {
    const columns = columnsOf(rows);
    const pinned = pinRows(columns, true);
    columns.kill(0);
    expect(passing(rowsOf(pinned), ANY).length).toBe(40);
  });

  test('keep every column and can be sent to a thread', () => {
    const columns = sorted(columnsOf(rows.map((row, i) => ({ ...row, occurred: i, source: i % 3, status: i % 7 }))));
    const sent = rowsOf(structuredClone(pinRows(columns, true)));
    for (let i = 0; i < columns.n; i++) {
      const { id: _id, ...own } = columns.row(i);
      for (const [name, value] of Object.entries(own)) expect(sent[name as keyof typeof own][i]).toEqual(value);
    }
  });
});
