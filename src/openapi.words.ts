import { CRS_NAMES } from './geo/crs.ts';
import { LIGHTS, STATUSES } from './incidents/incidents.schema.ts';

/** What the OpenAPI document says of a parameter beside what the parsing schema says. */
export interface ParameterWords {
  description: string;
  example: unknown;
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
}

/** A list of words, separated by commas. */
function listOf(words: readonly string[]): string {
  const word = `(${words.join('|')})`;
  return `^,*${word}(,+${word})*,*$`;
}

const number = '-?[0-9.]+';
const TIME = { format: 'date-time' };

/** Parameters by their names: a name means the same wherever it is taken. */
export const PARAMETERS: Record<string, ParameterWords> = {
  address: { description: 'An address as people write it', example: '岚江省云州市云溪县城关街道南环路4号' },
  a: { description: 'The first period, `from/to`', example: '2026-09-01T00:00:00+08:00/2026-10-01T00:00:00+08:00' },
  b: { description: 'The second period, `from/to`', example: '2026-10-01T00:00:00+08:00/2026-11-01T00:00:00+08:00' },
  after: { description: 'Where the page before ended; taken from its `next` link', example: '99012100001310000004' },
  at: { description: 'The moment asked about; default now', example: '2026-10-30T09:00:00+08:00', ...TIME },
  bbox: {
    description: 'A box in degrees: `west,south,east,north`',
    example: '118.61,30.85,118.63,30.87',
    pattern: `^${number},${number},${number},${number}$`,
  },
  by: { description: 'Whether a step counts as hot by its adjusted `q` or its plain `p`', example: 'p' },
  cameras: { description: 'How many of the nearest cameras to list', example: 3 },
  category: { description: 'Codes of categories, separated by commas; each with all below it', example: '01,02001' },
  check: { description: 'Only these checks, separated by commas', example: 'overlap,gap' },
  class: { description: 'Class of the street', example: 'arterial' },
  code: { description: 'Code of the grid', example: '990121001' },
  compare: { description: 'With the figures of the period of equal length just before', example: 'previous' },
  crs: { description: 'Coordinate system of what is sent; answers are WGS 84', example: CRS_NAMES[1] },
  datetime: {
    description: 'A moment, or an interval `from/to` with `..` for an open end',
    example: '2026-10-01T00:00:00+08:00/..',
    pattern: String.raw`^(\.\.|[0-9T:.Z+ -]*)(/(\.\.|[0-9T:.Z+ -]*))?$`,
  },
  department: { description: 'The department in charge', example: '城管局' },
  dry_run: { description: 'Do everything but keep nothing', example: 'true' },
  duty: { description: 'Duty of the assignment', example: 'lead' },
  fid: { description: 'Code or id of the feature', example: '99012100001310000004' },
  file: { description: 'A file that the page names', example: 'swagger-ui.css' },
  format: { description: 'Form of the answer', example: 'csv' },
  from: { description: 'Start of the period, itself included', example: '2026-10-01T00:00:00+08:00', ...TIME },
  geometry: {
    description: 'A GeoJSON Polygon or MultiPolygon: incidents inside it',
    example:
      '{"type":"Polygon","coordinates":[[[118.61,30.85],[118.63,30.85],[118.63,30.87],[118.61,30.87],[118.61,30.85]]]}',
    pattern: String.raw`^\s*\{`,
  },
  grid: { description: 'Code of the grid', example: '990121001' },
  id: { description: 'Collection', example: 'grids' },
  k: { description: 'Rings of neighbours around a cell', example: 2 },
  kernel: { description: 'Smooth the measure by this kernel over `k` rings', example: 'quartic' },
  kind: { description: '`base`, or `dedicated` to one factory, school or market', example: 'dedicated' },
  lang: { description: 'Language', example: 'zh' },
  last: { description: 'Period that ends now, ISO 8601, in whole hours or more', example: 'P7D' },
  lat: { description: 'Latitude in degrees', example: 30.86, minimum: -90, maximum: 90 },
  layer: { description: 'Layer', example: 'cameras' },
  layers: { description: 'Layers of tiles, separated by commas', example: 'grids,cameras' },
  level: { description: 'Levels of the net, separated by commas', example: 'street' },
  light: {
    description: `Lights of incidents, separated by commas: ${LIGHTS.join(', ')}`,
    example: 'yellow,red',
    pattern: listOf(LIGHTS),
  },
  limit: { description: 'The most to answer', example: 2 },
  lon: { description: 'Longitude in degrees', example: 118.62, minimum: -180, maximum: 180 },
  measure: { description: 'What is measured of each cell', example: 'open' },
  method: { description: 'Getis–Ord Gi* or local Moran', example: 'gistar' },
  mode: {
    description: 'What happens to rows that exist, and to those that the source does not have',
    example: 'append',
  },
  name: { description: 'Name', example: 'light' },
  net: { description: 'The net of grids', example: 'police' },
  nets: {
    description: 'Nets with their levels from the top down, as JSON; written before the rows',
    example: '[{"id":"school","name":"学区","levels":[{"id":"zone","name":"学区"}]}]',
    pattern: String.raw`^\s*\[`,
  },
  owner: { description: 'Owner of the camera', example: '交通局' },
  parent: { description: 'Code above', example: '01' },
  profile: { description: 'Whose rules for sizes and staff', example: 'none' },
  q: { description: 'What was typed so far', example: '南环' },
  rejects: { description: 'Load the good rows and answer the bad ones, instead of refusing all', example: 'true' },
  repair: { description: 'Mend faulty polygons and report what that changed', example: 'true' },
  res: { description: 'H3 resolution of the cells, 5 to 10', example: '9', pattern: '^([5-9]|10)$' },
  role: { description: 'Role of the worker', example: 'police' },
  severity: { description: 'Severity', example: '重大' },
  sort: { description: 'Order by a figure, with `-` in front for the largest first', example: '-incidents' },
  source: { description: 'Where the report came from', example: '热线' },
  status: {
    description: `Statuses, separated by commas; of incidents: ${STATUSES.join(', ')}`,
    example: 'reported,handling',
  },
  step: { description: 'Step of the calendar, in the time zone of the service', example: 'week' },
  to: { description: 'End of the period, itself excluded', example: '2026-11-01T00:00:00+08:00', ...TIME },
  under: { description: 'Code of a grid: it and all below', example: '990121001' },
  value: { description: 'Analyse counts, or rates per 1,000 households', example: 'rate' },
  weights: { description: 'How neighbours weigh by their ring', example: 'quartic' },
  worker: { description: 'Id of the worker', example: 'W000001' },
  x: { description: 'Column of the tile', example: 13590 },
  y: { description: 'Row of the tile, from the north', example: 6714 },
  z: { description: 'Zoom', example: 14 },
  zone: {
    description: 'Zones of cameras, separated by commas',
    example: 'entrance',
    pattern: listOf(['entrance', 'public', 'unit', 'perimeter']),
  },
};
