import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Config, parseConfig } from '../../src/config.ts';
import type { Db } from '../../src/db/db.ts';
import { openPglite, type PgliteDb } from '../../src/db/pglite.ts';
import { mergeCommand, splitCommand } from '../../src/grids/plan.command.ts';
import { exportCommand } from '../../src/import/export.command.ts';
import { LAYERS } from '../../src/import/fields.ts';
import { type ImportFlags, importCommand } from '../../src/import/import.command.ts';
import { locateCommand } from '../../src/locate/locate.command.ts';
import { scratchDatabase, TEST_DATABASE_URL, urlOf } from '../helpers/database.ts';
import { CATEGORIES, load, point, rectangle, TOWN } from '../helpers/import.ts';
import { ADMIN_KEY } from '../helpers/service.ts';

let db: Db;
let directory: string;
let env: Record<string, string>;
let config: Config;
let service: ChildProcess | undefined;

/** On PostgreSQL the commands work on the database; the embedded one is being served, so there they work through HTTP. */
beforeAll(async () => {
  db = await scratchDatabase();
  await fill();
  directory = await mkdtemp(join(tmpdir(), 'wangge-'));
  const place: Record<string, string> = TEST_DATABASE_URL
    ? { DATABASE_URL: urlOf('scratch') }
    : { DATA_DIR: join(directory, 'data') };
  env = { ...place, ADMIN_KEY, DEMO: 'off', PORT: '0', LOG_LEVEL: 'silent' };
  config = parseConfig(env);
  if (!TEST_DATABASE_URL) {
    const copy = await openPglite({ dataDir: env.DATA_DIR!, dump: await (db as PgliteDb).dump() });
    await copy.close();
    service = await serve();
  }
});
afterAll(async () => {
  if (service) {
    service.kill('SIGTERM');
    await once(service, 'exit');
  }
  await rm(directory, { recursive: true });
});

async function fill(): Promise<void> {
  await load(db, 'grids', TOWN);
  await load(db, 'workers', [{ id: 'w', name: '甲', role: 'chief', phone: '0755-1' }]);
  await load(db, 'categories', CATEGORIES);
  await load(db, 'holidays', [{ date: '2026-10-01', name: '国庆节' }]);
  await load(db, 'assignments', [{ worker: 'w', grid: 'WS1', duty: 'lead' }]);
  await load(db, 'cameras', [{ code: 'K0', name: '东门', geometry: point(114.01, 22.01) }]);
  await load(db, 'addresses', [{ id: 'a', text: '西街1号', geometry: point(114.01, 22.01) }]);
  await load(db, 'incidents', [
    {
      id: 'i',
      category: 'A1',
      occurred_at: '2026-03-01T08:00:00.5Z',
      address: '西街1号',
      geometry: point(114.01, 22.01),
    },
  ]);
  const coordinates = [
    [114, 22],
    [114.1, 22],
  ];
  await load(db, 'streets', [{ id: 's', name: '西街', geometry: { type: 'LineString', coordinates } }]);
}

const CLI = ['--import', 'tsx', 'src/cli.ts'];

async function serve(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...CLI, 'serve'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout! })) if (line.includes('is ready')) return child;
  throw new Error('the service did not start');
}

/** What a command says on standard output. */
async function outputOf(run: () => Promise<void>): Promise<string> {
  const said: string[] = [];
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const progress = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  try {
    await run();
  } finally {
    out.mockRestore();
    progress.mockRestore();
  }
  return said.join('');
}

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

function importFile(layer: string, path: string, flags: Partial<ImportFlags> = {}): Promise<string> {
  return outputOf(() => importCommand(config, layer, path, { mode: 'upsert', ...flags }));
}

const HEADER = 'code,name,zone,lon,lat\n';

