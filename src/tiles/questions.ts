import { MAX_ZOOM, type Tile } from '../geo/tile.ts';
import { namesAnalysis } from './analysis.schema.ts';
import { parseTilePath } from './tiles.schema.ts';

/** What the address of a tile asks. */
export interface TileQuestion {
  /** As in the path, unescaped. */
  readonly layers: string;
  /** The query with its question mark, or empty. */
  readonly search: string;
  /** Layers and query in one, as a view of them is remembered by. */
  readonly text: string;
  readonly tile: Tile;
  readonly isAnalysed: boolean;
}

const TILE_PATH = /^\/tiles\/([^/?]+)\/([^/?]+)\/([^/?]+)\/([^/?]+)\.mvt(?:\?|$)/;

/** About 400 bytes each. */
const MAX_QUESTIONS = 20_000;

export function isTilePath(url: string): boolean {
  return url.startsWith('/tiles/') && TILE_PATH.test(url);
}

/** A reader of addresses of tiles that remembers them: taking one apart costs more than finding its cached tile. */
export function tileQuestions(): (url: string) => TileQuestion {
  const known = new Map<string, TileQuestion>();
  return (url) => {
    const question = known.get(url);
    if (question) return question;
    const read = readQuestion(url);
    if (known.size >= MAX_QUESTIONS) known.clear();
    known.set(url, read);
    return read;
  };
}

/** @throws HttpError 400 when the numbers name no tile */
function readQuestion(url: string): TileQuestion {
  const [, names, z, x, y] = TILE_PATH.exec(url)! as unknown as [string, string, string, string, string];
  const layers = decodeName(names);
  const search = url.includes('?') ? url.slice(url.indexOf('?')) : '';
  const tile = tileOfDigits(z, x, y) ?? parseTilePath({ z, x, y });
  return { layers, search, text: `${layers}${search}`, tile, isAnalysed: namesAnalysis(layers) };
}

/** The tile of three plain numbers, as nearly all requests have them; undefined: look closer. */
function tileOfDigits(z: string, x: string, y: string): Tile | undefined {
  if (!/^\d{1,2}$/.test(z) || !/^\d{1,7}$/.test(x) || !/^\d{1,7}$/.test(y)) return undefined;
  const tile = { z: Number(z), x: Number(x), y: Number(y) };
  const side = 2 ** tile.z;
  return tile.z <= MAX_ZOOM && tile.x < side && tile.y < side ? tile : undefined;
}

/** Layers in a path may come escaped; an escape that is none names no layer. */
function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
