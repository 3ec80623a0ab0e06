import { area as areaOf } from '@turf/turf';
import Flatbush from 'flatbush';
import type { MultiPolygon } from 'geojson';
import { getHexagonAreaAvg } from 'h3-js';
import { HttpError } from '../errors.ts';
import { cellOfKey } from '../geo/cellkey.ts';
import { hexagonRing } from '../geo/h3.ts';
import { sharedFloats } from '../threads/floats.ts';
import type { Task } from '../threads/task.ts';
import { cellsOfPolygon, type Disks, disksWithin, StudyArea, studyArea } from './stats/area.ts';
import { EMERGING_CLASSES, type EmergingOptions, emergingHotspots } from './stats/emerging.ts';
import { benjaminiHochberg, HOTSPOT_CLASSES, hotspotClass } from './stats/fdr.ts';
import { getisOrdStar } from './stats/gistar.ts';
import { type Kernel, kernelWeights, smooth } from './stats/kernel.ts';
import { type Moments, momentsOf } from './stats/moments.ts';
import { localMoran, MORAN_CLASSES, moranClass } from './stats/moran.ts';

// Statistics as tasks for threads. Cells, disks and cubes come in memory that threads share; nothing of them is copied.

/** Cells of a study area, and where they are. */
export interface AreaCells {
  keys: Float64Array;
  /** West, south, east, north of each cell. */
  boxes: Float64Array;
  /** Of a Flatbush over the boxes; null: there are none. */
  index: ArrayBufferLike | null;
}

/** Cells of one study area: about 150 bytes each. */
const MAX_CELLS = 400_000;

/**
 * The cells whose centres lie in boundaries, see `cellsOfPolygon`.
 *
 * @throws HttpError 400 when they are too many
 */
export const areaTask: Task<{ boundaries: readonly string[]; res: number }, AreaCells> = {
  name: 'study area',
  run({ boundaries, res }) {
    const polygons = boundaries.map((text) => JSON.parse(text) as MultiPolygon);
    const metres = polygons.reduce((sum, polygon) => sum + areaOf(polygon), 0);
    const expected = Math.round(metres / getHexagonAreaAvg(res, 'm2'));
    if (expected > MAX_CELLS) {
      throw new HttpError(
        400,
        `The study area has about ${expected} cells of resolution ${res}, over ${MAX_CELLS}: ask for a coarser res, or for a part by under`,
        [{ path: 'res', message: `makes over ${MAX_CELLS} cells` }],
      );
    }
    const cells = new Set(polygons.flatMap((polygon) => cellsOfPolygon(polygon, res)));
    return indexed(studyArea([...cells].sort()));
  },
};

/** An area of given cells. */
export const cellsTask: Task<{ keys: Float64Array; res: number }, AreaCells> = {
  name: 'study area of cells',
  run({ keys, res }) {
    const shared = sharedFloats(keys.length);
    shared.set(keys);
    return indexed(new StudyArea(res, shared));
  },
};

function indexed({ keys, res }: StudyArea): AreaCells {
  const boxes = sharedFloats(4 * keys.length);
  if (keys.length === 0) return { keys, boxes, index: null };
  const index = new Flatbush(keys.length, 16, Float64Array, SharedArrayBuffer);
  keys.forEach((key, i) => {
    const ring = hexagonRing(cellOfKey(key, res));
    const lons = ring.map(([lon]) => lon);
    const lats = ring.map(([, lat]) => lat);
    const box = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)] as const;
    boxes.set(box, 4 * i);
    index.add(...box);
  });
  index.finish();
  return { keys, boxes, index: index.data };
}

/** See `disksWithin`. */
export const disksTask: Task<{ keys: Float64Array; res: number; k: number }, Disks> = {
  name: 'disks',
  run: ({ keys, res, k }) => disksWithin(new StudyArea(res, keys), k),
};

/** What the statistics of a study area are computed from. */
interface Values {
  counts: Float64Array;
  /** Of the cells; absent: counts are taken as they are, otherwise per 1,000 households. */
  households: Float64Array | undefined;
  disks: Disks;
  /** How neighbours weigh; absent: all 1. */
  weights: { kernel: Kernel; k: number } | undefined;
}