describe('import', () => {
  test('says in one line what became of all rows; again nothing changes', async () => {
    const path = await file('cameras.csv', `${HEADER}K1,南门,entrance,114.05,22.05\nK2,北门,public,114.06,22.05\n`);
    const counts = (what: string) => `cameras: 2 read: ${what}, 0 duplicates, 0 rejected\n`;
    expect(await importFile('cameras', path, { dryRun: true })).toBe(
      counts('2 inserted, 0 updated, 0 unchanged').replace('\n', ' (dry run, nothing kept)\n'),
    );
    expect(await importFile('cameras', path)).toBe(counts('2 inserted, 0 updated, 0 unchanged'));
    expect(await importFile('cameras', path)).toBe(counts('0 inserted, 0 updated, 2 unchanged'));
  });

  test('renames columns, reads a mapping file, and takes the coordinates and encoding of either', async () => {
    const renamed = await file('renamed.csv', '编号,lon,lat\nK3,114.05,22.05\n');
    expect(await importFile('cameras', renamed, { map: '编号=code' })).toMatch(/1 inserted/);
    const mapping = {
      ...{ layer: 'cameras', format: 'csv', encoding: 'gb18030', crs: 'gcj02' },
      fields: {
        code: { join: [{ const: 'K' }, 'n'], with: '' },
        name: {
          first: [
            { column: 'name', match: '^东.*' },
            { join: [{ const: '第' }, 'n'], with: '' },
          ],
        },
        lon: 'lon',
        lat: 'lat',
      },
    };
    const path = await file('mapping.json', JSON.stringify(mapping));
    const bytes = Buffer.concat([
      Buffer.from('n,name,lon,lat\n4,'),
      Buffer.from([0xb6, 0xab]),
      Buffer.from(',114.05,22.05\n41,,114.05,22.05\n'),
    ]);
    expect(await importFile('cameras', await file('mapped.txt', bytes), { mapping: path })).toMatch(/2 inserted/);
    const exported = await outputOf(() => exportCommand(config, 'cameras', '-', { format: 'ndjson' }));
    const cameras = new Map<string, { name: string; lon: number }>();
    for (const line of exported.trim().split('\n')) {
      const { properties, geometry } = JSON.parse(line);
      cameras.set(properties.code, { name: properties.name, lon: geometry.coordinates[0] });
    }
    expect([cameras.get('K4')!.name, cameras.get('K41')!.name]).toEqual(['东', '第41']);
    expect(cameras.get('K4')!.lon).toBeCloseTo(114.045, 3);
  });

  test('refuses all for one bad row, wherever it shows', async () => {
    const good = 'K8,南门,public,114.05,22.05\n';
    const refusals: [string, RegExp][] = [
      ['K9,南门,roof,114.05,22.05\n', /^cameras: 1 of the rows cannot be loaded, so none was: line 3: zone: 'roof'/],
      ['K9,南门\n', /^cameras: 1 of the rows .* line 3: 2 columns where the header has 5/],
      ['K8,北门,public,114.05,22.05\n', /line 3: line 2 has the same key with other values/],
    ];
    for (const [bad, message] of refusals) {
      const path = await file('bad.csv', HEADER + good + bad);
      await expect(importFile('cameras', path)).rejects.toThrow(message);
    }
    const cut = await file('cut.csv.gz', gzipSync(HEADER + good.repeat(5000)).subarray(0, 100));
    await expect(importFile('cameras', join(directory, 'none.csv'))).rejects.toThrow(/none\.csv: no such file$/);
    await expect(importFile('cameras', cut)).rejects.toThrow(
      /^line \d+: the gzip stream is cut off here; fetch the file again$/,
    );
    expect(await outputOf(() => exportCommand(config, 'cameras', '-', {}))).not.toContain('K8');
  });

  test('sends bad rows to a file, each with line, reason and content, in their order', async () => {
    const path = await file(
      'mixed.csv',
      `${HEADER}K5,南门,public,114.05,22.05\nK6,南门,roof,114.05,22.05\n"K7,南门\nK6,南门\nK7,南门,public,114.05,22.05\nK5,西门,public,114.05,22.05\n`,
    );
    const rejects = join(directory, 'rejects.ndjson');
    const said = await importFile('cameras', path, { rejects });
    expect(said).toBe('cameras: 6 read: 2 inserted, 0 updated, 0 unchanged, 0 duplicates, 4 rejected\n');
    const rows = (await readFile(rejects, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.map(({ line, reason }) => `${line} ${reason.slice(0, 24)}`)).toEqual(
      [
        "3 zone: 'roof' is not one ",
        '4 quotes do not pair up; a ',
        '5 2 columns where the head',
        '7 line 2 has the same key ',
      ].map((text) => expect.stringContaining(text.slice(0, 24))),
    );
    expect(rows.map(({ row }) => row.code ?? row)).toEqual(['K6', '"K7,南门', 'K6,南门', 'K5']);
  });

  test('a file of rejects that cannot be written stops it before anything is loaded', async () => {
    const path = await file('ok.csv', `${HEADER}K10,南门,public,114.05,22.05\n`);
    const rejects = join(directory, 'no/such/folder.ndjson');
    await expect(importFile('cameras', path, { rejects })).rejects.toThrow(/ENOENT.*no\/such\/folder/);
    expect(await outputOf(() => exportCommand(config, 'cameras', '-', {}))).not.toContain('K10');
  });

  test('tells what a repair changed', async () => {
    const coordinates = [
      [
        [114.1, 22.5],
        [114.2, 22.6],
        [114.2, 22.5],
        [114.1, 22.6],
        [114.1, 22.5],
      ],
    ];
    const feature = {
      type: 'Feature',
      properties: { code: 'X', name: 'x', level: 'city' },
      geometry: { type: 'Polygon', coordinates },
    };
    const path = await file('bowtie.geojson', JSON.stringify({ type: 'FeatureCollection', features: [feature] }));
    await expect(importFile('grids', path)).rejects.toThrow(/line 1: geometry: ring 1 of polygon 1 crosses itself/);
    expect(await importFile('grids', path, { repair: true, dryRun: true })).toMatch(
      /^grids: 1 read: 1 inserted.*\n {2}line 1 repaired: 5 → 8 vertices, 2 part\(s\), \d+ m²\n$/,
    );
  });
});

describe('export', () => {
  test('gives every layer as a file that changes nothing when imported', async () => {
    for (const layer of LAYERS) {
      const path = join(directory, `${layer}.geojson.gz`);
      await outputOf(() => exportCommand(config, layer, path, {}));
      const { features } = JSON.parse(gunzipSync(await readFile(path)).toString()) as { features: unknown[] };
      expect(features.length, layer).toBeGreaterThan(0);
      const said = await importFile(layer, path);
      expect(said).toMatch(`${features.length} read: 0 inserted, 0 updated, ${features.length} unchanged`);
    }
  });

  test('an unknown ending names the cure', async () => {
    await expect(exportCommand(config, 'cameras', join(directory, 'cameras.txt'), {})).rejects.toThrow(/add --format/);
  });
});

test('locate answers every row', async () => {
  const path = await file('places.csv', 'address,lon,lat\n西街1号,,\n,114.03,22.01\n东街1号,,\n');
  const out = join(directory, 'places.out.csv');
  await outputOf(() => locateCommand(config, path, out, {}));
  const [header, ...rows] = (await readFile(out, 'utf8')).trim().split('\n');
  expect(header).toMatch(/^address,lon,lat,.*status/);
  expect(rows).toHaveLength(3);
  expect(rows[0]).toContain('WS1');
  expect(rows[1]).toContain('WS2');
  expect(rows[2]).toContain('not_found');
});

describe('split and merge', () => {
  const half = (code: string, west: number) => ({
    type: 'Feature',
    properties: { code },
    geometry: rectangle(west, 22, west + 0.01, 22.02),
  });
  const parts = (...features: object[]) =>
    file(`parts-${features.length}.geojson`, JSON.stringify({ type: 'FeatureCollection', features }));
  const plan = async () => {
    const exported = await outputOf(() => exportCommand(config, 'grids', '-', { format: 'ndjson' }));
    const rows = exported
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).properties as Record<string, string>);
    return rows.filter(({ parent, valid_to: end }) => parent === 'WS' && !end).map(({ code }) => code);
  };

  test('change the plan and say what went over', async () => {
    const path = await parts(half('WS1a', 114), half('WS1b', 114.01));
    const said = await outputOf(() => splitCommand(config, 'WS1', path, { net: 'base', carry: 'WS1b' }));
    expect(said).toBe('closed WS1; new WS1a WS1b\n0 grids below moved, 1 assignments carried over, 0 open\n');
    expect(await plan()).toEqual(['WS1a', 'WS1b', 'WS2']);
    const merged = await outputOf(() => mergeCommand(config, ['WS1a', 'WS2'], { net: 'base', into: 'WS3' }));
    expect(merged).toMatch(/^closed WS1a WS2; new WS3\n/);
    expect(await plan()).toEqual(['WS1b', 'WS3']);
  });

  test('refuse what does not fit, and nothing changes', async () => {
    const before = await plan();
    const gap = await parts(half('WS4a', 114.01), half('WS4b', 114.5));
    await expect(splitCommand(config, 'WS1b', gap, { net: 'base' })).rejects.toThrow(/cannot be changed so: parts/);
    await expect(splitCommand(config, 'WS1b', await parts(half('x', 114)), { net: 'base' })).rejects.toThrow(
      /at least 2/,
    );
    await expect(splitCommand(config, 'gone', gap, { net: 'base' })).rejects.toThrow(/no grid gone in net base/);
    await expect(mergeCommand(config, ['WS1b', 'W'], { net: 'base', into: 'Y' })).rejects.toThrow(
      /differ in their level/,
    );
    const notJson = await file('not.geojson', '{"type"');
    await expect(splitCommand(config, 'WS1b', notJson, { net: 'base' })).rejects.toThrow(/not\.geojson is not JSON/);
    expect(await plan()).toEqual(before);
  });
});

