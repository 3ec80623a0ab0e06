import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { OpenApiDocument } from '../../src/ogc/openapi.ts';

type Json = Record<string, unknown>;

export interface Schema extends Json {
  type?: string | string[];
  enum?: string[];
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  examples?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
}

export interface Parameter {
  in: 'path' | 'query' | 'header';
  name: string;
  required?: boolean;
  example?: unknown;
  description?: string;
  schema: Schema;
}

/** An operation of the document with what a test needs of it. */
export interface Operation {
  method: string;
  path: string;
  id: string;
  parameters: Parameter[];
  body: { required?: boolean; content: Record<string, { schema: Schema; example?: unknown }> } | undefined;
  responses: Record<string, { content?: Record<string, { schema?: Schema; example?: unknown }> }>;
  isSecured: boolean;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Reads a document as a test walks it, and validates answers by its schemas. */
export class Contract {
  readonly operations: Operation[];
  private readonly document: Json;
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
  private readonly compiled = new Map<string, ValidateFunction>();

  constructor(document: OpenApiDocument) {
    this.document = document as unknown as Json;
    formats.default(this.ajv);
    this.ajv.addSchema(this.document, 'openapi');
    this.operations = Object.entries(this.document.paths as Record<string, Json>).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method]).map((method) => this.read(method, path, item[method] as Json)),
    );
  }

  private read(method: string, path: string, operation: Json): Operation {
    const responses = Object.entries(operation.responses as Record<string, Json>);
    const security = operation.security as Json[] | undefined;
    return {
      method: method.toUpperCase(),
      path,
      id: String(operation.operationId),
      parameters: (operation.parameters ?? []) as Parameter[],
      body: operation.requestBody as Operation['body'],
      responses: Object.fromEntries(responses.map(([status, response]) => [status, this.resolve(response)])),
      isSecured: security !== undefined && !security.some((rule) => Object.keys(rule).length === 0),
    };
  }

  /** What a `$ref` of the document means, other values as they are. */
  resolve<T>(value: T): T {
    const ref = (value as { $ref?: string } | undefined)?.$ref;
    if (ref === undefined) return value;
    return ref
      .slice(2)
      .split('/')
      .reduce<unknown>(
        (at, name) => (at as Json)[name.replaceAll('~1', '/').replaceAll('~0', '~')],
        this.document,
      ) as T;
  }

  /** What is wrong with a value by a schema of the document; empty: nothing. */
  faults(schema: Schema, value: unknown): string[] {
    const key = JSON.stringify(schema);
    const validate = this.compiled.get(key) ?? this.ajv.compile(JSON.parse(key.replaceAll('"#/', '"openapi#/')));
    this.compiled.set(key, validate);
    if (validate(value)) return [];
    return validate
      .errors!.slice(0, 5)
      .map((error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
  }
}

/** Values that a parameter's schema rules out. */
export function badValues(schema: Schema): string[] {
  const { enum: words, pattern, format, minimum, maximum, minLength } = schema;
  const isNumber = schema.type === 'number' || schema.type === 'integer';
  const bad: string[] = [];
  if (words) bad.push('no-such-word');
  if (isNumber) bad.push('many', '');
  if (schema.type === 'integer') bad.push('1.5');
  if (isNumber && minimum !== undefined) bad.push(String(minimum - 1));
  if (isNumber && maximum !== undefined && maximum < 1e15) bad.push(String(maximum + 1));
  if (pattern !== undefined) bad.push('?!');
  if (format === 'date-time') bad.push('yesterday', '2026-13-01T00:00:00Z', '2026-10-01T00:00:00');
  if (minLength !== undefined && minLength > 0) bad.push('');
  return bad;
}

/** A value that a property's schema rules out, whatever the JSON type; undefined: there is none. */
export function badValue(schema: Schema): unknown {
  const options = (schema.anyOf ?? [schema]) as Schema[];
  const { type, enum: words, format } = options[0]!;
  if (words) return 'no-such-word';
  if (format === 'date-time') return 'yesterday';
  if (format === 'date') return '2026-02-30';
  if (type === 'integer' || type === 'number') return 'many';
  if (type === 'boolean') return 'perhaps';
  if (type === 'object') return 'no object';
  return type === 'string' ? ['no text'] : undefined;
}
