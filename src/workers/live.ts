import { type Queryable, sql } from '../db/db.ts';
import { createCalendar } from './calendar.ts';
import { whoIsOnDuty } from './roster.ts';
import { Timetable } from './timetable.ts';
import { type AssignmentRow, type DutyQuestion, type WorkerOnDuty, workerOnDuty } from './workers.ts';

export interface Worker {
  id: string;
  name: string;
  role: string;
  phone: string | null;
  org: string | null;
}

export type LiveAssignment = Omit<AssignmentRow, 'name' | 'role' | 'phone' | 'org'> & { net: string };

const WORKERS = sql`select id, name, role, phone, org from worker`;
const WORKERS_OF_IDS = sql`${WORKERS} where id = any($1::text[])`;
const ASSIGNMENTS = sql`
  select id::text as id, worker, net, grid, duty, category, valid_from as "validFrom", valid_to as "validTo", hours
  from assignment`;
const ASSIGNMENTS_OF_IDS = sql`${ASSIGNMENTS} where id = any($1::bigint[])`;
const HOLIDAYS = sql`select date, working from holiday`;

const BATCH = 5_000;
const MINUTE = 60_000;
const BYTES_PER_WORKER = 400;
const BYTES_PER_ASSIGNMENT = 500;

/** Rows of the roster as read again; undefined: unchanged. */
export interface RosterRows {
  workers?: { ids: readonly string[]; rows: Worker[] };
  assignments?: { ids: readonly string[]; rows: LiveAssignment[] };
  holidays?: Map<string, { working: boolean }>;
}

/** All rows of the roster. */
export interface RosterSnapshot {
  workers: readonly Worker[];
  assignments: readonly LiveAssignment[];
  holidays: Map<string, { working: boolean }>;
}

/** Workers, assignments and holidays in memory: about 400 bytes a worker, 500 an assignment. */
export class RosterLayer {
  readonly #timeZone: string;
  readonly #workers: Map<string, Worker>;
  readonly #assignments = new Map<string, LiveAssignment>();
  /** By net, then by the code of the grid. */
  readonly #byGrid = new Map<string, Map<string, LiveAssignment[]>>();
  #holidays: Map<string, { working: boolean }>;
  #timetable: Timetable;
  #version = 0;

  private constructor(timeZone: string, workers: readonly Worker[], holidays: Map<string, { working: boolean }>) {
    this.#timeZone = timeZone;
    this.#holidays = holidays;
    this.#workers = new Map(workers.map((worker) => [worker.id, worker]));
    this.#timetable = new Timetable(createCalendar(timeZone, holidays));
  }

  /** Read everything. Needs a transaction. */
  static async load(tx: Queryable, timeZone: string): Promise<RosterLayer> {
    const layer = new RosterLayer(timeZone, await tx.query<Worker>(WORKERS), await readHolidays(tx));
    for await (const rows of tx.cursor<LiveAssignment>(ASSIGNMENTS, [], BATCH)) {
      for (const row of rows) layer.#link(row);
    }
    return layer;
  }

  /** A layer of rows that have been read. */
  static of(timeZone: string, { workers, assignments, holidays }: RosterSnapshot): RosterLayer {
    const layer = new RosterLayer(timeZone, workers, holidays);
    for (const assignment of assignments) layer.#link(assignment);
    return layer;
  }