describe('exit codes', () => {
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...CLI, ...args], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    return {
      status,
      stdout,
      errors: stderr.split('\n').filter((line) => line.startsWith('wangge: ') || line.startsWith('error: ')),
    };
  };

  test('0 done', async () => {
    const path = await file('done.csv', `${HEADER}K11,南门,public,114.05,22.05\n`);
    expect(run('import', 'cameras', path)).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^cameras: 1 read: 1 inserted/),
      errors: [],
    });
  });

  test('1 failed, with one line that says why', async () => {
    const path = await file('failed.csv', `${HEADER}K12,南门,roof,114.05,22.05\n`);
    const { status, stdout, errors } = run('import', 'cameras', path);
    expect([status, stdout]).toEqual([1, '']);
    expect(errors).toEqual([
      expect.stringMatching(/^wangge: cameras: 1 of the rows cannot be loaded, so none was: line 2: zone/),
    ]);
  });

  test('2 called wrongly', () => {
    expect(run('import', 'lamps', 'x.csv')).toMatchObject({
      status: 2,
      errors: [expect.stringMatching(/^wangge: there is no layer lamps; there are: grids/)],
    });
  });

  test.skipIf(TEST_DATABASE_URL)('2 while another process has the directory, with its address (embedded only)', () => {
    const { status, errors } = run('migrate');
    expect(status).toBe(2);
    expect(errors).toEqual([
      expect.stringMatching(/is in use by process \d+ \(http:\/\/127\.0\.0\.1:\d+\): stop it, or set another DATA_DIR/),
    ]);
  });
});
