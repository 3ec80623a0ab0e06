import type { Feature, FeatureCollection } from 'geojson';
import { type Fault, type FaultAnswer, getJson } from './api.ts';
import type { View } from './view.ts';

/** Kinds of fault that the tiles of checks hold; the others are drawn from the list. */
const TILED = ['invalid', 'overlap', 'gap', 'outside_parent', 'code_not_under_parent', 'households', 'population'];

/** What a check of the shown plan found, asked once until the plan changes. */
export class FaultList {
  private key = '';
  private answer: Promise<FaultAnswer> | null = null;

  get(view: View): Promise<FaultAnswer> {
    const query = checkQuery(view);
    const key = JSON.stringify(query);
    if (!this.answer || key !== this.key) {
      const asked = getJson<FaultAnswer>('/checks', query);
      this.key = key;
      this.answer = asked;
      asked.catch(() => {
        if (this.answer === asked) this.answer = null;
      });
    }
    return this.answer;
  }

  /** The plan has changed. */
  forget(): void {
    this.answer = null;
  }
}

function checkQuery({ nets, profile }: Pick<View, 'nets' | 'profile'>): Record<string, string> {
  return { net: nets[0] ?? 'base', profile };
}

export function checkTileQuery(view: View): string {
  return `?${new URLSearchParams(checkQuery(view)).toString()}`;
}

/** The faults that no tile holds, as points. */
export function untiledFaults(faults: readonly Fault[]): FeatureCollection {
  const features = faults.flatMap(({ check, grid, other, at }): Feature[] =>
    at && !TILED.includes(check)
      ? [{ type: 'Feature', properties: { check, grid, other }, geometry: { type: 'Point', coordinates: at } }]
      : [],
  );
  return { type: 'FeatureCollection', features };
}
