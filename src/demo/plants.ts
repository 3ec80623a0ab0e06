import { type BuiltBlock, doorCount } from './blocks.ts';
import { unit } from './random.ts';
import type { DemoSettings } from './settings.ts';
import type { Terrain } from './terrain.ts';

/** A hotspot that the demo plants on purpose, and where a good analysis finds it. */
export interface Plant {
  kind: 'stable' | 'emerging' | 'dying';
  lon: number;
  lat: number;
  radius_m: number;
}

/** A plant with what the incidents need: its middle in metres, its share of a day's incidents and its class. */
export interface PlantedSpot extends Plant {
  east: number;
  north: number;
  share: number;
  class: number;
}

/** Places the plants of the settings, each moved a little by the seed. */
export function plantSpots(settings: DemoSettings, terrain: Terrain, seed: number): PlantedSpot[] {
  const { size, classes } = settings;
  return size.plants.map((plant, p) => {
    const move = (axis: number) => (unit(seed, 0x9a7, p, axis) - 0.5) * 0.06;
    const [east, north] = terrain.metres(
      (plant.at[0] + move(0)) * size.lattice,
      (plant.at[1] + move(1)) * size.lattice,
    );
    const [lon, lat] = terrain.fromMetres(east, north) as [number, number];
    const group = classes.findIndex(({ code }) => code === plant.class);
    return {
      kind: plant.kind,
      lon,
      lat,
      radius_m: size.plantRadiusMetres,
      east,
      north,
      share: plant.share,
      class: group,
    };
  });
}

/**
 * The share of a day's incidents that a plant draws, `progress` through the year in [0, 1): a stable one always the
 * same, an emerging one nothing until the last nine weeks and then more each day, a dying one less each day until it is
 * gone at half the year.
 */
export function shareAt(spot: PlantedSpot, progress: number): number {
  if (spot.kind === 'stable') return spot.share;
  if (spot.kind === 'dying') return spot.share * Math.max(0, 1 - progress / 0.5);
  return spot.share * Math.max(0, (progress - 0.83) / 0.17);
}

/** The built-up blocks around each plant: their middles lie well within its radius. */
export function blocksAround(spots: PlantedSpot[], built: BuiltBlock[], terrain: Terrain): BuiltBlock[][] {
  const near: BuiltBlock[][] = spots.map(() => []);
  for (const b of built) {
    const { inner } = b.block;
    const [east, north] = terrain.metres((inner.x0 + inner.x1) / 2, (inner.y0 + inner.y1) / 2);
    spots.forEach((spot, s) => {
      if (within(spot, east, north, 0.75) && doorCount(b) > 0) near[s]!.push(b);
    });
  }
  return near;
}

/** Whether a point, in metres, lies within a plant's radius times `factor`. */
export function within(spot: PlantedSpot, east: number, north: number, factor = 1): boolean {
  const reach = spot.radius_m * factor;
  return (east - spot.east) ** 2 + (north - spot.north) ** 2 <= reach * reach;
}
