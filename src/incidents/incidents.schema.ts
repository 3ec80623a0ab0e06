import { z } from 'zod';
import { HttpError } from '../errors.ts';
import { listSchema, timeSchema, wordsSchema } from '../http.ts';

export const STATUSES = ['reported', 'triaged', 'handling', 'supervised', 'closed', 'revisited', 'void'] as const;
export const LIGHTS = ['green', 'yellow', 'red', 'none'] as const;

const HOUR = 3_600_000;
const DURATION = /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?)?$/;

/** An ISO 8601 duration down to hours. */
export const durationSchema = z
  .string()
  .regex(DURATION, 'must be an ISO 8601 duration in whole hours or more, such as P30D or PT12H');

/** The parameters that choose incidents, shared by tiles, heat and statistics. */
export const incidentFilterShape = {
  from: timeSchema.optional(),
  to: timeSchema.optional(),
  last: durationSchema.optional(),
  category: listSchema.optional(),
  status: wordsSchema(STATUSES).optional(),
  light: wordsSchema(LIGHTS).optional(),
  net: z.string().min(1).default('base'),
  under: z.string().min(1).optional(),
};

/** `from ≤ occurred_at < to`; null is unbounded. */
export interface Period {
  from: Date | null;
  to: Date | null;
}

/**
 * The period that a question means. Without any parameter it is that of `last=P30D`; `last` counts back from the start
 * of the current hour and has no upper end.
 *
 * @throws HttpError 400 when the parameters contradict each other
 */
export function periodOf(
  query: { from?: Date | undefined; to?: Date | undefined; last?: string | undefined },
  now: Date,
): Period {
  const { from, to, last } = query;
  if (last !== undefined && (from || to)) {
    throw new HttpError(400, 'last cannot go with from or to: give either', [
      { path: 'last', message: 'goes without from and to' },
    ]);
  }
  if (from && to && from >= to) {
    throw new HttpError(400, 'from must lie before to', [{ path: 'to', message: 'must lie after from' }]);
  }
  if (from || to) return { from: from ?? null, to: to ?? null };
  return { from: before(startOfHour(now), last ?? 'P30D'), to: null };
}

/** Start of the hour; the zones that the service is for differ from UTC by whole hours. */
export function startOfHour(at: Date): Date {
  return new Date(Math.floor(at.getTime() / HOUR) * HOUR);
}

function before(at: Date, duration: string): Date {
  const [, years, months, weeks, days, hours] = DURATION.exec(duration)!.map((part) => Number(part ?? 0));
  const date = new Date(at);
  date.setUTCFullYear(date.getUTCFullYear() - years!, date.getUTCMonth() - months!, date.getUTCDate());
  const result = new Date(date.getTime() - ((weeks! * 7 + days!) * 24 + hours!) * HOUR);
  if (Number.isNaN(result.getTime()) || result.getUTCFullYear() < 1) {
    throw new HttpError(400, 'last reaches too far back', [{ path: 'last', message: 'reaches too far back' }]);
  }
  return result;
}
