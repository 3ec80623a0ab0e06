import { LANGUAGES, type Language } from './i18n.ts';
import {
  DEFAULT_VIEW,
  LAYER_IDS,
  LIGHTS,
  METHODS,
  PROFILES,
  RESOLUTIONS,
  RINGS,
  STATUSES,
  STEPS,
  type Subject,
  TESTS,
  type View,
  WINDOWS,
} from './view.ts';

/** Single choices that are written by their name: what may be chosen. */
const CHOICES = {
  days: WINDOWS,
  method: METHODS,
  res: RESOLUTIONS,
  k: RINGS,
  step: STEPS,
  by: TESTS,
  profile: PROFILES,
} as const;
type Choices = Pick<View, keyof typeof CHOICES>;

/**
 * The view as the fragment of a link. A fragment is not sent to the service, so that no log holds what was looked at.
 * What is as it always is, is left out.
 */
export function writeLink(view: View): string {
  const parts: [string, string][] = [];
  const { position, layers, nets, levels, end, category, status, lights, subject } = view;
  if (position)
    parts.push(['map', [position.zoom.toFixed(2), position.lat.toFixed(5), position.lon.toFixed(5)].join('/')]);
  const add = (name: string, value: string | number | null, usual: string | number | null) => {
    if (value !== null && value !== usual) parts.push([name, String(value)]);
  };
  add('layers', layers.join(','), DEFAULT_VIEW.layers.join(','));
  add('nets', nets.join(','), DEFAULT_VIEW.nets.join(','));
  for (const [net, ids] of Object.entries(levels)) add(`levels.${net}`, ids.join(','), '');
  for (const name of Object.keys(CHOICES) as (keyof Choices)[]) add(name, view[name], DEFAULT_VIEW[name]);
  add('end', end === null ? null : new Date(end).toISOString().slice(0, 13), null);
  add('category', category, null);
  add('status', status, null);
  add('lights', lights.join(','), DEFAULT_VIEW.lights.join(','));
  if (subject) parts.push([subject.kind, writeSubject(subject)]);
  return parts
    .map(([name, value]) => `${name}=${encodeURIComponent(value).replace(/%2C/g, ',').replace(/%2F/g, '/')}`)
    .join('&');
}

function writeSubject(subject: Subject): string {
  switch (subject.kind) {
    case 'address':
      return subject.text;
    case 'point':
      return place(subject);
    case 'grid':
      return `${subject.net}/${subject.code}/${place(subject)}`;
    case 'camera':
      return subject.code;
    case 'incident':
      return subject.id;
    case 'cell':
      return `${subject.cell}/${place(subject)}`;
    case 'hotspot':
      return place(subject);
    case 'faults':
      return subject.check ?? 'all';
    case 'fault':
      return [subject.check, subject.grid, subject.other].map(encodeURIComponent).join('/');
    case 'circle':
      return `${place(subject)},${subject.metres}`;
    case 'polygon':
      return subject.ring.map((point) => point.map((degrees) => degrees.toFixed(6)).join(',')).join('/');
  }
}

function place({ lon, lat }: { lon: number; lat: number }): string {
  return `${lon.toFixed(6)},${lat.toFixed(6)}`;
}

