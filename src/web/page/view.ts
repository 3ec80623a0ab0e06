import type { Language } from './i18n.ts';

export const LAYER_IDS = ['grids', 'incidents', 'cameras', 'heat', 'hotspots', 'checks'] as const;
export type LayerId = (typeof LAYER_IDS)[number];
/** Layers that cover the ground: one at a time. */
export const ANALYSES = ['heat', 'hotspots', 'checks'] as const satisfies readonly LayerId[];
export type AnalysisId = (typeof ANALYSES)[number];
export const METHODS = ['gistar', 'emerging'] as const;
export const RESOLUTIONS = [7, 8, 9, 10] as const;
/** How many rings of cells around one are its neighbours. */
export const RINGS = [1, 2, 3, 4] as const;
export const STEPS = ['day', 'week', 'month'] as const;
export const TESTS = ['q', 'p'] as const;
export const PROFILES = ['standard', 'mixed', 'managed', 'none'] as const;
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
  | { kind: 'hotspot'; lon: number; lat: number }
  /** What a check found: of one kind, or all. */
  | { kind: 'faults'; check: string | null }
  | { kind: 'fault'; check: string; grid: string; other: string }
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
  /** How hotspots are found. */
  method: (typeof METHODS)[number];
  res: (typeof RESOLUTIONS)[number];
  k: (typeof RINGS)[number];
  /** Of the emerging analysis: its steps, and by what a cell of a step is significant. */
  step: (typeof STEPS)[number];
  by: (typeof TESTS)[number];
  /** How large grids should be. */
  profile: (typeof PROFILES)[number];
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
  method: 'gistar',
  res: 9,
  k: 1,
  step: 'month',
  by: 'q',
  profile: 'standard',
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
