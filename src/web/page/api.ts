import type { Feature, Geometry } from 'geojson';

export interface GridName {
  code: string;
  name: string;
  level: string;
}

export interface Worker {
  id: string;
  name: string;
  role: string;
  duty: string;
  grid: string;
  org?: string | null;
  phone?: string | null;
  until: string | null;
  next?: { name: string; role: string; from: string } | null;
}

export interface NearCamera {
  code: string;
  name: string | null;
  status: string;
  lon: number;
  lat: number;
  metres: number;
}

export interface Located {
  status: 'found' | 'ambiguous' | 'not_found' | 'outside';
  match: {
    text: string | null;
    lon: number;
    lat: number;
    level: string;
    score: number;
    contradicted: Record<string, { asked: string; found: string }>;
  } | null;
  candidates: { id: string; text: string; lon: number; lat: number; grid?: GridName | null }[];
  grid: GridName | null;
  chain: GridName[];
  edge: { on: boolean; metres: number; others: { code: string; name: string; metres: number }[] } | null;
  workers: Worker[];
  cameras: NearCamera[];
  /** Of a point: the nearest address. */
  address?: { text: string; metres: number } | null;
  nearest?: (GridName & { metres: number }) | null;
}

export interface WithinAnswer {
  at: string;
  counts: Record<string, number>;
  grids: GridName[];
  workers: (Worker & { grids?: string[] })[];
}

/** What was asked and over what it was computed, beside the cells. */
export interface HotspotAnswer {
  from: string | null;
  to: string | null;
  k: number;
  steps?: { from: string; to: string }[];
  area: { cells: number; mean: number | null; sd: number | null };
  cells: HotspotCell[];
}

/** Of Gi*: z, p, q; of the emerging analysis: z and p of the trend, significant steps, Gi* of the last step. */
export interface HotspotCell {
  cell: string;
  n: number;
  class: string;
  z: number | null;
  p: number | null;
  q?: number | null;
  hot?: number;
  cold?: number;
  last_z?: number | null;
}

export interface Fault {
  check: string;
  severity: 'fault' | 'notice';
  grid: string | null;
  name: string | null;
  level: string | null;
  other: string | null;
  message: string;
  value: number | null;
  at: [number, number] | null;
  geometry: Geometry | null;
}

export interface FaultAnswer {
  net: string;
  grids: number;
  counts: Record<string, number>;
  faults: Fault[];
}

export type Item = Feature<Geometry | null, Record<string, string | number | null>>;

/** The service refused, or could not be reached. The message is the one that it gave. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** @throws ApiError for every answer but a good one; AbortError when `signal` says so */
export async function getJson<T>(path: string, query: Record<string, string> = {}, signal?: AbortSignal): Promise<T> {
  const search = new URLSearchParams(query).toString();
  return read<T>(await fetch(search ? `${path}?${search}` : path, signal ? { signal } : {}));
}

/** @throws ApiError for every answer but a good one */
export async function postJson<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
  return read<T>(await fetch(path, signal ? { ...init, signal } : init));
}

async function read<T>(response: Response): Promise<T> {
  if (response.ok) return (await response.json()) as T;
  const problem = (await response.json().catch(() => ({}))) as { detail?: string };
  throw new ApiError(response.status, problem.detail ?? `${response.status} ${response.statusText}`);
}

export function getItem(
  collection: string,
  id: string,
  query: Record<string, string>,
  signal: AbortSignal,
): Promise<Item> {
  return getJson<Item>(`/collections/${collection}/items/${encodeURIComponent(id)}`, query, signal);
}

export interface Category {
  code: string;
  name: string;
  parent: string | null;
}

/** All categories by code, read once. */
export async function getCategories(): Promise<Map<string, Category>> {
  const { features } = await getJson<{ features: Item[] }>('/collections/categories/items', { limit: '10000' });
  return new Map(features.map(({ properties }) => [String(properties.code), properties as unknown as Category]));
}
