import { HttpError } from '../errors.ts';
import type { Zone } from '../workers/zone.ts';

export const STEPS = ['hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
export type Step = (typeof STEPS)[number];

/** A step of a calendar, or what a period leaves of it: [from, to). */
export interface StepPeriod {
  from: Date;
  to: Date;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
/** 1969-12-29 was a Monday. */
const FIRST_MONDAY = -3 * DAY;
const MONTHS: Partial<Record<Step, number>> = { month: 1, quarter: 3, year: 12 };

/** The start of the step that a wall time lies in; weeks begin on Monday (ISO 8601). */
function startOfStep(wall: number, step: Step): number {
  const months = MONTHS[step];
  if (months !== undefined) {
    const date = new Date(wall);
    return Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / months) * months, 1);
  }
  if (step === 'week') return Math.floor((wall - FIRST_MONDAY) / WEEK) * WEEK + FIRST_MONDAY;
  const length = step === 'hour' ? HOUR : DAY;
  return Math.floor(wall / length) * length;
}

function nextStart(start: number, step: Step): number {
  const months = MONTHS[step];
  if (months === undefined) return start + (step === 'week' ? WEEK : step === 'day' ? DAY : HOUR);
  const date = new Date(start);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
}

/**
 * The starts of the steps that a period touches, and the end of the last. An hour that the clock repeats belongs to the
 * step in which it came first.
 *
 * @throws HttpError 400 when they are more than `limit`
 */
function edgesOf({ from, to }: StepPeriod, step: Step, zone: Zone, limit: number): Date[] {
  const edges: Date[] = [];
  let wall = startOfStep(zone.wallTime(from.getTime()), step);
  for (;;) {
    const edge = new Date(zone.instantOf(wall));
    // A step that the clock skips has no length.
    if (edges.at(-1)?.getTime() !== edge.getTime()) edges.push(edge);
    if (edge >= to) return edges;
    if (edges.length > limit) {
      throw new HttpError(400, `The period has more than ${limit} steps: choose a longer step or a shorter period`, [
        { path: 'step', message: `makes more than ${limit} steps` },
      ]);
    }
    wall = nextStart(wall, step);
  }
}

/** All steps that a period touches, the first and the last cut to it: every moment of the period is in one of them. */
export function stepsTouching(period: StepPeriod, step: Step, zone: Zone, limit: number): StepPeriod[] {
  const edges = edgesOf(period, step, zone, limit);
  return edges.slice(1).map((end, i) => ({
    from: new Date(Math.max(edges[i]!.getTime(), period.from.getTime())),
    to: new Date(Math.min(end.getTime(), period.to.getTime())),
  }));
}

/** The steps that lie in a period as a whole. */
export function stepsWithin(period: StepPeriod, step: Step, zone: Zone, limit: number): StepPeriod[] {
  const edges = edgesOf(period, step, zone, limit);
  return edges
    .slice(1)
    .map((end, i) => ({ from: edges[i]!, to: end }))
    .filter(({ from, to }) => from >= period.from && to <= period.to);
}

/** The edges of steps that follow each other, for counting by `width_bucket`. */
export function edgesOfSteps(steps: readonly StepPeriod[]): Date[] {
  return steps.length === 0 ? [] : [...steps.map(({ from }) => from), steps.at(-1)!.to];
}

/** The end of the step that a moment lies in. */
export function endOfStep(at: Date, step: Step, zone: Zone): Date {
  return new Date(zone.instantOf(nextStart(startOfStep(zone.wallTime(at.getTime()), step), step)));
}
