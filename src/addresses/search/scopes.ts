/** Scopes: the distinct combinations of divisions in which addresses lie, each with the addresses' count and bounds. */
import { divisionStem } from '../divisions.ts';
import type { Components } from '../parse.ts';
import { Words } from './columns.ts';
import type { TableNews } from './news.ts';
import { LEVELS } from './parts.ts';

/** Counts and bounds of the addresses of one scope; bounds never shrink before compaction. */
export interface Extent {
  count: number;
  west: number;
  south: number;
  east: number;
  north: number;
}

export class Scopes {
  readonly divisions = new Words();
  /** The ids of the divisions of each scope, by level. */
  readonly list: Int32Array[] = [];
  readonly extents: Extent[] = [];
  private readonly ids = new Map<string, number>();

  /** The scope of an address, entered when it is new. */
  of(components: Components): number {
    const divisions = LEVELS.map((level) => {
      const name = components[level];
      return this.divisions.intern(name === undefined ? undefined : divisionStem(name));
    });
    const key = divisions.join();
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    this.ids.set(key, this.list.length);
    return this.enter(Int32Array.from(divisions));
  }

  /** Counts an address of a scope. */
  extend(scope: number, lon: number, lat: number): void {
    const extent = this.extents[scope]!;
    extent.count++;
    extent.west = Math.min(extent.west, lon);
    extent.east = Math.max(extent.east, lon);
    extent.south = Math.min(extent.south, lat);
    extent.north = Math.max(extent.north, lat);
  }

  /** An address of a scope has gone. */
  shrink(scope: number): void {
    this.extents[scope]!.count--;
  }

  /** What somebody lacks who has as many divisions and scopes. */
  since(divisions: number, scopes: number): Pick<TableNews, 'divisions' | 'scopes'> {
    return { divisions: this.divisions.texts.slice(divisions), scopes: this.list.slice(scopes) };
  }

  /** Take what another thread gave by `since`. */
  take({ divisions, scopes }: Pick<TableNews, 'divisions' | 'scopes'>): void {
    for (const division of divisions) this.divisions.intern(division);
    for (const scope of scopes) this.enter(scope);
  }

  private enter(divisions: Int32Array): number {
    this.extents.push({ count: 0, west: 180, south: 90, east: -180, north: -90 });
    return this.list.push(divisions) - 1;
  }
}
