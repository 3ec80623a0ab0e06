import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { stringify } from 'csv-stringify/sync';
import type { Geometry } from 'geojson';
import { type LayerName, type LayerSpec, layers } from './fields.ts';
import type { Format } from './read/rows.ts';

/** A row to write: values of its layer's fields, and its geometry in WGS 84. */
export interface OutputRow {
  properties: Record<string, unknown>;
  geometry: Geometry | null;
}

export interface WriteOptions {
  format: Format;
  gzip: boolean;
  /** End the target when all is written; leave standard output open. */
  end?: boolean;
}

/**
 * Write rows so that importing them again gives the same rows. Waits whenever the target cannot take more.
 *
 * CSV has the layer's fields as columns; points as `lon` and `lat`, other geometries as GeoJSON in `geometry`.
 *
 * @returns rows written
 */
export async function writeRows(
  layer: LayerName,
  rows: AsyncIterable<OutputRow>,
  target: Writable,
  options: WriteOptions,
): Promise<number> {
  let written = 0;
  async function* counted(): AsyncGenerator<OutputRow> {
    for await (const row of rows) {
      yield row;
      written++;
    }
  }
  const text = Readable.from(inChunks(WRITERS[options.format](layer, counted())), { objectMode: false });
  const end = options.end ?? true;
  if (options.gzip) await pipeline(text, createGzip(), target, { end });
  else await pipeline(text, target, { end });
  return written;
}

const WRITERS = { csv: toCsv, geojson: toGeojson, ndjson: toNdjson };

async function* toCsv(layer: LayerName, rows: AsyncIterable<OutputRow>): AsyncGenerator<string> {
  const { fields, geometry }: LayerSpec = layers[layer];
  const names = Object.keys(fields);
  const isPoint = geometry?.kinds.includes('Point') ?? false;
  const place = geometry === null ? [] : isPoint ? ['lon', 'lat'] : ['geometry'];
  let lines: string[][] = [[...names, ...place]];
  for await (const { properties, geometry: shape } of rows) {
    lines.push([...names.map((name) => toText(properties[name])), ...placeColumns(place, shape)]);
    if (lines.length < CSV_BATCH) continue;
    yield stringify(lines, { quoted_match: /\r/ });
    lines = [];
  }
  yield stringify(lines, { quoted_match: /\r/ });
}

/** Lines that are made in one call. */
const CSV_BATCH = 256;

function placeColumns(columns: string[], geometry: Geometry | null): string[] {
  if (geometry === null) return columns.map(() => '');
  if (columns.length === 2 && geometry.type === 'Point') return geometry.coordinates.slice(0, 2).map(String);
  return columns.length === 1 ? [JSON.stringify(geometry)] : columns.map(() => '');
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

async function* toGeojson(_layer: LayerName, rows: AsyncIterable<OutputRow>): AsyncGenerator<string> {
  yield '{"type":"FeatureCollection","features":[';
  let separator = '\n';
  for await (const row of rows) {
    yield separator + toFeature(row);
    separator = ',\n';
  }
  yield '\n]}\n';
}

async function* toNdjson(_layer: LayerName, rows: AsyncIterable<OutputRow>): AsyncGenerator<string> {
  for await (const row of rows) yield `${toFeature(row)}\n`;
}

function toFeature({ properties, geometry }: OutputRow): string {
  return JSON.stringify({ type: 'Feature', properties, geometry });
}

/** Join small texts, so that compression and the target get few calls. */
async function* inChunks(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let held: string[] = [];
  let length = 0;
  for await (const text of texts) {
    held.push(text);
    length += text.length;
    if (length < 1 << 16) continue;
    yield Buffer.from(held.join(''));
    held = [];
    length = 0;
  }
  if (held.length > 0) yield Buffer.from(held.join(''));
}
