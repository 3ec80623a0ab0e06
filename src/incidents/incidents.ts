import type { Queryable } from '../db/db.ts';
import { HttpError } from '../errors.ts';
import { requireGrid } from '../grids/grids.ts';
import type { Period } from './incidents.schema.ts';
import { EXPAND_CATEGORIES } from './incidents.sql.ts';

/** Which incidents a question is about, with every name resolved to what the record holds. */
export interface IncidentFilter {
  period: Period;
  /** Codes, with all below them; null: every category. */
  categories: string[] | null;
  statuses: string[] | null;
  lights: string[] | null;
  /** A grid and its net: incidents whose owner is that grid or below. */
  under: string | null;
  net: string;
  /** The moment of lights and of the plan: the start of the current minute. */
  at: Date;
}

export interface IncidentQuery {
  category?: string[] | undefined;
  status?: string[] | undefined;
  light?: string[] | undefined;
  under?: string | undefined;
  net: string;
}

/**
 * Resolve the names of a question.
 *
 * @throws HttpError 400 for a category or grid that does not exist
 */
export async function resolveFilter(
  db: Queryable,
  query: IncidentQuery,
  period: Period,
  now: Date,
): Promise<IncidentFilter> {
  const at = startOfMinute(now);
  if (query.under !== undefined) await requireGrid(db, query.net, query.under, at);
  return {
    period,
    categories: query.category ? await expandCategories(db, query.category) : null,
    statuses: query.status ?? null,
    lights: query.light ?? null,
    under: query.under ?? null,
    net: query.net,
    at,
  };
}

/** The values of `WHERE_INCIDENT`, in the order of its parameters. */
export function filterValues(filter: IncidentFilter): unknown[] {
  const { period, categories, statuses, lights, under, net, at } = filter;
  return [period.from, period.to, categories, statuses, lights, at, under, net];
}

async function expandCategories(db: Queryable, codes: string[]): Promise<string[]> {
  const rows = await db.query<{ asked: string; code: string }>(EXPAND_CATEGORIES, [codes]);
  const missing = codes.find((code) => !rows.some((row) => row.asked === code));
  if (missing !== undefined) {
    throw new HttpError(400, `There is no category ${missing}: see GET /collections/categories/items`, [
      { path: 'category', message: `${missing} does not exist` },
    ]);
  }
  return [...new Set(rows.map((row) => row.code))];
}

function startOfMinute(now: Date): Date {
  return new Date(Math.floor(now.getTime() / 60_000) * 60_000);
}