  /** The rows as they are now; they do not change any more. */
  snapshot(): RosterSnapshot {
    return {
      workers: [...this.#workers.values()],
      assignments: [...this.#assignments.values()],
      holidays: this.#holidays,
    };
  }

  get timeZone(): string {
    return this.#timeZone;
  }

  /** Some rows as they are now. Needs a transaction. */
  static async read(
    tx: Queryable,
    changed: { workers: readonly string[]; assignments: readonly string[]; holidays: boolean },
  ): Promise<RosterRows> {
    const { workers, assignments, holidays } = changed;
    const found: RosterRows = {};
    if (workers.length > 0) found.workers = { ids: workers, rows: await tx.query<Worker>(WORKERS_OF_IDS, [workers]) };
    if (assignments.length > 0) {
      const rows = await tx.query<LiveAssignment>(ASSIGNMENTS_OF_IDS, [assignments]);
      found.assignments = { ids: assignments, rows };
    }
    if (holidays) found.holidays = await readHolidays(tx);
    return found;
  }

  /** Raised with every change. */
  get version(): number {
    return this.#version;
  }

  get count(): number {
    return this.#assignments.size;
  }

  get bytes(): number {
    return this.#workers.size * BYTES_PER_WORKER + this.#assignments.size * BYTES_PER_ASSIGNMENT;
  }

  /** Put what `read` found in the place of what was there. */
  replace({ workers, assignments, holidays }: RosterRows): void {
    this.#version += 1;
    for (const id of workers?.ids ?? []) this.#workers.delete(id);
    for (const worker of workers?.rows ?? []) this.#workers.set(worker.id, worker);
    for (const id of assignments?.ids ?? []) this.#unlink(id);
    for (const assignment of assignments?.rows ?? []) this.#link(assignment);
    if (holidays) {
      this.#holidays = holidays;
      this.#timetable = new Timetable(createCalendar(this.#timeZone, holidays));
    }
  }

  /** Who is on duty for a chain of grids; see `workersOnDuty`. */
  onDuty(
    { net, chain, at, withPhone }: DutyQuestion,
    category: { code: string; ancestors: string[] } | null,
  ): WorkerOnDuty[] {
    const byGrid = this.#byGrid.get(net);
    if (!byGrid) return [];
    const meant = (grid: string) => (byGrid.get(grid) ?? []).filter(({ hours }) => this.#timetable.has(hours));
    const personOf = (id: string) => this.#workers.get(id)!;
    const list = whoIsOnDuty(chain, meant, at, this.#timetable, category);
    return list.map((duty) => workerOnDuty(duty, personOf, withPhone));
  }

  /** Those grids of a chain that anybody is or was assigned to: all that its duty depends on. */
  staffedOf(net: string, chain: readonly string[]): string[] {
    const byGrid = this.#byGrid.get(net);
    return byGrid ? chain.filter((grid) => byGrid.has(grid)) : [];
  }

  /** Whether the duty of a chain changes at whole minutes only: hours do, periods may not. */
  isOfWholeMinutes(net: string, chain: readonly string[]): boolean {
    return chain.every((grid) =>
      this.#assignedTo(net, grid).every(({ validFrom, validTo }) => isWholeMinute(validFrom) && isWholeMinute(validTo)),
    );
  }

  /** Whether a chain has anybody assigned at a moment or later. */
  isStaffed(net: string, chain: readonly string[], at: Date): boolean {
    return chain.some((grid) => this.#assignedTo(net, grid).some(({ validTo }) => !validTo || validTo > at));
  }

  #assignedTo(net: string, grid: string): readonly LiveAssignment[] {
    return this.#byGrid.get(net)?.get(grid) ?? [];
  }

  #link(assignment: LiveAssignment): void {
    this.#assignments.set(assignment.id, assignment);
    const { net, grid } = assignment;
    let byGrid = this.#byGrid.get(net);
    if (!byGrid) {
      byGrid = new Map();
      this.#byGrid.set(net, byGrid);
    }
    const others = byGrid.get(grid);
    if (others) others.push(assignment);
    else byGrid.set(grid, [assignment]);
  }

  #unlink(id: string): void {
    const assignment = this.#assignments.get(id);
    if (!assignment) return;
    this.#assignments.delete(id);
    const byGrid = this.#byGrid.get(assignment.net)!;
    const others = byGrid.get(assignment.grid)!.filter((other) => other !== assignment);
    if (others.length > 0) byGrid.set(assignment.grid, others);
    else byGrid.delete(assignment.grid);
  }
}

function isWholeMinute(moment: Date | null): boolean {
  return moment === null || moment.getTime() % MINUTE === 0;
}

async function readHolidays(tx: Queryable): Promise<Map<string, { working: boolean }>> {
  const rows = await tx.query<{ date: string; working: boolean }>(HOLIDAYS);
  return new Map(rows.map(({ date, working }) => [date, { working }]));
}
