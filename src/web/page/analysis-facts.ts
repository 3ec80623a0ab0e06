import type { FeatureCollection } from 'geojson';
import { ApiError, type FaultAnswer, type HotspotAnswer } from './api.ts';
import { type FaultList, untiledFaults } from './faults.ts';
import { askHotspots } from './hotspots.ts';
import type { CityMap } from './map.ts';
import type { Store, View } from './view.ts';

/** No cell is here: asked for what an analysis says beside its cells. */
const NOWHERE: [number, number, number, number] = [0, -89, 0.001, -88.999];
const NONE: FeatureCollection = { type: 'FeatureCollection', features: [] };
const HOTSPOT_KEYS = ['layers', 'days', 'end', 'category', 'status', 'method', 'res', 'k', 'step', 'by'] as const;
const CHECK_KEYS = ['layers', 'nets', 'profile'] as const;

/** What the shown analysis says as a whole; it is asked again when the view or the record has changed. */
export class AnalysisFacts {
  hotspots: HotspotAnswer | null = null;
  faults: FaultAnswer | null = null;
  /** Why there is no answer. */
  problem: string | null = null;
  private readonly city: CityMap;
  private readonly store: Store;
  private readonly list: FaultList;
  private readonly onChange: () => void;
  private asking = new AbortController();

  constructor(city: CityMap, store: Store, list: FaultList, onChange: () => void) {
    this.city = city;
    this.store = store;
    this.list = list;
    this.onChange = onChange;
    store.listen((view, changed) => {
      const keys: readonly (keyof View)[] = view.layers.includes('hotspots') ? HOTSPOT_KEYS : CHECK_KEYS;
      if (keys.some((key) => changed.has(key))) void this.ask();
    });
    void this.ask();
  }

  async ask(): Promise<void> {
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    const view = this.store.get();
    try {
      const hotspots = view.layers.includes('hotspots') ? await askHotspots(view, NOWHERE, signal) : null;
      const faults = view.layers.includes('checks') ? await this.list.get(view) : null;
      if (!signal.aborted) this.take({ hotspots, faults, problem: null });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError) && !(error instanceof TypeError)) throw error;
      this.take({ hotspots: null, faults: null, problem: error.message });
    }
  }

  private take(found: Pick<AnalysisFacts, 'hotspots' | 'faults' | 'problem'>): void {
    const isSame = JSON.stringify([this.hotspots, this.faults, this.problem]) === JSON.stringify(Object.values(found));
    if (isSame) return;
    Object.assign(this, found);
    this.city.setFaults(found.faults ? untiledFaults(found.faults.faults) : NONE);
    this.onChange();
  }
}
