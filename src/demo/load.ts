import { type Db, type Queryable, sql } from '../db/db.ts';
import { type ImportReport, importRows } from '../import/import.ts';
import { type Demo, type DemoOptions, generateDemo } from './demo.ts';

/** The seed of the demo that an empty embedded database gets. */
export const DEFAULT_SEED = 1;

/** Told of a layer's progress: rows done of all. */
export type DemoReporter = (layer: string, done: number, total: number) => void;

const IS_EMPTY = sql`
  select not exists (select from grid) and not exists (select from incident) and not exists (select from address)
    and not exists (select from camera) and not exists (select from worker) as empty,
    (select value from setting where key = 'demo') as mark`;
const IS_DEMO = sql`select exists (select from setting where key = 'demo') as demo`;
const SET_MARK = sql`
  insert into setting (key, value) values ('demo', $1)
  on conflict (key) do update set value = excluded.value where setting.value <> excluded.value`;

/** Whether the record was begun by the demo. */
export async function isDemo(db: Queryable): Promise<boolean> {
  const [row] = await db.query<{ demo: boolean }>(IS_DEMO);
  return row!.demo;
}

/** Midnight in a time zone: the demo's incidents end there, so that one day's demo is always the same. */
export function startOfDay(now: Date, timeZone: string): Date {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
    .formatToParts(now)
    .filter((part) => part.type !== 'literal')
    .map((part) => Number(part.value));
  const [hours, minutes, seconds] = parts;
  const second = Math.floor(now.getTime() / 1000) * 1000;
  return new Date(second - ((hours! * 60 + minutes!) * 60 + seconds!) * 1000);
}

/** What the record says of the demo that it was begun with. */
interface DemoMark {
  size: DemoOptions['size'];
  seed: number;
  until: string;
  /** Every layer has been loaded. */
  complete: boolean;
}

/**
 * Load the demo county into a database that holds nothing yet, or go on where an earlier load was cut off.
 *
 * @returns whether anything was loaded
 */
export async function loadDemoIfEmpty(db: Db, timeZone: string, report?: DemoReporter): Promise<boolean> {
  const [row] = await db.query<{ empty: boolean; mark: string | null }>(IS_EMPTY);
  const mark = row!.mark === null ? undefined : (JSON.parse(row!.mark) as DemoMark);
  if (mark ? mark.complete : !row!.empty) return false;
  const options = mark
    ? { size: mark.size, seed: mark.seed, until: new Date(mark.until) }
    : { size: 'county' as const, seed: DEFAULT_SEED, until: startOfDay(new Date(), timeZone) };
  await loadDemo(db, options, timeZone, report);
  return true;
}

/**
 * Generate a demo city and import it, layer by layer, each in its own transaction. The same demo again changes nothing.
 *
 * @returns a report per layer
 */
export async function loadDemo(
  db: Db,
  options: DemoOptions,
  timeZone: string,
  report: DemoReporter = () => {},
): Promise<ImportReport[]> {
  const demo: Demo = generateDemo(options);
  const mark: DemoMark = {
    size: options.size,
    seed: options.seed,
    until: options.until.toISOString(),
    complete: false,
  };
  await db.query(SET_MARK, [JSON.stringify(mark)]);
  const reports: ImportReport[] = [];
  for (const { layer, count, rows } of demo.layers) {
    const nets = layer === 'grids' ? demo.nets : [];
    const onProgress = (done: number) => {
      if (done < count) report(layer, done, count);
    };
    reports.push(await importRows(db, layer, rows(), { crs: 'wgs84', timeZone, nets, onProgress }));
    report(layer, count, count);
  }
  await db.query(SET_MARK, [JSON.stringify({ ...mark, complete: true })]);
  return reports;
}
