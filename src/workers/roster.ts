import { compareText } from '../live/order.ts';
import type { Calendar } from './calendar.ts';
import { HORIZON_DAYS, type Interval, openIntervals } from './hours.ts';
import type { Timetable } from './timetable.ts';

const DAY = 86_400_000;

export type Duty = 'lead' | 'member' | 'backup';

/** A worker serves a grid: in the period [validFrom, validTo), null unbounded, and there in weekly hours, null always. */
export interface Assignment {
  id: string;
  worker: string;
  grid: string;
  duty: Duty;
  /** Only for incidents of this category and those below it. */
  category: string | null;
  validFrom: Date | null;
  validTo: Date | null;
  /** See `parseHours`. */
  hours: string | null;
}

/** The category asked for and the categories above it. */
export interface AskedCategory {
  code: string;
  ancestors: readonly string[];
}

/** Who takes over, where and from when. */
export interface Successor {
  worker: string;
  grid: string;
  duty: Duty;
  from: Date;
}

/** One line of the duty list. */
export interface OnDuty {
  worker: string;
  grid: string;
  /** `escalated`: nobody is on duty in the deepest grid, this one is in a grid above it. */
  duty: Duty | 'escalated';
  assignment: string;
  /** When the worker's spell ends or an earlier group comes on duty; null: not within `HORIZON_DAYS`. */
  until: Date | null;
  /** First of the list at `until`, or of the next list that is not empty; null: nobody, or the same worker again. */
  next: Successor | null;
}

/** Those who stand in for each other: leads and members of a grid, or its backups. Earlier groups go before later ones. */
interface Group {
  depth: number;
  assignments: readonly Assignment[];
}

/** The assignments that count for one question; groups without any are left out. */
interface Roster {
  groups: readonly Group[];
  timetable: Timetable;
}

/**
 * Who is on duty at an instant for a chain of grids.
 *
 * The list is that of the first of these groups in which anybody is on duty: leads and members of the deepest grid, its
 * backups, leads and members of the grid above, its backups, and so on. An assignment for a category counts only when
 * that category or one below it is asked for. Each worker is listed once, in the order lead, member, backup; then
 * assignments for a category first; then worker, then assignment in byte order.
 *
 * A spell goes on over midnight and over assignments of the same worker in the same group that meet. A backup or an
 * escalated worker is on duty until somebody of an earlier group is.
 *
 * @param chain grid codes, deepest first
 * @returns empty when nobody is on duty in the whole chain
 * @throws HoursError when the hours of an assignment are not of the subset
 */
export function whoIsOnDuty(
  chain: readonly string[],
  assignmentsOf: (grid: string) => readonly Assignment[],
  at: Date,
  timetable: Timetable,
  category: AskedCategory | null,
): OnDuty[] {
  const roster = { groups: groupsOf(chain, assignmentsOf, category), timetable };
  const moment = at.getTime();
  const group = groupAt(roster, moment);
  if (!group) return [];
  const earlier = roster.groups.slice(0, roster.groups.indexOf(group));
  const displaced = nextStart({ groups: earlier, timetable }, moment);
  // Spells often end together.
  const successors = new Map<number, Successor | null>();
  const successorAt = (until: number): Successor | null => {
    const known = successors.get(until);
    if (known !== undefined) return known;
    const found = firstFrom(roster, until);
    successors.set(until, found);
    return found;
  };
  return strongest(presentIn(group, moment, timetable)).map((assignment) => {
    const until = Math.min(displaced, spellEnd(group, assignment, moment, timetable));
    const next = until === Infinity ? null : successorAt(until);
    return {
      worker: assignment.worker,
      grid: assignment.grid,
      duty: group.depth === 0 ? assignment.duty : 'escalated',
      assignment: assignment.id,
      until: until === Infinity ? null : new Date(until),
      next: next?.worker === assignment.worker ? null : next,
    };
  });
}

/**
 * The periods between two instants in which at least one of the assignments is on duty, backups included: ascending,
 * merged, cut at both ends. Assignments for a category count as in `whoIsOnDuty`.
 */
export function staffedIntervals(
  assignments: readonly Assignment[],
  from: Date,
  to: Date,
  calendar: Calendar,
  category: AskedCategory | null = null,
): Interval[] {
  const intervals = assignments
    .filter((assignment) => counts(assignment, category))
    .flatMap(({ hours, validFrom, validTo }) => {
      const start = validFrom && validFrom > from ? validFrom : from;
      const end = validTo && validTo < to ? validTo : to;
      return openIntervals(calendar.hoursOf(hours), start, end, calendar);
    })
    .sort((a, b) => a.from.getTime() - b.from.getTime());
  const merged: Interval[] = [];
  for (const interval of intervals) {
    const last = merged.at(-1);
    if (!last || interval.from > last.to) merged.push({ ...interval });
    else if (interval.to > last.to) last.to = interval.to;
  }
  return merged;
}

