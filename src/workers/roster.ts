import { compareBytes } from '../http.ts';
import type { Calendar } from './calendar.ts';
import { HORIZON_DAYS, type Interval, isOpen, nextChange, openIntervals } from './hours.ts';

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

/** The assignments that count for one question. */
interface Roster {
  groups: readonly Group[];
  calendar: Calendar;
}

/** The first group with anybody on duty, and the strongest assignment of each of its workers, in order. */
interface Shift {
  index: number;
  assignments: readonly Assignment[];
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
  calendar: Calendar,
  category: AskedCategory | null,
): OnDuty[] {
  const groups = chain.flatMap((grid, depth) => groupsOf(assignmentsOf(grid), depth, category));
  const roster = { groups, calendar };
  const shift = shiftAt(roster, at);
  if (!shift) return [];
  const group = groups[shift.index]!;
  const displaced = nextStart(
    groups.slice(0, shift.index).flatMap((earlier) => earlier.assignments),
    at,
    calendar,
  );
  // Spells often end together.
  const successors = new Map<number, Successor | null>();
  const successorAt = (until: Date): Successor | null => {
    const known = successors.get(until.getTime());
    if (known !== undefined) return known;
    const found = firstFrom(roster, until);
    successors.set(until.getTime(), found);
    return found;
  };
  return shift.assignments.map((assignment) => {
    const until = earliest(displaced, spellEnd(group, assignment, at, calendar));
    const next = until && successorAt(until);
    return {
      worker: assignment.worker,
      grid: assignment.grid,
      duty: group.depth === 0 ? assignment.duty : 'escalated',
      assignment: assignment.id,
      until,
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

function groupsOf(assignments: readonly Assignment[], depth: number, category: AskedCategory | null): Group[] {
  const counting = assignments.filter((assignment) => counts(assignment, category));
  return [
    { depth, assignments: counting.filter((assignment) => assignment.duty !== 'backup') },
    { depth, assignments: counting.filter((assignment) => assignment.duty === 'backup') },
  ];
}

function counts(assignment: Assignment, asked: AskedCategory | null): boolean {
  const { category } = assignment;
  return category === null || (asked !== null && (asked.code === category || asked.ancestors.includes(category)));
}

function shiftAt({ groups, calendar }: Roster, at: Date): Shift | null {
  for (const [index, group] of groups.entries()) {
    const present = group.assignments.filter((assignment) => isOnDuty(assignment, at, calendar)).sort(compare);
    if (present.length === 0) continue;
    const workers = new Set<string>();
    const assignments = present.filter(({ worker }) => !workers.has(worker) && workers.add(worker));
    return { index, assignments };
  }
  return null;
}

const DUTY_ORDER: Record<Duty, number> = { lead: 0, member: 1, backup: 2 };

function compare(a: Assignment, b: Assignment): number {
  return (
    DUTY_ORDER[a.duty] - DUTY_ORDER[b.duty] ||
    Number(a.category === null) - Number(b.category === null) ||
    compareBytes(a.worker, b.worker) ||
    compareBytes(a.id, b.id)
  );
}

function isOnDuty({ validFrom, validTo, hours }: Assignment, at: Date, calendar: Calendar): boolean {
  if ((validFrom && at < validFrom) || (validTo && at >= validTo)) return false;
  return isOpen(calendar.hoursOf(hours), at, calendar);
}

/** The end of a spell that a worker's assignments of the same group continue without a gap. */
function spellEnd(group: Group, assignment: Assignment, at: Date, calendar: Calendar): Date | null {
  const own = group.assignments.filter(({ worker }) => worker === assignment.worker);
  const horizon = at.getTime() + HORIZON_DAYS * DAY;
  let end = at;
  let current: Assignment | undefined = assignment;
  while (current) {
    const change = nextChange(calendar.hoursOf(current.hours), end, calendar);
    const ends = earliest(change?.at ?? null, current.validTo);
    if (!ends || ends.getTime() > horizon) return null;
    end = ends;
    current = own.find((other) => isOnDuty(other, ends, calendar));
  }
  return end;
}

/** The first moment from `at` on at which one of the assignments is on duty. */
function nextStart(assignments: readonly Assignment[], at: Date, calendar: Calendar): Date | null {
  const horizon = new Date(at.getTime() + HORIZON_DAYS * DAY);
  let first: Date | null = null;
  for (const { validFrom, validTo, hours } of assignments) {
    const from = validFrom && validFrom > at ? validFrom : at;
    const limit = earliest(first, validTo) ?? horizon;
    if (from >= limit || from > horizon) continue;
    const parsed = calendar.hoursOf(hours);
    const days = Math.ceil((Math.min(limit.getTime(), horizon.getTime()) - from.getTime()) / DAY);
    const start = isOpen(parsed, from, calendar) ? from : nextChange(parsed, from, calendar, days)?.at;
    if (start && start < limit && start <= horizon) first = start;
  }
  return first;
}

/** The first of the list at `at`, or of the next list that is not empty. */
function firstFrom(roster: Roster, at: Date): Successor | null {
  const from = nextStart(
    roster.groups.flatMap((group) => group.assignments),
    at,
    roster.calendar,
  );
  const first = from && shiftAt(roster, from)?.assignments[0];
  return first ? { worker: first.worker, grid: first.grid, duty: first.duty, from } : null;
}

function earliest(a: Date | null, b: Date | null): Date | null {
  return a && (!b || a <= b) ? a : b;
}
