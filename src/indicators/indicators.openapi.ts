import { z } from 'zod';
import { answer, type Paths, parameters, problems, time } from '../openapi.ts';
import { FIGURES } from './figures.ts';
import { BREAKDOWNS, indicatorQuerySchema, indicatorSeriesQuerySchema } from './indicators.schema.ts';

const figure = z.number().nullable();
const figures = Object.fromEntries(FIGURES.map(({ name }) => [name, figure]));
const period = { from: time.nullable(), to: time.nullable() };

const group = z.looseObject({ incidents: z.int() });
const grid = z
  .object({
    code: z.string(),
    name: z.string(),
    level: z.string(),
    parent: z.string().nullable(),
    ...figures,
    rank: z.int().nullable().optional(),
    groups: z.array(group).optional(),
    previous: z.record(z.string(), figure).optional().meta({ description: 'The figures of the period before' }),
    change: z.record(z.string(), figure).optional().meta({ description: 'Relative: -0.1 is a tenth less' }),
  })
  .meta({ id: 'Indicator', description: 'Figures of a grid over all that it or a grid below it owns' });

const TABLES = {
  'text/csv': z.string(),
  'application/vnd.apache.arrow.stream': null,
  'application/vnd.apache.parquet': null,
};

export const indicatorPaths: Paths = {
  '/indicators': {
    get: {
      operationId: 'getIndicators',
      tags: ['analysis'],
      summary: 'Figures per grid: incidents, closing, hours, lights, cameras, workers',
      requestParams: {
        query: parameters(
          indicatorQuerySchema,
          { level: 'street' },
          {
            by: { description: 'Break the incidents of each grid down', example: 'class' },
            level: { description: 'Level of the net' },
            limit: { description: 'The most grids to answer', example: '5' },
          },
        ),
      },
      responses: {
        200: answer('The figures', {
          'application/json': z.object({
            ...period,
            net: z.string(),
            level: z.string(),
            at: time,
            previous: z.object(period).optional(),
            by: z.enum(BREAKDOWNS).optional(),
            catalogue: z.object({ classes: z.int(), items: z.int() }),
            grids: z.array(grid),
          }),
          ...TABLES,
        }),
        ...problems(400),
      },
    },
  },
  '/indicators/series': {
    get: {
      operationId: 'getIndicatorSeries',
      tags: ['analysis'],
      summary: 'The figures through time, by the steps of the calendar',
      requestParams: {
        query: parameters(
          indicatorSeriesQuerySchema,
          { level: 'district', step: 'week' },
          { level: { description: 'Level of the net' } },
        ),
      },
      responses: {
        200: answer('The steps of each grid', {
          'application/json': z.object({
            net: z.string(),
            level: z.string(),
            at: time,
            step: z.string(),
            time_zone: z.string(),
            from: time,
            to: time,
            grids: z.array(
              z.object({
                code: z.string(),
                name: z.string(),
                steps: z.array(z.looseObject({ from: time, to: time, incidents: z.int() })),
              }),
            ),
          }),
          ...TABLES,
        }),
        ...problems(400),
      },
    },
  },
};