/** The part of a view that a fragment holds; what cannot be read is left as it usually is. */
export function readLink(fragment: string): Omit<View, 'language' | 'theme'> & { language?: Language } {
  const query = new URLSearchParams(fragment.replace(/^#/, '').replace(/\+/g, '%2B'));
  const words = <W extends string>(name: string, allowed: readonly W[], usual: W[]): W[] =>
    query.has(name) ? allowed.filter((word) => query.get(name)!.split(',').includes(word)) : usual;
  const end = Date.parse(`${query.get('end')}:00:00Z`);
  const language = LANGUAGES.find((code) => code === query.get('lang'));
  const { language: _language, theme: _theme, ...usual } = DEFAULT_VIEW;
  return {
    ...usual,
    position: readPosition(query.get('map')),
    layers: words('layers', LAYER_IDS, usual.layers),
    nets: query.has('nets') ? list(query.get('nets')!) : usual.nets,
    levels: readLevels(query),
    ...readChoices(query),
    end: Number.isNaN(end) ? null : end,
    category: query.get('category'),
    status: STATUSES.find((status) => status === query.get('status')) ?? null,
    lights: words('lights', LIGHTS, [...usual.lights] as (typeof LIGHTS)[number][]),
    subject: readSubject(query),
    ...(language && { language }),
  };
}

function readChoices(query: URLSearchParams): Choices {
  const chosen = Object.entries(CHOICES).map(([name, allowed]) => {
    const word = allowed.find((value: string | number) => String(value) === query.get(name));
    return [name, word ?? DEFAULT_VIEW[name as keyof Choices]];
  });
  return Object.fromEntries(chosen) as Choices;
}

function list(text: string): string[] {
  return text.split(',').filter((item) => item !== '');
}

function readLevels(query: URLSearchParams): View['levels'] {
  const named = [...query].filter(([name]) => name.startsWith('levels.'));
  return Object.fromEntries(named.map(([name, ids]) => [name.slice('levels.'.length), list(ids)]));
}

function readPosition(text: string | null): View['position'] {
  const [zoom, lat, lon] = numbers(text ?? '', '/');
  return zoom === undefined || lat === undefined || lon === undefined ? null : { zoom, lat, lon };
}

function readSubject(query: URLSearchParams): Subject | null {
  const address = query.get('address');
  if (address) return { kind: 'address', text: address };
  const code = query.get('camera');
  if (code) return { kind: 'camera', code };
  const id = query.get('incident');
  if (id) return { kind: 'incident', id };
  const [lon, lat] = numbers(query.get('point') ?? '', ',');
  if (lon !== undefined && lat !== undefined) return { kind: 'point', lon, lat };
  return readArea(query) ?? readFault(query) ?? readPlaced(query);
}

function readFault(query: URLSearchParams): Subject | null {
  const kind = query.get('faults');
  if (kind) return { kind: 'faults', check: kind === 'all' ? null : kind };
  const parts = (query.get('fault') ?? '').split('/');
  if (parts.length !== 3 || parts[0] === '') return null;
  const [check, grid, other] = parts.map(readEscaped) as [string, string, string];
  return { kind: 'fault', check, grid, other };
}

/** An escape that is none stands for itself. */
function readEscaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readPlaced(query: URLSearchParams): Subject | null {
  const [net, code, gridAt] = (query.get('grid') ?? '').split('/');
  const [gridLon, gridLat] = numbers(gridAt ?? '', ',');
  if (net && code && gridLon !== undefined && gridLat !== undefined) {
    return { kind: 'grid', net, code, lon: gridLon, lat: gridLat };
  }
  const [hotLon, hotLat] = numbers(query.get('hotspot') ?? '', ',');
  if (hotLon !== undefined && hotLat !== undefined) return { kind: 'hotspot', lon: hotLon, lat: hotLat };
  const [cell, cellAt] = (query.get('cell') ?? '').split('/');
  const [lon, lat] = numbers(cellAt ?? '', ',');
  return cell && lon !== undefined && lat !== undefined ? { kind: 'cell', cell, lon, lat } : null;
}

function readArea(query: URLSearchParams): Subject | null {
  const [lon, lat, metres] = numbers(query.get('circle') ?? '', ',');
  if (lon !== undefined && lat !== undefined && metres !== undefined && metres > 0) {
    return { kind: 'circle', lon, lat, metres };
  }
  const ring = (query.get('polygon') ?? '').split('/').map((point) => numbers(point, ','));
  const isRing = ring.length >= 3 && ring.every((point) => point.length === 2);
  return isRing ? { kind: 'polygon', ring: ring as [number, number][] } : null;
}

/** Numbers of a list; empty when one of them is none. */
function numbers(text: string, separator: string): number[] {
  const values = text === '' ? [] : text.split(separator).map(Number);
  return values.every(Number.isFinite) ? values : [];
}
