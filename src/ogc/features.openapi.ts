import { z } from 'zod';
import { type LayerSpec, layers } from '../import/fields.ts';
import { CODE_BYTES, type Field } from '../import/values.ts';
import { GEOMETRIES } from '../openapi.ts';
import type { CollectionId } from './collections.sql.ts';
import { PERSONAL } from './collections.ts';
import { keyField } from './names.sql.ts';

/** A field by its type. The schemas that parse fields also take text as CSV has it, which JSON has no need of. */
function schemaOfField({ type, values, description }: Field): z.ZodType {
  const schemas: Record<Field['type'], () => z.ZodType> = {
    code: () => z.string().min(1).max(CODE_BYTES),
    text: () => z.string(),
    enum: () => z.enum(values as [string, ...string[]]),
    integer: () => z.int().min(0).max(2_147_483_647),
    number: () => z.number(),
    boolean: () => z.boolean(),
    time: () => z.iso.datetime({ offset: true }),
    date: () => z.iso.date(),
    hours: () => z.string().max(500),
    object: () => z.record(z.string(), z.unknown()),
  };
  return schemas[type]().meta({ description });
}

/** Properties that are answered but not written. */
const DERIVED: Partial<Record<CollectionId, z.ZodRawShape>> = {
  incidents: { region: z.string().meta({ description: 'Code of the region that the incident belongs to; derived' }) },
  assignments: { id: z.int().meta({ description: 'Given by the service' }) },
};

function geometryOf(id: CollectionId, isStored: boolean): z.ZodType {
  const { geometry }: LayerSpec = layers[id];
  if (!geometry) return z.null();
  // Areas are stored as MultiPolygon, whatever they came as.
  const kinds = isStored ? geometry.kinds.filter((kind) => kind !== 'Polygon') : geometry.kinds;
  const schemas = kinds.map((kind) => GEOMETRIES[kind as keyof typeof GEOMETRIES]);
  return schemas.length === 1 ? schemas[0]! : z.union(schemas);
}

function componentName(id: CollectionId): string {
  const words: Record<CollectionId, string> = {
    grids: 'Grid',
    workers: 'Worker',
    assignments: 'Assignment',
    holidays: 'Holiday',
    cameras: 'Camera',
    categories: 'Category',
    incidents: 'Incident',
    addresses: 'Address',
    streets: 'Street',
  };
  return words[id];
}

/** Schemas of features as they are answered: one of each, as a component of the document has one meaning. */
const STORED = new Map<CollectionId, z.ZodObject>();

/** A feature as it is answered. */
export function storedFeature(id: CollectionId): z.ZodObject {
  const schema = STORED.get(id) ?? describeStored(id);
  STORED.set(id, schema);
  return schema;
}

function describeStored(id: CollectionId): z.ZodObject {
  const { fields }: LayerSpec = layers[id];
  const shape = Object.entries(fields).map(([name, field]) => {
    const schema = field.required || field.fallback !== null ? schemaOfField(field) : schemaOfField(field).nullable();
    return [name, PERSONAL[id] === name ? schema.optional() : schema];
  });
  return z
    .object({
      type: z.literal('Feature'),
      id: z.string(),
      geometry: geometryOf(id, true),
      properties: z.object({ ...Object.fromEntries(shape), ...DERIVED[id] }),
    })
    .meta({ id: componentName(id) });
}

/** A feature to write: what is left out has its default, the id of the path may be. */
export function writtenFeature(id: CollectionId, isNamed: boolean): z.ZodObject {
  const { fields, geometry }: LayerSpec = layers[id];
  const shape = Object.entries(fields).map(([name, field]) => {
    const schema = schemaOfField(field);
    const isGiven = isNamed && name === keyField(id);
    return [name, field.required && !isGiven ? schema : schema.nullish()];
  });
  const place = geometry
    ? { geometry: geometry.byAddress ? geometryOf(id, false).nullish() : geometryOf(id, false) }
    : {};
  return z
    .object({
      type: z.literal('Feature'),
      id: z.union([z.string(), z.number()]).optional(),
      ...(geometry ? place : { geometry: z.null().optional() }),
      properties: z.object(Object.fromEntries(shape)),
    })
    .meta({ id: `${componentName(id)}${isNamed ? 'ToPut' : 'ToPost'}` });
}
