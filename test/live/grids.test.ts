import { describe, expect, test } from 'vitest';
import { GridLayer } from '../../src/grids/live.ts';
import { LiveGrid } from '../../src/grids/live-grid.ts';
import type { Live, LiveEdits } from '../../src/live/live.ts';
import { microsOf } from '../../src/live/micros.ts';
import { TileBuilder } from '../../src/tiles/live-features.ts';
import type { CompiledQuery } from '../../src/tiles/live-views.ts';
import { tileQuerySchema } from '../../src/tiles/tiles.schema.ts';
import { pick, type Random, seeded } from '../helpers/noise.ts';

const AT = new Date('2026-11-01T00:00:00Z');
const LEVELS = new Map([['base', ['grid', 'street']]]);
const CODES = Array.from({ length: 60 }, (_, i) => `G${(i * 7919) % 997}`);
const TILES = [
  { z: 9, x: 418, y: 223 },
  { z: 12, x: 3345, y: 1785 },
  { z: 13, x: 6690, y: 3571 },
  { z: 15, x: 26764, y: 14285 },
];

/** One version of a grid near 114° E, 22.6° N: a crooked square. */
function randomGrid(random: Random, gid: number, code: string): LiveGrid {
  const [west, south] = [113.98 + 0.08 * random(), 22.55 + 0.08 * random()];
  const size = 0.002 + 0.03 * random() ** 2;
  const ring = [
    [west, south],
    [west + size, south + size * 0.2 * random()],
    [west + size * 0.9, south + size],
    [west, south + size * (0.5 + random())],
    [west, south],
  ];
  return new LiveGrid({
    gid,
    net: 'base',
    code,
    name: pick(random, ['一网格', 'two', 'street', '长乐街道第三网格']),
    level: pick(random, ['grid', 'street']),
    parent: pick(random, [null, ...CODES.slice(0, 5)]),
    kind: pick(random, ['base', 'dedicated']),
    validFrom: pick(random, [-Infinity, microsOf(AT) - 1]),
    validTo: pick(random, [Infinity, microsOf(AT) + 1, microsOf(AT)]),
    polygons: [[Float64Array.from(ring.flat())]],
  });
}

/** What a builder needs of the live layers, and a way to change them. */
class Plan {
  readonly layers = { grids: GridLayer.of(LEVELS, []) };
  readonly at = AT;
  readonly #listeners: ((edits: LiveEdits) => void)[] = [];

  onEdits(listener: (edits: LiveEdits) => void): () => void {
    this.#listeners.push(listener);
    return () => {};
  }

  replace(code: string, grids: LiveGrid[]): void {
    this.#tell({ cause: 'data', grids: this.layers.grids.replace([{ net: 'base', code }], grids) });
  }

  reload(): void {
    this.layers.grids = GridLayer.of(LEVELS, [...this.layers.grids]);
    this.#tell({ cause: 'data', grids: 'all' });
  }

  #tell(edits: LiveEdits): void {
    for (const listener of this.#listeners) listener(edits);
  }
}

function questionOf(query: Record<string, string>): CompiledQuery {
  const parsed = tileQuerySchema.parse(query);
  return {
    layers: ['grids'],
    query: parsed,
    cameraStatuses: undefined,
    incidents: undefined,
    under: undefined,
    source: 'memory',
  };
}

describe('tiles of grids after any history', () => {
  test('are the bytes that are built from nothing', () => {
    const random = seeded(3);
    const plan = new Plan();
    const live = plan as unknown as Live;
    const builder = new TileBuilder(live);
    const questions = [questionOf({}), questionOf({ level: 'street' })];
    let bytes = 0;
    for (let edit = 0; edit < 1_600; edit++) {
      const code = pick(random, CODES);
      const count = Math.floor(3 * random());
      plan.replace(
        code,
        Array.from({ length: count }, (_, i) => randomGrid(random, 10 * edit + i, code)),
      );
      if (random() < 0.001) plan.reload();
      if (edit % 40 > 0) continue;
      const fresh = new TileBuilder(live);
      for (const question of questions) {
        for (const tile of TILES) {
          const built = builder.build(question, tile);
          expect(built, `edit ${edit}, ${tile.z}/${tile.x}/${tile.y}`).toEqual(fresh.build(question, tile));
          bytes += built.length;
        }
      }
    }
    expect(bytes).toBeGreaterThan(50_000);
  });
});
