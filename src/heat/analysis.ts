import type { Db } from '../db/db.ts';
import type { GridFault } from '../grids/checks.fault.ts';
import { ownThread } from '../threads/holdings.ts';
import type { Runner } from '../threads/task.ts';
import { createZone, type Zone } from '../workers/zone.ts';
import { type CellSource, cellsBySql } from './cells.ts';
import type { HotspotAnalysis } from './hotspots.ts';
import type { CellHouseholds } from './households.ts';
import { Lru } from './lru.ts';
import type { Disks, StudyArea } from './stats/area.ts';

/** What statistics keep between questions. Every key names the version of what the value was made of. */
export interface AnalysisCache {
  /** About 150 bytes a cell; up to 800,000 cells. */
  areas: Lru<StudyArea>;
  /** 5 bytes an entry; up to 40 million. */
  disks: Lru<Disks>;
  /** About 60 bytes a cell of resolution 10; up to 400,000 cells. */
  households: Lru<CellHouseholds>;
  /** About 250 bytes a cell; up to 400,000 cells. */
  hotspots: Lru<HotspotAnalysis>;
  /** Cameras per owning grid, about 80 bytes a grid; up to 50,000 grids. */
  cameras: Lru<Map<string, number>>;
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

/** @param cells where counts come from; absent: the record by SQL */
export function createAnalysis(
  { db, timeZone, now, threads = ownThread() }: { db: Db; timeZone: string; now(): Date; threads?: Runner },
  cells: CellSource = cellsBySql(db),
): Analysis {
  const cache: AnalysisCache = {
    areas: new Lru(800_000, (area) => area.cells.length),
    disks: new Lru(40_000_000, (disks) => disks.index.length),
    households: new Lru(400_000, ({ fine }) => fine.size),
    hotspots: new Lru(400_000, ({ cells }) => cells.length),
    cameras: new Lru(50_000, (counts) => counts.size),
    checks: new Lru(100_000, (faults) => faults.length + 1),
  };
  return { db, cells, cache, zone: createZone(timeZone), threads, now };
}