function groupsOf(
  chain: readonly string[],
  assignmentsOf: (grid: string) => readonly Assignment[],
  category: AskedCategory | null,
): Group[] {
  const groups: Group[] = [];
  for (const [depth, grid] of chain.entries()) {
    const regulars: Assignment[] = [];
    const backups: Assignment[] = [];
    for (const assignment of assignmentsOf(grid)) {
      if (counts(assignment, category)) (assignment.duty === 'backup' ? backups : regulars).push(assignment);
    }
    if (regulars.length > 0) groups.push({ depth, assignments: regulars });
    if (backups.length > 0) groups.push({ depth, assignments: backups });
  }
  return groups;
}

function counts(assignment: Assignment, asked: AskedCategory | null): boolean {
  const { category } = assignment;
  return category === null || (asked !== null && (asked.code === category || asked.ancestors.includes(category)));
}

/** The first group with anybody on duty. */
function groupAt({ groups, timetable }: Roster, at: number): Group | undefined {
  return groups.find((group) => group.assignments.some((assignment) => isOnDuty(assignment, at, timetable)));
}

function presentIn(group: Group, at: number, timetable: Timetable): Assignment[] {
  return group.assignments.filter((assignment) => isOnDuty(assignment, at, timetable));
}

/** The strongest assignment of each worker, in order. */
function strongest(present: Assignment[]): Assignment[] {
  const workers = new Set<string>();
  return present.sort(compare).filter(({ worker }) => !workers.has(worker) && workers.add(worker));
}

const DUTY_ORDER: Record<Duty, number> = { lead: 0, member: 1, backup: 2 };

function compare(a: Assignment, b: Assignment): number {
  return (
    DUTY_ORDER[a.duty] - DUTY_ORDER[b.duty] ||
    Number(a.category === null) - Number(b.category === null) ||
    compareText(a.worker, b.worker) ||
    compareText(a.id, b.id)
  );
}

function isOnDuty({ validFrom, validTo, hours }: Assignment, at: number, timetable: Timetable): boolean {
  if ((validFrom && at < validFrom.getTime()) || (validTo && at >= validTo.getTime())) return false;
  return timetable.at(hours, at).open;
}

/** The end of a spell that a worker's assignments of the same group continue without a gap; infinite: not in sight. */
function spellEnd(group: Group, assignment: Assignment, at: number, timetable: Timetable): number {
  const horizon = at + HORIZON_DAYS * DAY;
  let end = at;
  let current: Assignment | undefined = assignment;
  while (current) {
    const ends: number = Math.min(timetable.at(current.hours, end).to, endOf(current));
    if (ends > horizon) return Infinity;
    end = ends;
    current = group.assignments.find((other) => other.worker === assignment.worker && isOnDuty(other, ends, timetable));
  }
  return end;
}

/** The first moment from `at` on at which one of the assignments is on duty; infinite: not in sight. */
function nextStart({ groups, timetable }: Roster, at: number): number {
  const horizon = at + HORIZON_DAYS * DAY;
  let first = Infinity;
  for (const { assignments } of groups) {
    for (const assignment of assignments) {
      const { validFrom, validTo, hours } = assignment;
      const from = validFrom ? Math.max(validFrom.getTime(), at) : at;
      const limit = validTo || first < Infinity ? Math.min(first, endOf(assignment)) : horizon;
      if (from >= limit || from > horizon) continue;
      const spell = timetable.at(hours, from);
      const start = spell.open ? from : spell.to;
      if (start < limit && start <= horizon) first = start;
    }
  }
  return first;
}

function endOf({ validTo }: Assignment): number {
  return validTo ? validTo.getTime() : Infinity;
}

/** The first of the list at `at`, or of the next list that is not empty. */
function firstFrom(roster: Roster, at: number): Successor | null {
  const from = nextStart(roster, at);
  if (from === Infinity) return null;
  const group = groupAt(roster, from)!;
  const first = presentIn(group, from, roster.timetable).sort(compare)[0]!;
  return { worker: first.worker, grid: first.grid, duty: first.duty, from: new Date(from) };
}
