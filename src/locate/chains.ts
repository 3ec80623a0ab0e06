import type { GridName } from '../grids/grids.ts';
import type { GridLayer } from '../grids/live.ts';
import { isValid, type LiveGrid } from '../grids/live-grid.ts';
import type { Micros } from '../live/micros.ts';

interface Chain {
  version: number;
  grids: readonly LiveGrid[];
  names: GridName[];
}

export function nameOf({ code, name, level }: LiveGrid): GridName {
  return { code, name, level };
}

/**
 * Chains of grids, remembered until the plan changes: looking up seven parents takes as long as finding the owner. About
 * 150 bytes a grid of a chain.
 */
export class ChainMemory {
  readonly #known = new WeakMap<LiveGrid, Chain>();

  /** Names of a grid and its ancestors, deepest first; empty when there is no such grid. The list is shared: do not change it. */
  namesOf(layer: GridLayer, net: string, code: string, at: Micros): GridName[] {
    const grid = layer.find(net, code, at);
    if (!grid) return [];
    const known = this.#known.get(grid);
    // A code is unique at any moment: versions that hold at this one are those that would be found.
    if (known && known.version === layer.version && known.grids.every((one) => isValid(one, at))) return known.names;
    const grids = layer.chainOf(net, code, at);
    const names = grids.map(nameOf);
    // A chain that ends for want of a parent may go on at another moment.
    if (grids.at(-1)!.parent === null) this.#known.set(grid, { version: layer.version, grids, names });
    return names;
  }
}
