import type { SourceRow } from '../import/row.ts';
import { type BuiltBlock, crossingOf, doorCount, doorOf } from './blocks.ts';
import { DAY_MS, DAYS, holidaysOf, localDate, timestamp, weekdayAndMonth } from './calendar.ts';
import type { Item } from './categories.ts';
import { closeCase } from './lifecycle.ts';
import { pad } from './numerals.ts';
import { blocksAround, type PlantedSpot, shareAt, within } from './plants.ts';
import { apportion, Random, unit, WeightedChoice } from './random.ts';
import type { DemoSettings } from './settings.ts';
import type { Terrain } from './terrain.ts';

/** This many incidents of the year lie a few hundred metres outside the place, the only ones that no grid owns. */
export const OUTSIDE = 6;

interface Place {
  i: number;
  j: number;
  text: string;
}

/** What the incidents of all days are drawn from. */
export interface IncidentSource {
  settings: DemoSettings;
  terrain: Terrain;
  built: BuiltBlock[];
  items: Item[][];
  spots: PlantedSpot[];
  seed: number;
  /** Midnights in Shanghai: the days covered are [start, end). */
  start: number;
  end: number;
}

/** Streams the incidents of the year day by day, in order of time; memory holds one day's times. */
export function* incidentRows(source: IncidentSource): Generator<SourceRow> {
  const { settings, spots, seed } = source;
  const random = new Random(seed, 0x1dc1);
  const near = blocksAround(spots, source.built, source.terrain);
  const classes = new WeightedChoice(settings.classes.map(({ weight }) => weight));
  const hours = new WeightedChoice(settings.rhythm.hours);
  const perDay = incidentsPerDay(source);
  const outsideEvery = Math.floor(settings.size.incidents / OUTSIDE);
  let line = 0;
  for (let day = 0; day < DAYS; day++) {
    const midnight = source.start + day * DAY_MS;
    const date = localDate(midnight).replaceAll('-', '');
    const choice = new WeightedChoice([...dayShares(spots, day)]);
    const seconds = Array.from({ length: perDay[day]! }, () => hours.draw(random) * 3600 + random.int(0, 3599)).sort(
      (a, b) => a - b,
    );
    for (let n = 0; n < seconds.length; n++) {
      line++;
      const spot = choice.draw(random) - 1;
      const group = spot >= 0 && random.chance(0.7) ? spots[spot]!.class : classes.draw(random);
      const outside = line % outsideEvery === outsideEvery >> 1;
      const place = outside
        ? outsidePlace(source, random)
        : spot >= 0
          ? plantedPlace(source, near[spot]!, spots[spot]!, random)
          : anyPlace(source, random);
      const occurred = midnight + seconds[n]! * 1000;
      const properties = {
        id: `SJ${date}-${pad(n + 1, 6)}`,
        ...describe(source, random.pick(source.items[group]!), occurred, random),
        address: place.text,
      };
      yield { line, properties, geometry: { type: 'Point', coordinates: source.terrain.position(place.i, place.j) } };
    }
  }
}

/** Weights of one day's draw: first no plant, then each plant in turn. */
function dayShares(spots: PlantedSpot[], day: number): number[] {
  const shares = spots.map((spot) => shareAt(spot, day / DAYS));
  return [1 - shares.reduce((a, b) => a + b, 0), ...shares];
}

/** Shares the year's incidents out by weekday, season and holidays, with some chance. */
function incidentsPerDay({ settings, seed, start, end }: IncidentSource): number[] {
  const { rhythm } = settings;
  const year = (at: number) => Number(localDate(at).slice(0, 4));
  const holidays = new Map(holidaysOf(settings.holidays, year(start), year(end)).map((h) => [h.date, h.working]));
  const weights = Array.from({ length: DAYS }, (_, day) => {
    const at = start + day * DAY_MS;
    const [weekday, month] = weekdayAndMonth(at);
    const working = holidays.get(localDate(at));
    const base = working === undefined ? rhythm.weekdays[weekday]! : working ? rhythm.weekdays[5]! : rhythm.holiday;
    return base * rhythm.months[month]! * (0.92 + 0.16 * unit(seed, 0xda7, day));
  });
  return apportion(settings.size.incidents, weights);
}

function describe(source: IncidentSource, item: Item, occurred: number, random: Random): Record<string, unknown> {
  const x = random.next();
  return {
    category: item.code,
    occurred_at: timestamp(occurred),
    ...closeCase(item, occurred, source.end, random),
    source: random.pick(source.settings.names.sources),
    department: item.department,
    severity: x < 0.72 ? '一般' : x < 0.94 ? '较大' : x < 0.99 ? '重大' : '特别重大',
  };
}

function anyPlace(source: IncidentSource, random: Random): Place {
  return placeIn(random.pick(source.built), source.seed, random);
}

/** Half of the incidents happen at doors, a third on the street, the rest at crossings (so exactly on borders). */
function placeIn(built: BuiltBlock, seed: number, random: Random): Place {
  const doors = doorCount(built);
  const x = random.next();
  if (x < 0.5 && doors > 0) return doorOf(built, Math.floor(random.next() * doors), seed);
  const { inner } = built.block;
  if (x < 0.85) {
    // A few metres beside the middle of the street south of the block.
    const i = inner.x0 + random.next() * (inner.x1 - inner.x0);
    return { i, j: inner.y0 + 0.1 + 0.25 * random.next(), text: `${built.town}${inner.south.name}${nearby(built)}` };
  }
  const crossing = crossingOf(built.block);
  return { i: crossing.i, j: crossing.j, text: built.town + crossing.name };
}

function nearby(built: BuiltBlock): string {
  return built.stem === built.town ? '路段' : `（${built.stem.slice(built.town.length)}附近）`;
}

/** A place of a plant: in a block around its middle, tried again while it falls beyond the radius. */
function plantedPlace(source: IncidentSource, near: BuiltBlock[], spot: PlantedSpot, random: Random): Place {
  for (let attempt = 0; attempt < 6; attempt++) {
    const place = placeIn(random.pick(near), source.seed, random);
    const [east, north] = source.terrain.metres(place.i, place.j);
    if (within(spot, east, north)) return place;
  }
  return doorOf(random.pick(near), 0, source.seed);
}

/** West of the western ring road, by 2 to 3 % of the place's width. */
function outsidePlace({ settings }: IncidentSource, random: Random): Place {
  const { lattice, addressPrefix } = settings.size;
  return {
    i: -lattice * random.between(0.02, 0.03),
    j: lattice * random.between(0.3, 0.7),
    text: `${addressPrefix}西环路外`,
  };
}
