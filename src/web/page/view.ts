import type { Language } from './i18n.ts';

export const LAYER_IDS = ['grids', 'incidents', 'cameras', 'heat'] as const;
export type LayerId = (typeof LAYER_IDS)[number];
export const LIGHTS = ['green', 'yellow', 'red', 'none'] as const;
export const STATUSES = ['reported', 'triaged', 'handling', 'supervised', 'closed', 'revisited', 'void'] as const;
/** Lengths of the period in days. */
export const WINDOWS = [1, 7, 30, 90, 365] as const;

/** What the panel is about. */
export type Subject =
  | { kind: 'address'; text: string }
  | { kind: 'point'; lon: number; lat: number }
  | { kind: 'grid'; net: string; code: string; lon: number; lat: number }
  | { kind: 'camera'; code: string }
  | { kind: 'incident'; id: string }
  | { kind: 'cell'; cell: string; lon: number; lat: number }
  | { kind: 'circle'; lon: number; lat: number; metres: number }
  | { kind: 'polygon'; ring: [number, number][] };

/** All that a shared link holds. */
export interface View {
  position: { zoom: number; lat: number; lon: number } | null;
  layers: LayerId[];
  nets: string[];
  /** Levels drawn at every zoom, per net; a net that is not here shows its levels by zoom. */
  levels: Record<string, string[]>;
  days: number;
  /** End of the period, a whole hour in milliseconds; null: now. */
  end: number | null;
  category: string | null;
  status: string | null;
  lights: string[];
  subject: Subject | null;
  /** Of this reader, not of the view: kept in the browser, in a link only by hand. */
  language: Language;
  theme: 'light' | 'dark' | null;
}

export const DEFAULT_VIEW: View = {
  position: null,
  layers: ['grids', 'incidents', 'cameras'],
  nets: ['base'],
  levels: {},
  days: 30,
  end: null,
  category: null,
  status: null,
  lights: ['green', 'yellow', 'red'],
  subject: null,
  language: 'zh',
  theme: null,
};

export type Listener = (view: View, changed: ReadonlySet<keyof View>) => void;

/** The one place where the view is kept; whoever draws a part of it listens. */
export interface Store {
  get(): View;
  set(patch: Partial<View>): void;
  listen(listener: Listener): void;
}

export function createStore(initial: View): Store {
  let view = initial;
  const listeners: Listener[] = [];
  return {
    get: () => view,
    set(patch) {
      const changed = new Set(
        (Object.keys(patch) as (keyof View)[]).filter(
          (key) => JSON.stringify(patch[key]) !== JSON.stringify(view[key]),
        ),
      );
      if (changed.size === 0) return;
      view = { ...view, ...patch };
      for (const listener of listeners) listener(view, changed);
    },
    listen: (listener) => void listeners.push(listener),
  };
}
