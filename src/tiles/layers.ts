/** What a tile layer tells of itself. */
export interface LayerDefinition {
  name: string;
  minzoom: number;
  maxzoom: number;
  /** Attributes of its features and what they mean. */
  fields: Record<string, string>;
  /** The table whose box and count are the layer's. */
  table: 'grid' | 'camera' | 'incident' | 'street';
}

export const CAMERA_STATUSES = ['online', 'offline', 'fault'] as const;

const CELL_FIELDS = { cell: 'H3 index as text; promote it to the feature id', n: 'incidents in the cell' };

export const LAYERS = {
  grids: {
    name: 'Grids',
    minzoom: 0,
    maxzoom: 16,
    fields: {
      code: 'code; promote it to the feature id',
      name: 'name',
      level: 'level of the net',
      kind: 'base or dedicated',
      net: 'net',
      parent: 'code of the grid above',
    },
    table: 'grid',
  },
  cameras: {
    name: 'Cameras',
    minzoom: 0,
    maxzoom: 16,
    fields: {
      code: 'code; promote it to the feature id',
      zone: 'entrance, public, unit or perimeter',
      status: 'online, offline or fault',
      heading: 'degrees from north',
    },
    table: 'camera',
  },
  incidents: {
    name: 'Incidents',
    minzoom: 0,
    maxzoom: 16,
    fields: {
      id: 'id; promote it to the feature id',
      category: 'code of the category',
      status: 'status',
      light: 'green, yellow, red or none',
      occurred: 'seconds since 1970-01-01 UTC',
      ...CELL_FIELDS,
    },
    table: 'incident',
  },
  heat: { name: 'Heat', minzoom: 0, maxzoom: 16, fields: CELL_FIELDS, table: 'incident' },
  streets: {
    name: 'Streets',
    minzoom: 0,
    maxzoom: 16,
    fields: { name: 'name', class: 'class' },
    table: 'street',
  },
} as const satisfies Record<string, LayerDefinition>;

export type LayerId = keyof typeof LAYERS;

/** Layers that are analysed when they are asked for, not drawn from a table. */
export const ANALYSIS_LAYERS = {
  hotspots: {
    name: 'Hotspots',
    minzoom: 0,
    maxzoom: 16,
    fields: {
      cell: 'H3 index as text; promote it to the feature id',
      n: 'incidents in the cell',
      class: 'hot99 … cold99, a quadrant, or one of the emerging classes',
      z: 'standard deviate: of Gi*, of local Moran, or of the trend',
      p: 'two-sided p of z',
      q: 'p by Benjamini–Hochberg',
    },
    table: 'incident',
  },
  checks: {
    name: 'Checks',
    minzoom: 0,
    maxzoom: 16,
    fields: {
      check: 'what is wrong',
      severity: 'fault or notice',
      grid: 'code of the grid',
      name: 'name of the grid',
      level: 'level of the grid',
      other: 'code of the other grid',
      value: 'square metres, households or people',
      message: 'in words',
    },
    table: 'grid',
  },
} as const satisfies Record<string, LayerDefinition>;

export type AnalysisLayerId = keyof typeof ANALYSIS_LAYERS;

export const ALL_LAYERS = { ...LAYERS, ...ANALYSIS_LAYERS };
export type AnyLayerId = keyof typeof ALL_LAYERS;
