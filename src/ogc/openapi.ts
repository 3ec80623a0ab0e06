import { readFileSync } from 'node:fs';
import { createDocument, type ZodOpenApiObject } from 'zod-openapi';
import { addressPaths } from '../addresses/addresses.openapi.ts';
import { checkPaths } from '../grids/checks.openapi.ts';
import { planPaths } from '../grids/plan.openapi.ts';
import { heatPaths } from '../heat/heat.openapi.ts';
import { hotspotPaths } from '../heat/hotspots.openapi.ts';
import { importPaths } from '../import/import.openapi.ts';
import { indicatorPaths } from '../indicators/indicators.openapi.ts';
import { reportPaths } from '../indicators/report.openapi.ts';
import { eventPaths } from '../live/events.openapi.ts';
import { healthPaths } from '../live/health.openapi.ts';
import { locatePaths } from '../locate/locate.openapi.ts';
import type { Paths } from '../openapi.ts';
import { stylePaths } from '../tiles/styles.openapi.ts';
import { tilePaths } from '../tiles/tiles.openapi.ts';
import { pagePaths } from '../web/web.openapi.ts';
import { withinPaths } from '../within/within.openapi.ts';
import { collectionPaths } from './collections.openapi.ts';
import { docsPaths } from './docs.openapi.ts';

/** What each feature says of its routes. */
const FEATURES: Paths[] = [
  pagePaths,
  tilePaths,
  stylePaths,
  locatePaths,
  addressPaths,
  withinPaths,
  heatPaths,
  hotspotPaths,
  indicatorPaths,
  reportPaths,
  checkPaths,
  planPaths,
  collectionPaths,
  importPaths,
  eventPaths,
  healthPaths,
  docsPaths,
];

const DESCRIPTION = `Grids, cameras, people on duty, incidents and addresses of a city under grid management.

Coordinates are longitude, latitude in WGS 84. Times are RFC 3339. Errors are RFC 9457 problem documents that name the
cure. Examples are of the demo.`;

const FILE = { examples: '../../data/openapi-examples.json', package: '../../package.json' };

/** Bodies that the demo answered, by "METHOD path status type"; long lists are cut. */
export type Examples = Record<string, unknown>;

export type OpenApiDocument = ReturnType<typeof createDocument>;

/** The OpenAPI 3.1 document of the service, with the answers of the demo as examples. */
export function openApiDocument(examples: Examples = readJson(FILE.examples) as Examples): OpenApiDocument {
  const { version } = readJson(FILE.package) as { version: string };
  const description: ZodOpenApiObject = {
    openapi: '3.1.0',
    info: {
      title: 'wangge',
      version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths: Object.assign({}, ...FEATURES) as Paths,
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'ADMIN_KEY' } } },
  };
  const document = createDocument(description);
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) addExamples(item[method]?.responses, `${method.toUpperCase()} ${path}`, examples);
  }
  return document;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

interface Answers {
  [status: string]: { content?: Record<string, { example?: unknown }> };
}

function addExamples(answers: unknown, operation: string, examples: Examples): void {
  for (const [status, answer] of Object.entries((answers ?? {}) as Answers)) {
    for (const [type, content] of Object.entries(answer.content ?? {})) {
      const example = examples[`${operation} ${status} ${type}`];
      if (example !== undefined) content.example = example;
    }
  }
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
}
