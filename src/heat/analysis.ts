import type { ServerResponse } from 'node:http';
import type { Db } from '../db/db.ts';
import type { GridFault } from '../grids/checks.fault.ts';
import type { CheckAnswer } from '../grids/checks.ts';
import { ownThread } from '../threads/holdings.ts';
import type { Runner } from '../threads/task.ts';
import { createZone, type Zone } from '../workers/zone.ts';
import { type CellSource, cellsBySql } from './cells.ts';
import type { HotspotAnalysis } from './hotspots.ts';
import type { CellHouseholds } from './households.ts';
import { Lru } from './lru.ts';
import type { Disks } from './stats/area.ts';
import type { IndexedArea } from './study.ts';

/** What statistics keep between questions. Every key names the version of what the value was made of. */
export interface AnalysisCache {
  /** About 100 bytes a cell with its index; up to 800,000 cells. */
  areas: Lru<IndexedArea>;
  /** 5 bytes an entry; up to 40 million. */
  disks: Lru<Disks>;
  /** About 60 bytes a cell of resolution 10; up to 400,000 cells. */
  households: Lru<CellHouseholds>;
  /** About 60 bytes a cell; up to 1,000,000 cells. */
  hotspots: Lru<HotspotAnalysis>;
  /** Cameras per owning grid, about 80 bytes a grid; up to 50,000 grids. */
  cameras: Lru<Map<string, number>>;
  /** Answers of checks: as the faults below, together up to 100,000. */
  checkAnswers: Lru<CheckAnswer>;
  /** Faults of plans, about 500 bytes each and what their outlines take; up to 100,000. */
  checks: Lru<readonly GridFault[]>;
}

/** What the statistics need of the running service. */
export interface Analysis {
  db: Db;
  cells: CellSource;
  cache: AnalysisCache;
  zone: Zone;
  /** Where long computations go. */
  threads: Runner;
  now(): Date;
}

/** What an answer is made from: it may say in a header where that was found. */
export type ForAnswer<T> = (res: ServerResponse) => T;

/** @param cells where counts come from; absent: the record by SQL */
export function createAnalysis(
  { db, timeZone, now, threads = ownThread() }: { db: Db; timeZone: string; now(): Date; threads?: Runner },
  cells: CellSource = cellsBySql(db),
): Analysis {
  const cache: AnalysisCache = {
    areas: new Lru(800_000, ({ area }) => area.keys.length),
    disks: new Lru(40_000_000, (disks) => disks.index.length),
    households: new Lru(400_000, ({ fine }) => fine.size),
    hotspots: new Lru(1_000_000, ({ area }) => area.area.keys.length),
    cameras: new Lru(50_000, (counts) => counts.size),
    checkAnswers: new Lru(100_000, ({ faults }) => faults.length + 1),
    checks: new Lru(100_000, (faults) => faults.length + 1),
  };
  return { db, cells, cache, zone: createZone(timeZone), threads, now };
}
