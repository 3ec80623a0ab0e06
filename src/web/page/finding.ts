import type { Feature } from 'geojson';
import type { Category } from './api.ts';
import type { FaultList } from './faults.ts';
import type { Words } from './i18n.ts';
import type { CityMap } from './map.ts';
import type { Store } from './view.ts';

/** What the panel shows of a subject, in the words of a language. */
export interface Content {
  /** The kind of thing, above its name. */
  kicker: string;
  title: string;
  body: (Node | null)[];
}

/** What was found out about a subject. */
export interface Finding {
  /** Drawn over the city. */
  overlay: Feature[];
  /** The grid to mark. */
  chosen: { source: string; code: string } | null;
  /** What the map should show; null: it stays where it is. */
  focus: { center: [number, number]; zoom: number } | { box: [number, number, number, number] } | null;
  draw(words: Words): Content;
}

/** What finding out needs of the page. */
export interface FindContext {
  store: Store;
  city: CityMap;
  categories(): Promise<Map<string, Category>>;
  faults: FaultList;
  signal: AbortSignal;
}
