import { z } from 'zod';
import { badInput, type Fault } from '../errors.ts';
import { CRS_NAMES } from '../geo/crs.ts';
import { timeSchema } from '../http.ts';
import { type LayerSpec, layers } from '../import/fields.ts';
import type { CollectionId } from './collections.sql.ts';
import type { CollectionFeature } from './collections.ts';

/** A feature that a client writes. Foreign members are taken and dropped, as RFC 7946 has it. */
export const featureSchema = z.object({
  type: z.literal('Feature', { error: 'must be "Feature": send one GeoJSON feature' }),
  id: z.union([z.string(), z.number()], { error: 'must be text or a number' }).optional(),
  geometry: z.looseObject({ type: z.string() }, { error: 'must be a GeoJSON geometry or null' }).nullish(),
  properties: z.record(z.string(), z.unknown(), { error: 'must be an object' }).nullish(),
});
export type FeatureInput = z.infer<typeof featureSchema>;

/** A change of a feature as a merge patch (RFC 7396). */
export const patchSchema = z.strictObject(
  {
    type: z.literal('Feature').optional(),
    id: z.union([z.string(), z.number()]).optional(),
    geometry: z.unknown().optional(),
    properties: z.record(z.string(), z.unknown(), { error: 'must be an object' }).optional(),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `${issue.keys?.join(', ')}: a feature has no such member; its fields are in properties`
        : 'must be an object with geometry or properties, or both',
  },
);

/** Media types of whole features, and of merge patches. */
export const FEATURE_TYPES = ['application/geo+json', 'application/json'] as const;
export const PATCH_TYPES = ['application/merge-patch+json', ...FEATURE_TYPES] as const;

const parameters = z.strictObject({
  net: z.string().min(1).optional(),
  at: timeSchema.optional(),
  crs: z.enum(CRS_NAMES, { error: `must be out of: ${CRS_NAMES.join(', ')}` }).optional(),
});

/** A schema that takes some of the parameters: all are optional, so its type is that of all. */
function taking(...names: (keyof typeof parameters.shape)[]): typeof parameters {
  const shape = Object.fromEntries(names.map((name) => [name, parameters.shape[name]]));
  return z.strictObject(shape) as unknown as typeof parameters;
}

/** Parameters that say which version of which net a code of a grid means. */
function versionOf(id: CollectionId) {
  return id === 'grids' ? (['net', 'at'] as const) : [];
}

function crsOf(id: CollectionId) {
  return (layers[id] as LayerSpec).geometry ? (['crs'] as const) : [];
}

/** The query of one feature: which version of which net, where a code can mean several. */
export function itemQuerySchema(id: CollectionId) {
  return taking(...versionOf(id));
}

/** The query of `POST /collections/{id}/items`. */
export function postQuerySchema(id: CollectionId) {
  return taking(...crsOf(id));
}

/** The query of `PUT /collections/{id}/items/{fid}`. */
export function putQuerySchema(id: CollectionId) {
  return taking(...versionOf(id), ...crsOf(id));
}

/** @throws HttpError 400 when a body is no feature */
export function parseFeature(value: unknown): FeatureInput {
  const parsed = featureSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw badInput(faultsOf(parsed.error), 'The feature');
}

/** @throws HttpError 400 when a body is no change of a feature */
export function parsePatch(value: unknown): z.infer<typeof patchSchema> {
  const parsed = patchSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw badInput(faultsOf(parsed.error), 'The change');
}

function faultsOf(error: z.ZodError): Fault[] {
  return error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message }));
}

/** A stored feature as its client would have written it. */
export function inputOf({ id, geometry, properties }: CollectionFeature): FeatureInput {
  return { type: 'Feature', id, geometry, properties } as FeatureInput;
}
