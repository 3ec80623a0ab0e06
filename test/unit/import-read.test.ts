import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Encoding, isFault, ReadError, type RowFault } from '../../src/import/read/fault.ts';
import { type Format, readRows } from '../../src/import/read/rows.ts';
import { formOf, openSource } from '../../src/import/read/source.ts';
import type { SourceRow } from '../../src/import/row.ts';

/** Bytes in pieces of a given size, so that every boundary is tried. */
async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

interface Given {
  encoding?: Encoding;
  gzip?: boolean;
  piece?: number;
}

async function read(format: Format, input: string | Uint8Array, given: Given = {}): Promise<(SourceRow | RowFault)[]> {
  const bytes = typeof input === 'string' ? Buffer.from(input) : input;
  const { encoding = 'utf8', gzip = false, piece = 7 } = given;
  return collect(readRows(inPieces(bytes, piece), { format, gzip, encoding }));
}

/** Line and properties of good rows, line and reason of faults. */
function brief(rows: (SourceRow | RowFault)[]): [number, unknown][] {
  return rows.map((row) => [row.line, isFault(row) ? row.reason : row.properties]);
}

describe('CSV', () => {
  it('knows the physical line of each row behind quoted line breaks, blank rows and CRLF', async () => {
    const text = '\uFEFFa,b\r\n1,"x\r\ny"\r\n\r\n2,"say ""hi"""\r\n , \r\n,\r\n3,z';
    expect(brief(await read('csv', text))).toEqual([
      [2, { a: '1', b: 'x\r\ny' }],
      [5, { a: '2', b: 'say "hi"' }],
      [8, { a: '3', b: 'z' }],
    ]);
  });

  it('blames a row with too many or too few columns and goes on', async () => {
    expect(brief(await read('csv', 'a,b\n1\n2,3\n4,5,6\n7,8\n'))).toEqual([
      [2, '1 columns where the header has 2; quote values that hold a comma'],
      [3, { a: '2', b: '3' }],
      [4, '3 columns where the header has 2; quote values that hold a comma'],
      [5, { a: '7', b: '8' }],
    ]);
  });

  it.each([
    ['an opening quote that nothing closes', '2,"open'],
    ['a quote inside of an unquoted value', '2,5" pipe'],
    ['text behind a closing quote', '2,"b"c'],
  ])('blames the one line with %s', async (_what, line) => {
    const rows = brief(await read('csv', `a,b\n1,x\n${line}\n3,y\n4,"z"\n`));
    expect(rows.filter(([, value]) => typeof value === 'object')).toEqual([
      [2, { a: '1', b: 'x' }],
      [4, { a: '3', b: 'y' }],
      [5, { a: '4', b: 'z' }],
    ]);
    expect(rows.filter(([, value]) => typeof value === 'string')).toEqual([[3, expect.stringContaining('pair up')]]);
  });

  it('refuses a header with a column twice', async () => {
    await expect(read('csv', 'a,b,a\n1,2,3\n')).rejects.toThrow('line 1: the header names column a twice');
  });

  it('keeps the text of a faulty row', async () => {
    const [fault] = await read('csv', 'a,b\r\n1,2,3\r\n');
    expect(fault).toMatchObject({ line: 2, raw: '1,2,3' });
  });
});

describe('encodings', () => {
  // 編號,地點 / 1,臺北市 and 编号,地点 / 1,深圳市 as their own encodings have them.
  const big5 = Buffer.from('bd73b8b92ca661c2490a312cbb4fa55fa5ab0a', 'hex');
  const gb = Buffer.from('b1e0bac52cb5d8b5e30a312cc9eedbdacad00a', 'hex');

  it.each([1, 2, 3, 1000])('reads CP950 in pieces of %i bytes', async (piece) => {
    expect(brief(await read('csv', big5, { encoding: 'big5', piece }))).toEqual([[2, { 編號: '1', 地點: '臺北市' }]]);
  });

  it.each([1, 2, 3, 1000])('reads GB18030 in pieces of %i bytes', async (piece) => {
    expect(brief(await read('csv', gb, { encoding: 'gb18030', piece }))).toEqual([[2, { 编号: '1', 地点: '深圳市' }]]);
  });

  it('names the cure when the header is not UTF-8', async () => {
    await expect(read('csv', big5)).rejects.toThrow(/line 1: .*not utf8.*--encoding gb18030 or big5/);
  });

  it.each(['csv', 'ndjson', 'geojson'] as const)('names the cure for a row of %s that is not UTF-8', async (format) => {
    const text = {
      csv: 'a\nx\n\xBD\xD8\n',
      ndjson: '{"a":"x"}\n\n{"a":"\xBD\xD8"}\n',
      geojson: '{"type":"FeatureCollection","features":[\n\n{"a":"\xBD\xD8"}]}',
    }[format];
    const fault = (await read(format, Buffer.from(text, 'latin1'))).at(-1);
    expect(fault).toMatchObject({ line: 3, reason: expect.stringContaining('--encoding gb18030 or big5') });
  });
});

