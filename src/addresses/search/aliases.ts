/** The other names of an estate: the door of the road that it lies behind. */

export class Aliases {
  /** Estates behind a road and number, by `doorKey`. */
  readonly estatesAt = new Map<string, Set<number>>();
  /** Roads and numbers of an estate, as `doorKey`. */
  readonly doorsOf = new Map<number, Set<string>>();

  /** @returns whether it was not known */
  add(estate: number, door: string): boolean {
    const estates = this.estatesAt.get(door);
    if (estates?.has(estate)) return false;
    if (estates === undefined) this.estatesAt.set(door, new Set([estate]));
    else estates.add(estate);
    const doors = this.doorsOf.get(estate);
    if (doors === undefined) this.doorsOf.set(estate, new Set([door]));
    else doors.add(door);
    return true;
  }
}

/** One door of one road, as the key of aliases: the ids of road, section, lane and alley, and the number. */
export function doorKey(road: number, parts: readonly number[], number: string): string {
  return `${road},${parts.slice(0, 3).join()},${number}`;
}
