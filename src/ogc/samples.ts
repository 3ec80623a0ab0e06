import type { Geometry } from 'geojson';
import type { CollectionId } from './collections.sql.ts';

/** Requests that the demo answers, for the OpenAPI document. */
export interface Sample {
  /** A feature of the demo. */
  fid: string;
  /** The id of the feature that `post` adds and the others change. */
  added: string;
  post: unknown;
  put: unknown;
  patch: unknown;
}

const AT: Geometry = { type: 'Point', coordinates: [118.62, 30.86] };
const STREET: Geometry = {
  type: 'LineString',
  coordinates: [
    [118.62, 30.86],
    [118.623, 30.862],
  ],
};
const AREA: Geometry = {
  type: 'Polygon',
  coordinates: [
    [
      [118.6198, 30.8598],
      [118.6202, 30.8598],
      [118.6202, 30.8602],
      [118.6198, 30.8602],
      [118.6198, 30.8598],
    ],
  ],
};

function sample(
  [fid, added]: [fid: string, added: string],
  properties: Record<string, unknown>,
  change: Record<string, unknown>,
  geometry: Geometry | null = null,
): Sample {
  const post = { type: 'Feature', geometry, properties };
  return { fid, added, post, put: post, patch: { properties: change } };
}

export const SAMPLES: Record<CollectionId, Sample> = {
  grids: sample(
    ['990121001', '990121002003004Z'],
    {
      code: '990121002003004Z',
      name: '溪田社区第四网格南片',
      level: 'microgrid',
      parent: '990121002003004',
      households: 60,
      valid_from: '2026-01-01T00:00:00+08:00',
    },
    { households: 64 },
    AREA,
  ),
  workers: sample(
    ['W000001', 'W900001'],
    { id: 'W900001', name: '网格员甲9001', role: 'parttime', phone: '199-0000-9001', org: '溪田社区' },
    { role: 'fulltime' },
  ),
  assignments: sample(
    ['1', '1'],
    { worker: 'W000002', grid: '990121002003004', duty: 'backup', hours: 'Mo-Fr 08:00-18:00; PH off' },
    { valid_to: '2027-01-01T00:00:00+08:00' },
  ),
  holidays: sample(['2024-01-01', '2028-01-01'], { date: '2028-01-01', name: '元旦' }, { working: false }),
  cameras: sample(
    ['99012100001310000004', '99012100001320009001'],
    { code: '99012100001320009001', name: '东门1号机', zone: 'entrance', heading: 90, owner: '物业' },
    { status: 'fault' },
    AT,
  ),
  categories: sample(
    ['01001', '01901'],
    { code: '01901', name: '共享单车占道', parent: '01', hours_limit: 12 },
    { hours_limit: 8, red_after_hours: 4 },
  ),
  incidents: sample(
    ['SJ20251101-000001', 'SJ20261031-900001'],
    {
      id: 'SJ20261031-900001',
      category: '01001',
      occurred_at: '2026-10-31T21:00:00+08:00',
      source: '巡查',
      address: '岚江省云州市云溪县河湾街道秀溪街（溪田苑附近）',
    },
    { status: 'handling', handled_at: '2026-10-31T22:00:00+08:00' },
    AT,
  ),
  addresses: sample(
    ['DZ00000001', 'DZ90000001'],
    { id: 'DZ90000001', text: '岚江省云州市云溪县河湾街道秀溪街901号' },
    { text: '岚江省云州市云溪县河湾街道秀溪街903号' },
    AT,
  ),
  streets: sample(
    ['DL000001', 'DL900001'],
    { id: 'DL900001', name: '秀溪支路', class: 'local' },
    { class: 'arterial' },
    STREET,
  ),
};
