import type { Queryable } from '../db/db.ts';
import { readInTurns } from '../db/rows.ts';
import { Slices } from '../threads/slices.ts';
import { type Calendar, HoursError } from '../workers/hours.ts';
import { type Assignment, staffedIntervals } from '../workers/roster.ts';
import { calendarAround } from '../workers/workers.ts';
import { type CheckedGrid, faultOf, type GridFault } from './checks.fault.ts';
import type { Staffing, StaffingRule } from './checks.profiles.ts';
import { ROSTER } from './checks.sql.ts';

const DAY = 86_400_000;

type Member = Assignment & { role: string };

interface Roster {
  byGrid: ReadonlyMap<string, Member[]>;
  parentOf: ReadonlyMap<string, string | null>;
  at: Date;
}

/**
 * Faults of the duty roster: grids that nobody serves in the coming days (or, as a notice, at this moment), and grids
 * without those whom the staffing rules ask for. Backups count; those who only serve one category do not staff a grid.
 *
 * @param checked the whole plan, and the grids of it that are checked
 */
export async function checkRoster(
  db: Queryable,
  { net, at, timeZone }: { net: string; at: Date; timeZone: string },
  { plan, grids }: { plan: CheckedGrid[]; grids: CheckedGrid[] },
  staffing: Staffing,
): Promise<GridFault[]> {
  const { level, days } = staffing.staffed;
  const to = new Date(at.getTime() + days * DAY);
  const assignments = await readInTurns<Member>(db, ROSTER, [net, at, to]);
  const calendar = await calendarAround(db, at, timeZone);
  const slices = new Slices();
  const unreadable: Member[] = [];
  const byGrid = new Map<string, Member[]>();
  for (const assignment of assignments) {
    const others = byGrid.get(assignment.grid);
    if (!isReadable(assignment, calendar)) unreadable.push(assignment);
    else if (others) others.push(assignment);
    else byGrid.set(assignment.grid, [assignment]);
    if (slices.isOver) await slices.pause();
  }
  const roster: Roster = { byGrid, parentOf: new Map(plan.map(({ code, parent }) => [code, parent])), at };
  await slices.pause();
  const byCode = new Map(grids.map((grid) => [grid.code, grid]));
  const faults = unreadable.flatMap((member) => unreadableFault(member, byCode));
  for (const grid of grids) {
    if (grid.level === level) faults.push(...staffedFault(grid, roster, to, calendar));
    if (slices.isOver) await slices.pause();
  }
  for (const rule of staffing.rules) {
    for (const grid of grids) {
      const fault = checkRule(grid, roster, rule);
      if (fault) faults.push(fault);
      if (slices.isOver) await slices.pause();
    }
  }
  return faults;
}

function isReadable({ hours }: Member, calendar: Calendar): boolean {
  try {
    calendar.hoursOf(hours);
    return true;
  } catch (error) {
    if (error instanceof HoursError) return false;
    throw error;
  }
}

function unreadableFault({ grid, worker, hours }: Member, byCode: ReadonlyMap<string, CheckedGrid>): GridFault[] {
  const own = byCode.get(grid);
  const message = `has an assignment of worker ${worker} whose hours mean nothing: ${hours}`;
  return own ? [faultOf('hours_unreadable', own, message, { other: worker })] : [];
}

function staffedFault(grid: CheckedGrid, { byGrid, at }: Roster, to: Date, calendar: Calendar): GridFault[] {
  const intervals = staffedIntervals(byGrid.get(grid.code) ?? [], at, to, calendar);
  const hours = (to.getTime() - at.getTime()) / 3_600_000;
  if (intervals.length === 0) {
    return [faultOf('unstaffed_week', grid, `has nobody on duty in the coming ${hours / 24} days`, { value: hours })];
  }
  const first = intervals[0]!;
  if (first.from <= at) return [];
  const message = `has nobody on duty now; the next comes at ${first.from.toISOString()}`;
  const value = (first.from.getTime() - at.getTime()) / 3_600_000;
  return [faultOf('unstaffed_now', grid, message, { severity: 'notice', value })];
}

function checkRule(grid: CheckedGrid, roster: Roster, rule: StaffingRule): GridFault | undefined {
  if (grid.level !== rule.level || grid.kind !== rule.kind) return undefined;
  const workers = new Set<string>();
  for (const code of rule.counting === 'own' ? [grid.code] : chainOf(grid.code, roster)) {
    for (const member of roster.byGrid.get(code) ?? []) {
      const runs = member.validFrom === null || member.validFrom <= roster.at;
      if (runs && (!rule.roles || rule.roles.includes(member.role))) workers.add(member.worker);
    }
  }
  if (workers.size >= rule.least) return undefined;
  const message = `has ${workers.size} of ${rule.least} needed: ${rule.name}`;
  return faultOf(rule.check, grid, message, { value: workers.size });
}

/** A grid and those above it, the grid first. */
function chainOf(code: string, { parentOf }: Roster): string[] {
  const chain: string[] = [];
  for (let at: string | null | undefined = code; at; at = parentOf.get(at)) chain.push(at);
  return chain;
}
