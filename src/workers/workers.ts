import type { Queryable } from '../db/db.ts';
import { groupBy } from '../db/rows.ts';
import { HttpError } from '../errors.ts';
import { type Calendar, createCalendar } from './hours.ts';
import { type AskedCategory, type Assignment, type OnDuty, whoIsOnDuty } from './roster.ts';
import { Timetable } from './timetable.ts';
import { ASSIGNMENTS, CATEGORY_CHAIN, HOLIDAYS } from './workers.sql.ts';

/** A worker who answers for a place at a moment. */
export interface WorkerOnDuty {
  id: string;
  name: string;
  role: string;
  duty: 'lead' | 'member' | 'backup' | 'escalated';
  /** The grid that the worker serves; when escalated, one above the place's own. */
  grid: string;
  org: string | null;
  /** Only for those who may see it. */
  phone?: string | null;
  until: Date | null;
  next: { id: string; name: string; role: string; grid: string; duty: string; from: Date } | null;
}

/** An assignment with its worker. */
export type AssignmentRow = Assignment & { name: string; role: string; phone: string | null; org: string | null };

export interface DutyQuestion {
  net: string;
  /** Codes of the place's grid and its ancestors, deepest first. */
  chain: string[];
  at: Date;
  /** Code of a category: specialists for it count too. */
  category?: string | undefined;
  timeZone: string;
  withPhone: boolean;
}

/**
 * Who is on duty for a chain of grids at a moment: leads and members of the deepest grid, else its backups, else the
 * first grid above that has anybody (`escalated`).
 *
 * @throws HttpError 400 for a category that does not exist
 */
export async function workersOnDuty(db: Queryable, question: DutyQuestion): Promise<WorkerOnDuty[]> {
  const { net, chain, at, timeZone } = question;
  const rows = await db.query<AssignmentRow>(ASSIGNMENTS, [net, chain, at], { prepare: true });
  if (rows.length === 0) return [];
  const category = question.category === undefined ? null : await categoryChain(db, question.category);
  return dutyOf(rows, category, await calendarAround(db, at, timeZone), question);
}

/** Who is on duty, of the assignments of a chain of grids, each with its worker. */
function dutyOf(
  rows: readonly AssignmentRow[],
  category: AskedCategory | null,
  calendar: Calendar,
  { chain, at, withPhone }: DutyQuestion,
): WorkerOnDuty[] {
  const timetable = new Timetable(calendar);
  // Hours that passed the check of the database but mean nothing, such as 30 February, put nobody on duty.
  const meant = rows.filter(({ hours }) => timetable.has(hours));
  const byGrid = groupBy(meant, (row) => row.grid);
  const people = new Map(rows.map((row) => [row.worker, row]));
  const list = whoIsOnDuty(chain, (grid) => byGrid.get(grid) ?? [], at, timetable, category);
  return list.map((duty) => workerOnDuty(duty, (id) => people.get(id)!, withPhone));
}

/** What is told of a worker. */
export type Person = Pick<AssignmentRow, 'name' | 'role' | 'phone' | 'org'>;

/** A line of a duty list with what is told of its workers. */
export function workerOnDuty(
  { worker, duty, grid, until, next }: OnDuty,
  personOf: (worker: string) => Person,
  withPhone: boolean,
): WorkerOnDuty {
  const { name, role, org, phone } = personOf(worker);
  const successor = next && personOf(next.worker);
  return {
    id: worker,
    name,
    role,
    duty,
    grid,
    org,
    ...(withPhone && { phone }),
    until,
    next: successor && {
      id: next.worker,
      name: successor.name,
      role: successor.role,
      grid: next.grid,
      duty: next.duty,
      from: next.from,
    },
  };
}

/** The calendar of duty hours around a moment: the zone, public holidays and make-up working days. */
export async function calendarAround(db: Queryable, at: Date, timeZone: string): Promise<Calendar> {
  const days = await db.query<{ date: string; working: boolean }>(HOLIDAYS, [at], { prepare: true });
  return createCalendar(timeZone, new Map(days.map(({ date, working }) => [date, { working }])));
}

async function categoryChain(db: Queryable, code: string): Promise<{ code: string; ancestors: string[] }> {
  const [self, ...above] = await db.query<{ code: string }>(CATEGORY_CHAIN, [code], { prepare: true });
  if (!self) {
    throw new HttpError(400, `There is no category ${code}: see GET /collections/categories/items`, [
      { path: 'category', message: `${code} does not exist` },
    ]);
  }
  return { code, ancestors: above.map((row) => row.code) };
}
