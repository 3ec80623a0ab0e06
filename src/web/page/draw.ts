import type { Feature, FeatureCollection } from 'geojson';
import type { Map as MapLibreMap, MapMouseEvent, Point } from 'maplibre-gl';
import { circleRing, distance, type Position } from './geodesy.ts';
import type { Subject } from './view.ts';

export type Shape = 'circle' | 'polygon';
type Area = Extract<Subject, { kind: Shape }>;

interface DrawOptions {
  onDraft(features: FeatureCollection): void;
  /** null: given up. */
  onEnd(area: Area | null): void;
}

const NEAR_FIRST = 12;

/** Drawing one circle or polygon on the map, by clicks and keys. */
export class Drawing {
  private readonly map: MapLibreMap;
  private readonly options: DrawOptions;
  private drawn: Shape | null = null;
  private isEnding = false;
  private points: Position[] = [];
  private pointer: Position | null = null;

  constructor(map: MapLibreMap, options: DrawOptions) {
    this.map = map;
    this.options = options;
    map.on('click', (event) => this.click(event));
    map.on('dblclick', (event) => {
      if (this.drawn === null) return;
      event.preventDefault();
      this.finish();
    });
    map.on('mousemove', ({ lngLat }) => {
      if (this.drawn === null) return;
      this.pointer = [lngLat.lng, lngLat.lat];
      this.draft();
    });
    document.addEventListener('keydown', (event) => this.key(event));
  }

  /** What is being drawn. */
  get shape(): Shape | null {
    return this.drawn;
  }

  /** Whether clicks belong to a drawing, the one that ends it included. */
  get isActive(): boolean {
    return this.drawn !== null || this.isEnding;
  }

  start(shape: Shape): void {
    this.drawn = shape;
    this.points = [];
    this.pointer = null;
    this.map.getCanvas().style.cursor = 'crosshair';
    this.draft();
  }

  cancel(): void {
    if (this.drawn !== null) this.end(null);
  }

  /** Close the polygon where it is; fewer than three corners are no area. */
  finish(): void {
    if (this.drawn !== 'polygon') return;
    const ring = this.points.filter((point, i) => i === 0 || distance(point, this.points[i - 1]!) > 0.5);
    this.end(ring.length >= 3 ? { kind: 'polygon', ring } : null);
  }

  private click({ lngLat, point }: MapMouseEvent): void {
    if (this.drawn === null) return;
    const at: Position = [lngLat.lng, lngLat.lat];
    const [first] = this.points;
    if (this.drawn === 'circle' && first) {
      const metres = Math.round(distance(first, at));
      if (metres >= 1) this.end({ kind: 'circle', lon: first[0], lat: first[1], metres });
    } else if (this.closesAt(point)) {
      this.finish();
    } else {
      this.points = [...this.points, at];
      this.draft();
    }
  }

  /** A click on the first corner closes a polygon. */
  private closesAt({ x, y }: Point): boolean {
    const [first] = this.points;
    if (this.drawn !== 'polygon' || !first || this.points.length < 3) return false;
    const start = this.map.project(first);
    return Math.hypot(start.x - x, start.y - y) <= NEAR_FIRST;
  }

  private key(event: KeyboardEvent): void {
    if (this.drawn === null) return;
    const isWriting = event.target instanceof HTMLInputElement || event.target instanceof HTMLButtonElement;
    if (event.key === 'Escape') this.end(null);
    else if (event.key === 'Enter' && !isWriting) this.finish();
    else if (event.key === 'Backspace' && !isWriting) {
      this.points = this.points.slice(0, -1);
      this.draft();
    }
  }

  private end(area: Area | null): void {
    this.drawn = null;
    this.points = [];
    this.map.getCanvas().style.cursor = '';
    this.options.onDraft({ type: 'FeatureCollection', features: [] });
    // The click that ends a drawing must not also choose what lies below.
    this.isEnding = true;
    setTimeout(() => {
      this.isEnding = false;
      this.options.onEnd(area);
    });
  }

  private draft(): void {
    const corners = this.points.map((point): Feature => feature('corner', { type: 'Point', coordinates: point }));
    const [first] = this.points;
    const outline = this.pointer && first ? this.outline(first, this.pointer) : this.points;
    const line: Feature[] = outline.length < 2 ? [] : [feature('draft', { type: 'LineString', coordinates: outline })];
    this.options.onDraft({ type: 'FeatureCollection', features: [...line, ...corners] });
  }

  private outline(first: Position, pointer: Position): Position[] {
    return this.drawn === 'circle' ? circleRing(first, distance(first, pointer)) : [...this.points, pointer, first];
  }
}

function feature(kind: string, geometry: Feature['geometry']): Feature {
  return { type: 'Feature', properties: { kind }, geometry };
}