const point = (x: number) => ({ type: 'Point', coordinates: [x, 1] });
const feature = (x: number) => ({ type: 'Feature', properties: { n: x, text: '}],[{"\\' }, geometry: point(x) });

describe('GeoJSON', () => {
  it.each([1, 2, 5, 10_000])('cuts features out of a collection in pieces of %i bytes', async (piece) => {
    const text = `{"name":{"features":[1,2]},"type":"FeatureCollection",\n"features" : [\n${JSON.stringify(feature(1))},\n\n${JSON.stringify(feature(2), null, 1)}\n]\n,"bbox":[0,1,2,3]}\n`;
    const rows = await read('geojson', text, { piece });
    expect(rows).toEqual([
      { line: 3, properties: feature(1).properties, geometry: point(1) },
      { line: 5, properties: feature(2).properties, geometry: point(2) },
    ]);
  });

  it('reads an empty collection, a lone feature and a bare geometry', async () => {
    expect(await read('geojson', '{"features":[ ],"type":"FeatureCollection"}')).toEqual([]);
    expect(await read('geojson', `\n${JSON.stringify(feature(1))}`)).toMatchObject([{ line: 2, geometry: point(1) }]);
    expect(await read('geojson', JSON.stringify(point(3)))).toEqual([{ line: 1, properties: {}, geometry: point(3) }]);
  });

  it('takes the id of a feature as a property unless it has one', async () => {
    const ids = [
      { ...feature(1), id: 'f1' },
      { ...feature(2), id: 'f2', properties: { id: 'own' } },
    ];
    const rows = await read('geojson', JSON.stringify({ type: 'FeatureCollection', features: ids }));
    expect(rows.map((row) => !isFault(row) && row.properties.id)).toEqual(['f1', 'own']);
  });

  it('blames an element that is not a feature and goes on', async () => {
    const text =
      '{"type":"FeatureCollection","features":[\n{"type":"Feature","geometry":3},\n7,\n{"a":nope},\n{"a":1}\n]}';
    expect(brief(await read('geojson', text))).toEqual([
      [2, expect.stringContaining('"geometry"')],
      [3, expect.stringContaining('not a JSON object')],
      [4, expect.stringContaining('not valid JSON')],
      [5, { a: 1 }],
    ]);
  });

  it.each([
    [
      'inside of a feature',
      '{"type":"FeatureCollection","features":[\n{"a":1},\n{"a":',
      /line 3: the file is cut off.*line 3/,
    ],
    ['behind the features', '{"type":"FeatureCollection","features":[\n{"a":1}\n]\n', /line 4: the file is cut off/],
    ['at the start', '', /line 1: the file is empty/],
  ])('throws for a file cut off %s', async (_where, text, message) => {
    await expect(read('geojson', text)).rejects.toThrow(ReadError);
    await expect(read('geojson', text)).rejects.toThrow(message);
  });

  it.each([
    ['two documents', '{"type":"FeatureCollection","features":[]}\n{"type":"FeatureCollection","features":[]}'],
    ['a list', '[{"a":1}]'],
  ])('points to NDJSON for %s', async (_what, text) => {
    await expect(read('geojson', text)).rejects.toThrow('--format ndjson');
  });
});

describe('NDJSON', () => {
  it('reads features, geometries and flat objects, and blames lines', async () => {
    const text = `${JSON.stringify(feature(1))}\n\n${JSON.stringify(point(2))}\r\n{"a":1}\n[1]\n{"a":`;
    const rows = await read('ndjson', text);
    expect(rows).toMatchObject([
      { line: 1, geometry: point(1) },
      { line: 3, geometry: point(2), properties: {} },
      { line: 4, geometry: null, properties: { a: 1 } },
      { line: 5, reason: expect.stringContaining('not a JSON object') },
      { line: 6, reason: expect.stringContaining('not valid JSON') },
    ]);
  });

  it('reads GeoJSON text sequences whose records span lines', async () => {
    const text = `\u001E${JSON.stringify(feature(1), null, 1)}\n\u001E${JSON.stringify(feature(2))}\n`;
    const lines = JSON.stringify(feature(1), null, 1).split('\n').length;
    expect(await read('ndjson', text)).toMatchObject([
      { line: 1, geometry: point(1) },
      { line: lines + 1, geometry: point(2) },
    ]);
  });
});