/** Figures of each cell; not a number where one is not defined. */
export interface SpotFigures {
  moments: Moments;
  /** What was tested: counts or rates. */
  values: Float64Array;
  z: Float64Array;
  p: Float64Array;
  q: Float64Array;
  /** Positions in `HOTSPOT_CLASSES`, or in `MORAN_CLASSES`. */
  class: Uint8Array;
  /** Local Moran's I. */
  i?: Float64Array;
}

/** Gi* of every cell, see `getisOrdStar`. */
export const gistarTask: Task<Values, SpotFigures> = {
  name: 'gistar',
  run(input) {
    const values = rated(input);
    const { moments, z, p } = getisOrdStar(values, input.disks, weightsOf(input));
    const q = benjaminiHochberg(p);
    const classes = Uint8Array.from(z, (value, i) => HOTSPOT_CLASSES.indexOf(hotspotClass(value, q[i]!)));
    return { moments, values, z, p, q, class: classes };
  },
};

/** Local Moran's I of every cell, see `localMoran`. */
export const moranTask: Task<Values, SpotFigures> = {
  name: 'moran',
  run(input) {
    const values = rated(input);
    const { i, z, p, quadrant } = localMoran(values, input.disks, weightsOf(input));
    const q = benjaminiHochberg(p);
    const classes = Uint8Array.from(q, (value, c) => MORAN_CLASSES.indexOf(moranClass(quadrant[c]!, value)));
    return { moments: momentsOf(values), values, z, p, q, class: classes, i };
  },
};

/** Figures of each cell through time. */
export interface EmergingFigures {
  moments: Moments;
  n: Int32Array;
  /** Positions in `EMERGING_CLASSES`. */
  class: Uint8Array;
  s: Float64Array;
  z: Float64Array;
  p: Float64Array;
  hot: Int32Array;
  cold: Int32Array;
  lastZ: Float64Array;
}

/** Emerging hotspots of a cube, see `emergingHotspots`. */
export const emergingTask: Task<Values & Pick<EmergingOptions, 'by'>, EmergingFigures> = {
  name: 'emerging',
  run(input) {
    const { counts, disks, by } = input;
    const weights = weightsOf(input);
    const cube = emergingHotspots(rated(input), disks, { ...(weights && { weights }), ...(by && { by }) });
    const size = disks.start.length - 1;
    const figures: EmergingFigures = {
      moments: cube.moments,
      n: new Int32Array(size),
      class: Uint8Array.from(cube.classes, (name) => EMERGING_CLASSES.indexOf(name)),
      s: Float64Array.from(cube.trends, ({ s }) => s),
      z: Float64Array.from(cube.trends, ({ z }) => z),
      p: Float64Array.from(cube.trends, ({ p }) => p),
      hot: new Int32Array(size),
      cold: new Int32Array(size),
      lastZ: cube.z.slice(cube.z.length - size),
    };
    for (let i = 0; i < counts.length; i++) {
      const cell = i % size;
      figures.n[cell]! += counts[i]!;
      if (cube.significant[i] === 1) figures.hot[cell]! += 1;
      else if (cube.significant[i] === -1) figures.cold[cell]! += 1;
    }
    return figures;
  },
};

/** Smooth several values of an area by one kernel, see `smooth`. */
export const smoothTask: Task<{ values: Float64Array[]; disks: Disks; kernel: Kernel; k: number }, Float64Array[]> = {
  name: 'smooth',
  run({ values, disks, kernel, k }) {
    const weights = kernelWeights(disks, kernel, k);
    return values.map((own) => smooth(own, disks, weights));
  },
};

function weightsOf({ disks, weights }: Values): Float64Array | undefined {
  return weights && kernelWeights(disks, weights.kernel, weights.k);
}

/** Counts, or incidents per 1,000 households. */
function rated({ counts, households }: Values): Float64Array {
  return households ? counts.map((n, i) => (1000 * n) / households[i % households.length]!) : counts;
}
