import { z } from 'zod';
import { badInput } from '../errors.ts';
import { latSchema, lonSchema } from '../geo/schema.ts';
import { timeSchema } from '../http.ts';

/** Most grids that one change makes or closes. */
export const MAX_PARTS = 100;

const codeSchema = z
  .string({ error: 'must be text' })
  .refine(
    (text) => text === text.trim() && Buffer.byteLength(text) <= 64 && /^[^\p{Cc}]+$/u.test(text),
    'must be 1 to 64 bytes without control characters and without spaces at its ends',
  );
const countSchema = z.int({ error: 'must be a whole number' }).min(0, 'must be at least 0').max(2_147_483_647);
const ringSchema = z
  .array(z.tuple([lonSchema, latSchema], { error: 'must be [longitude, latitude]' }), {
    error: 'must be a list of positions',
  })
  .min(4, 'must have at least 4 positions, the last as the first');

/** A GeoJSON area in WGS 84. */
export const areaSchema = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('Polygon'), coordinates: z.array(ringSchema).min(1) }),
    z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(ringSchema).min(1)).min(1) }),
  ],
  { error: 'must be a GeoJSON Polygon or MultiPolygon' },
);

const newGrid = {
  code: codeSchema,
  name: z.string().trim().min(1, 'must not be empty').optional(),
  kind: z.enum(['base', 'dedicated'], { error: 'must be base or dedicated' }).optional(),
  households: countSchema.optional(),
  population: countSchema.optional(),
};

/** `POST /grids/{code}/split` */
export const splitSchema = z
  .strictObject({
    parts: z
      .array(z.strictObject({ ...newGrid, geometry: areaSchema }), { error: 'must be a list of grids' })
      .min(2, 'must be at least 2')
      .max(MAX_PARTS, `must be at most ${MAX_PARTS}`),
    /** The part that takes over the assignments; without it they are listed as open. */
    carry: codeSchema.optional(),
    at: timeSchema.optional(),
  })
  .superRefine(({ parts, carry }, context) => {
    const codes = parts.map(({ code }) => code);
    codes.forEach((code, i) => {
      const isAgain = codes.indexOf(code) < i;
      if (isAgain) context.addIssue({ code: 'custom', path: ['parts', i, 'code'], message: 'is given twice' });
    });
    if (carry !== undefined && !codes.includes(carry)) {
      context.addIssue({ code: 'custom', path: ['carry'], message: `must be out of: ${codes.join(', ')}` });
    }
  });
export type Split = z.infer<typeof splitSchema>;

/** `POST /grids/merge` */
export const mergeSchema = z.strictObject({
  codes: z
    .array(codeSchema, { error: 'must be a list of codes' })
    .min(2, 'must be at least 2')
    .max(MAX_PARTS, `must be at most ${MAX_PARTS}`)
    .refine((codes) => new Set(codes).size === codes.length, 'must be different from each other'),
  into: z.strictObject(newGrid, { error: 'must be a grid with a code' }),
  at: timeSchema.optional(),
});
export type Merge = z.infer<typeof mergeSchema>;

/** The query of both. */
export const planQuerySchema = z.strictObject({ net: z.string().min(1).default('base') });

const assignmentSchema = z.object({
  id: z.string(),
  worker: z.string(),
  grid: z.string(),
  duty: z.string(),
  category: z.string().nullable(),
  hours: z.string().nullable(),
});

/** What a change of the plan did. */
export const planChangeSchema = z.object({
  net: z.string(),
  at: z.date(),
  closed: z.array(z.string()),
  grids: z.array(
    z.object({
      code: z.string(),
      name: z.string(),
      level: z.string(),
      parent: z.string().nullable(),
      kind: z.string(),
      households: z.number().nullable(),
      population: z.number().nullable(),
      area_m2: z.number(),
    }),
  ),
  children: z.array(z.object({ code: z.string(), from: z.string(), to: z.string() })),
  assignments: z.object({
    carried: z.array(assignmentSchema.extend({ to: z.string() })),
    /** Ended with their grid, or not begun: somebody has to say where they go. */
    open: z.array(assignmentSchema),
  }),
});
export type PlanChange = z.infer<typeof planChangeSchema>;

/** @throws HttpError 400 with a fault per member */
export function parseBody<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw badInput(
    parsed.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message })),
    'The change',
  );
}
