import { Counter, Gauge } from 'prom-client';
import type { Live } from '../live/live.ts';
import type { Metrics } from '../live/metrics.ts';
import type { LiveTiles } from './live.ts';

const LAYERS = ['grids', 'cameras', 'streets', 'roster', 'incidents'] as const;

/** Export what the live layers and the tile cache hold. */
export function observeLive({ registry }: Metrics, live: Live, tiles: LiveTiles): void {
  const registers = [registry];
  new Gauge({
    name: 'wangge_live_lag_seconds',
    help: 'Time since it was last certain that the live layers hold everything committed',
    registers,
    collect() {
      this.set(live.lag);
    },
  });
  new Gauge({
    name: 'wangge_live_rows',
    help: 'Rows of a live layer',
    labelNames: ['layer'],
    registers,
    collect() {
      for (const layer of LAYERS) this.set({ layer }, live.layers[layer].count);
    },
  });
  new Gauge({
    name: 'wangge_live_bytes',
    help: 'Estimated bytes of a live layer',
    labelNames: ['layer'],
    registers,
    collect() {
      for (const layer of LAYERS) this.set({ layer }, live.layers[layer].bytes);
    },
  });
  new Gauge({
    name: 'wangge_tile_cache_bytes',
    help: 'Bytes of cached tiles, all encodings together',
    registers,
    collect() {
      this.set(tiles.figures.bytes);
    },
  });
  const built = new Counter({
    name: 'wangge_tiles_built_total',
    help: 'Tiles built from memory',
    registers,
    collect() {
      this.reset();
      this.inc(tiles.figures.built);
    },
  });
  built.inc(0);
}