describe('gzip', () => {
  const text = `a,b\n${Array.from({ length: 5000 }, (_, i) => `${i},${Math.sin(i)}`).join('\n')}\n`;

  it('reads a compressed file, also one of several members', async () => {
    const bytes = Buffer.concat([gzipSync(text.slice(0, 1000)), gzipSync(text.slice(1000))]);
    expect(await read('csv', bytes, { gzip: true, piece: 500 })).toEqual(await read('csv', text, { piece: 500 }));
  });

  it('throws with a line when the stream is cut off', async () => {
    const bytes = gzipSync(text).subarray(0, 30_000);
    await expect(read('csv', bytes, { gzip: true, piece: 500 })).rejects.toThrow(
      /line [1-9]\d{2,}: the gzip stream is cut off/,
    );
  });

  it('throws when the stream is damaged', async () => {
    const bytes = gzipSync(text);
    bytes.fill(0xff, 20_000, 20_100);
    await expect(read('csv', bytes, { gzip: true, piece: 500 })).rejects.toThrow(/gzip stream is damaged/);
  });
});

describe('properties', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', '市', ' ', '𠮷') });

  it('CSV: quoted values of any kind come back', async () => {
    const table = fc.array(fc.tuple(cell, cell), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 40 }), async (rows, piece) => {
        const quote = (value: string) => `"${value.replaceAll('"', '""')}"`;
        const text = ['a,b', ...rows.map((row) => row.map(quote).join(','))].join('\n');
        const expected = rows.filter((row) => row.join('').trim() !== '').map(([a, b]) => ({ a, b }));
        const got = await read('csv', text, { piece });
        expect(got.map((row) => (isFault(row) ? row : row.properties))).toEqual(expected);
      }),
    );
  });

  it('CSV: every line of any text is a row, a fault or blank; nothing throws or is lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          cell.map((text) => text.replaceAll(/[\r\n]/g, '')),
          { minLength: 1 },
        ),
        async (lines) => {
          const rows = await read('csv', `a,b\n${lines.join('\n')}\n`);
          const covered = new Set(rows.flatMap((row) => linesOf(row)));
          const missing = lines.flatMap((line, i) => (/[^\s,"]/.test(line) && !covered.has(i + 2) ? [i + 2] : []));
          expect(missing).toEqual([]);
        },
      ),
    );
  });

  it('GeoJSON: any collection comes back, whatever its pieces', async () => {
    const features = fc.array(
      fc.dictionary(fc.string(), fc.jsonValue()).filter((o) => !('__proto__' in o) && !('id' in o)),
    );
    await fc.assert(
      fc.asyncProperty(
        features,
        fc.integer({ min: 1, max: 64 }),
        fc.constantFrom(0, 2),
        async (list, piece, indent) => {
          const text = JSON.stringify(
            {
              type: 'FeatureCollection',
              features: list.map((properties) => ({ type: 'Feature', properties, geometry: null })),
            },
            null,
            indent,
          );
          fc.pre(!text.includes('\uFFFD'));
          const got = await read('geojson', text, { piece });
          expect(got.map((row) => (isFault(row) ? row : row.properties))).toEqual(JSON.parse(JSON.stringify(list)));
        },
      ),
    );
  });
});

/** Lines that a row covers. */
function linesOf(row: SourceRow | RowFault): number[] {
  const text = isFault(row) ? row.raw : Object.values(row.properties).join('');
  return text.split('\n').map((_, i) => row.line + i);
}

describe('openSource', () => {
  it.each([
    ['grids.csv', 'csv', false],
    ['a.b/Grids.GEOJSON.GZ', 'geojson', true],
    ['x.json', 'geojson', false],
    ['x.geojsonl', 'ndjson', false],
    ['x.ndjson.gz', 'ndjson', true],
    ['x.txt', undefined, false],
  ])('%s is %s', (name, format, gzip) => {
    expect(formOf(name)).toEqual({ format, gzip });
  });

  it('says what to do when the format is unknown or the file is not there', async () => {
    await expect(openSource('data.txt')).rejects.toThrow('--format');
    await expect(openSource('nowhere.csv')).rejects.toThrow('nowhere.csv: no such file');
    await expect(openSource('test', { format: 'csv' })).rejects.toThrow('is a directory');
  });

  it('finds compressed standard input by its first bytes and counts what it read', async () => {
    const bytes = gzipSync('{"a":1}\n');
    const source = await openSource('-', { stdin: inPieces(bytes, 1) });
    expect(source).toMatchObject({ format: 'ndjson', gzip: true, size: undefined });
    const rows = await collect(readRows(source.bytes, { ...source, encoding: 'utf8' }));
    expect(rows).toMatchObject([{ properties: { a: 1 } }]);
    expect(source.bytesRead()).toBe(bytes.length);
  });
});
