import { z } from 'zod';
import { HttpError } from '../errors.ts';
import { bboxSchema } from '../geo/schema.ts';
import { timeSchema } from '../http.ts';
import { type LayerSpec, layers } from '../import/fields.ts';
import type { Field } from '../import/values.ts';
import { COLLECTIONS, type CollectionId } from './collections.sql.ts';

/** @throws HttpError 404 naming the collections that exist */
export function collectionId(id: string): CollectionId {
  if (Object.hasOwn(COLLECTIONS, id)) return id as CollectionId;
  throw new HttpError(404, `There is no collection ${id}; there are: ${Object.keys(COLLECTIONS).join(', ')}`);
}

/** OGC API Features `datetime`: an instant, or an interval `a/b` with `..` or nothing for an open end. */
const datetimeSchema = z.string().transform((text, ctx): { from: Date | null; to: Date | null } => {
  const ends = text.split('/');
  const parsed = ends.map((end) =>
    ends.length === 2 && (end === '..' || end === '') ? null : timeSchema.safeParse(end),
  );
  const faulty = ends.length > 2 || parsed.some((end) => end !== null && !end.success);
  if (faulty) {
    ctx.addIssue({ code: 'custom', message: 'must be a time, or an interval such as 2026-01-01T00:00:00Z/..' });
    return z.NEVER;
  }
  const [from = null, to = from] = parsed.map((end) => end?.data ?? null);
  return { from, to };
});

/** A value of a column: one of its words where it has a list of them. */
function filterSchema(id: CollectionId, name: string): z.ZodType<string> {
  const { values }: Partial<Field> = (layers[id] as LayerSpec).fields[name] ?? {};
  if (!values) return z.string().min(1);
  return z.enum(values as [string, ...string[]], { error: `must be one of: ${values.join(', ')}` });
}

/** The query of a page of a collection: the common parameters and the collection's own filters. */
export function itemsQuerySchema(id: CollectionId) {
  const own = Object.fromEntries(COLLECTIONS[id].filters.map((name) => [name, filterSchema(id, name).optional()]));
  return z.strictObject({
    limit: z.coerce
      .number()
      .int('must be a whole number')
      .min(1, 'must be at least 1')
      .max(10_000, 'must be at most 10000')
      .default(100),
    after: z.string().optional(),
    bbox: bboxSchema.optional(),
    datetime: datetimeSchema.optional(),
    ...own,
  });
}
