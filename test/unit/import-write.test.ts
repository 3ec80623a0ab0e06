import { Writable } from 'node:stream';
import fc from 'fast-check';
import type { Geometry } from 'geojson';
import { describe, expect, it } from 'vitest';
import type { LayerName } from '../../src/import/fields.ts';
import { createRowParser } from '../../src/import/parse.ts';
import { createProgress } from '../../src/import/progress.ts';
import { isFault } from '../../src/import/read/fault.ts';
import { FORMATS, type Format, readRows } from '../../src/import/read/rows.ts';
import { type OutputRow, writeRows } from '../../src/import/write.ts';

/** A target that takes one chunk at a time, slowly, and keeps what it got. */
class Sink extends Writable {
  readonly chunks: Buffer[] = [];

  constructor() {
    super({ highWaterMark: 1 });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk);
    setImmediate(done);
  }
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** Write records, read and parse them again. */
async function roundTrip(layer: LayerName, rows: OutputRow[], format: Format, gzip: boolean): Promise<OutputRow[]> {
  const sink = new Sink();
  expect(await writeRows(layer, each(rows), sink, { format, gzip })).toBe(rows.length);
  const parse = createRowParser(layer, { crs: 'wgs84', timeZone: 'Asia/Shanghai' });
  const back: OutputRow[] = [];
  for await (const row of readRows(each(sink.chunks), { format, gzip, encoding: 'utf8' })) {
    if (isFault(row)) throw new Error(row.reason);
    const parsed = parse(row);
    if (!parsed.ok) throw new Error(parsed.reasons.join('; '));
    const { geometry, ...properties } = parsed.record;
    back.push({ properties, geometry });
  }
  return back;
}

const nasty = fc.constantFrom('a', 'B', '7', '"', ',', '\n', '\r', '\t', '市', '𠮷', ' ', '=', '\\', '{', "'");
const text = fc
  .string({ unit: nasty, minLength: 1, maxLength: 12 })
  .map((value) => value.trim())
  .filter((value) => value !== '');
const code = text.filter((value) => !/\p{Cc}/u.test(value));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const time = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((value) => value.toISOString());
const position = fc.tuple(
  fc.double({ min: -180, max: 180, noNaN: true }).map((n) => n + 0),
  fc.double({ min: -90, max: 90, noNaN: true }).map((n) => n + 0),
);
const point: fc.Arbitrary<Geometry> = position.map((coordinates) => ({ type: 'Point', coordinates }));
const box: fc.Arbitrary<Geometry> = fc
  .tuple(fc.integer({ min: -170, max: 160 }), fc.integer({ min: -80, max: 70 }))
  .map(([x, y]) => ({
    type: 'Polygon',
    coordinates: [
      [
        [x, y],
        [x + 0.1, y],
        [x + 0.1, y + 0.3],
        [x, y],
      ],
    ],
  }));

const camera = fc.record({
  properties: fc.record({
    code,
    name: maybe(text),
    zone: maybe(fc.constantFrom('entrance', 'public', 'unit', 'perimeter')),
    heading: maybe(fc.double({ min: 0, max: 359.9, noNaN: true }).map((n) => n + 0)),
    status: fc.constantFrom('online', 'offline', 'fault'),
    owner: maybe(text),
  }),
  geometry: point,
});

const grid = fc.record({
  properties: fc.record({
    code,
    name: text,
    level: code,
    net: code,
    parent: fc.constant(null),
    kind: fc.constantFrom('base', 'dedicated'),
    households: maybe(fc.nat()),
    population: maybe(fc.nat()),
    valid_from: maybe(time),
    valid_to: fc.constant(null),
    props: fc.dictionary(
      fc.constantFrom('a', '网', '"'),
      fc.oneof(fc.integer(), text, fc.boolean(), fc.constant(null)),
    ),
  }),
  geometry: box,
});

const holiday = fc.record({
  properties: fc.record({ date: time.map((value) => value.slice(0, 10)), name: maybe(text), working: fc.boolean() }),
  geometry: fc.constant(null),
});

