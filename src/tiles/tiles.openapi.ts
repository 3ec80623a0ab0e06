import { z } from 'zod';
import { answer, type Paths, parameters, pathParameters, problems } from '../openapi.ts';
import { tileQuerySchema } from './tiles.schema.ts';

const bounds = z.array(z.number()).length(4);
const fields = z.record(z.string(), z.string()).meta({ description: 'Attributes and what they mean' });

const layer = z.object({
  id: z.string(),
  name: z.string(),
  minzoom: z.int(),
  maxzoom: z.int(),
  bounds,
  count: z.int().meta({ description: 'Features in the record' }),
  fields,
  url: z.string().meta({ description: 'Of its TileJSON' }),
});

const tileJson = z
  .object({
    tilejson: z.literal('3.0.0'),
    name: z.string(),
    scheme: z.literal('xyz'),
    tiles: z.array(z.string()).min(1),
    minzoom: z.int(),
    maxzoom: z.int(),
    bounds,
    center: z.array(z.number()).length(3),
    vector_layers: z.array(
      z.object({ id: z.string(), description: z.string(), minzoom: z.int(), maxzoom: z.int(), fields }),
    ),
  })
  .meta({ id: 'TileJSON' });

const query = parameters(tileQuerySchema, {}, { status: { example: 'online' } });

export const tilePaths: Paths = {
  '/tiles': {
    get: {
      operationId: 'getTileLayers',
      tags: ['tiles'],
      summary: 'The layers of tiles and what they hold now',
      responses: {
        200: answer('The layers', { 'application/json': z.object({ layers: z.array(layer) }) }),
        ...problems(),
      },
    },
  },
  '/tiles/{layers}.json': {
    get: {
      operationId: 'getTileJson',
      tags: ['tiles'],
      summary: 'TileJSON 3.0.0 of one layer or several; its filters become those of the tiles',
      requestParams: { path: pathParameters({ layers: 'grids,cameras' }), query },
      responses: { 200: answer('The TileJSON', { 'application/json': tileJson }), ...problems(400, 404) },
    },
  },
  '/tiles/{layers}/{z}/{x}/{y}.mvt': {
    get: {
      operationId: 'getTile',
      tags: ['tiles'],
      summary: 'A Mapbox Vector Tile 2.1, extent 4096',
      description: 'Compressed by `Accept-Encoding`. A filter that a layer has no use for leaves it whole.',
      requestParams: { path: pathParameters({ layers: 'grids,cameras', z: 14, x: 13590, y: 6714 }), query },
      responses: {
        200: answer(
          'The tile',
          { 'application/vnd.mapbox-vector-tile': null },
          { ETag: 'Weak, of the uncompressed bytes' },
        ),
        204: { description: 'Nothing lies in the tile' },
        304: { description: 'The tile is still the one of `If-None-Match`' },
        ...problems(400, 404),
      },
    },
  },
};
