import { z } from 'zod';
import { answer, GEOMETRIES, type Paths, pathParameters, problems } from '../openapi.ts';

const style = z
  .looseObject({
    version: z.literal(8),
    name: z.string(),
    sources: z.record(z.string(), z.looseObject({ type: z.string() })),
    layers: z.array(z.looseObject({ id: z.string(), type: z.string() })).min(1),
  })
  .meta({ id: 'Style', description: 'A MapLibre style, version 8' });

const names = z.object({
  type: z.literal('FeatureCollection'),
  features: z.array(
    z.object({
      type: z.literal('Feature'),
      geometry: GEOMETRIES.Point,
      properties: z.looseObject({ code: z.string(), name: z.string(), level: z.string() }),
    }),
  ),
});

export const stylePaths: Paths = {
  '/styles/{name}.json': {
    get: {
      operationId: 'getStyle',
      tags: ['tiles'],
      summary:
        'A MapLibre style over the tiles of this service: light, heat, hotspots, emerging or checks, and for a dark ground dark, heat-dark …',
      requestParams: { path: pathParameters({ name: 'light' }) },
      responses: { 200: answer('The style', { 'application/json': style }), ...problems(404) },
    },
  },
  '/styles/names/{net}.geojson': {
    get: {
      operationId: 'getGridNames',
      tags: ['tiles'],
      summary: 'Where the names of the grids of a net are written, once each whatever the tiles cut',
      requestParams: { path: pathParameters({ net: 'base' }) },
      responses: {
        200: answer('A point per grid', { 'application/geo+json': names }, { ETag: 'Weak' }),
        304: { description: 'The names are still those of `If-None-Match`' },
        ...problems(),
      },
    },
  },
};