describe('writeRows', () => {
  const forms = FORMATS.flatMap((format) => [false, true].map((gzip) => [format, gzip] as const));

  it.each(forms)('%s, gzip %s: what is written comes back', async (format, gzip) => {
    const layers: [LayerName, fc.Arbitrary<OutputRow>][] = [
      ['cameras', camera],
      ['grids', grid],
      ['holidays', holiday],
    ];
    for (const [layer, row] of layers) {
      await fc.assert(
        fc.asyncProperty(fc.array(row, { maxLength: 8 }), async (rows) => {
          const plain = rows.map((r) => ({ properties: { ...r.properties }, geometry: r.geometry }));
          expect(await roundTrip(layer, plain, format, gzip)).toEqual(plain);
        }),
        { numRuns: 40 },
      );
    }
  });

  it('gives times as RFC 3339 and leaves an open target open', async () => {
    const sink = new Sink();
    const properties = { id: 'i', category: 'c', occurred_at: new Date('2025-03-01T00:00:00Z') };
    const rows = each([{ properties, geometry: null }]);
    await writeRows('incidents', rows, sink, { format: 'csv', gzip: false, end: false });
    expect(Buffer.concat(sink.chunks).toString().split('\n')[1]).toMatch(/^i,c,2025-03-01T00:00:00.000Z,,/);
    expect(sink.writable).toBe(true);
  });

  it('does not run ahead of a slow target', async () => {
    let made = 0;
    async function* rows(): AsyncGenerator<OutputRow> {
      for (; made < 40_000; made++) yield { properties: { id: String(made), text: 'x'.repeat(100) }, geometry: null };
    }
    const ahead: number[] = [];
    const sink = new Sink();
    sink._write = (_chunk, _encoding, done) => {
      ahead.push(made);
      setImmediate(done);
    };
    await writeRows('addresses', rows(), sink, { format: 'ndjson', gzip: false });
    expect(made).toBe(40_000);
    expect(ahead[0]).toBeLessThan(5000);
  });

  it('fails when the rows fail', async () => {
    async function* rows(): AsyncGenerator<OutputRow> {
      yield { properties: { id: '1' }, geometry: null };
      throw new Error('connection lost');
    }
    const written = writeRows('addresses', rows(), new Sink(), { format: 'geojson', gzip: true });
    await expect(written).rejects.toThrow('connection lost');
  });
});

describe('createProgress', () => {
  function lines(total: number | undefined): {
    progress: ReturnType<typeof createProgress>;
    at: (ms: number) => void;
    text: () => string;
  } {
    const sink = new Sink();
    let now = 0;
    const progress = createProgress(sink, 'grids', { total, now: () => now });
    return { progress, at: (ms) => (now = ms), text: () => Buffer.concat(sink.chunks).toString() };
  }

  it('writes a line every 10 % away from a terminal', async () => {
    const { progress, text } = lines(1000);
    for (let done = 0; done <= 1000; done += 50) progress.update(done, `${done} rows`);
    progress.finish('1000 rows');
    await new Promise((resolve) => setTimeout(resolve, 20));
    const shown = text().trim().split('\n');
    expect(shown).toHaveLength(11);
    expect(shown[0]).toBe('grids: 10% · 100 rows');
    expect(shown.at(-1)).toBe('grids: done · 1000 rows');
  });

  it('writes a line every 5 s when the total is unknown', async () => {
    const { progress, at, text } = lines(undefined);
    for (let second = 0; second <= 12; second++) {
      at(second * 1000);
      progress.update(second * 10);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(text()).toBe('grids: 50 bytes\ngrids: 100 bytes\n');
  });

  it('draws a bar on a terminal', () => {
    let drawn = '';
    const terminal = Object.assign(new Sink(), {
      isTTY: true,
      cursorTo: () => true,
      moveCursor: () => true,
      clearLine: () => true,
      write: (text: string) => {
        drawn += text;
        return true;
      },
    });
    const progress = createProgress(terminal, 'grids', { total: 100 });
    progress.update(40, '7 rows');
    progress.finish();
    expect(drawn).toContain('grids [');
    expect(drawn).toContain('100%');
  });
});
