/** Door numbers: `12`, `12-3` (之, 附), ranges `1~30`, and hyphens that may be either. */

export interface Door {
  main: number;
  /** The second number of `12-3`, else 0. */
  sub: number;
  /** The last number of a range, else `main`. */
  to: number;
}

/** Numbers above this are not doors (they would not be told from telephone numbers). */
const MAX_DOOR = 99_999;

/**
 * Reads a door as the parser writes it; null where it is not numeric (甲栋, A12). `31-60` counts as the range 31 to 60
 * and as the sub-number 60 of 31: real addresses use both and only the book can tell them apart.
 */
export function readDoor(text: string): Door | null {
  const found = /^(\d{1,6})(?:([-~ ])(\d{1,6}))?$/.exec(text);
  if (found === null) return null;
  const main = Number(found[1]);
  const second = Number(found[3] ?? 0);
  if (main > MAX_DOOR || second > MAX_DOOR) return null;
  const sub = found[2] === '-' ? second : 0;
  return { main, sub, to: Math.max(main, second) };
}

/** Whether the text names several doors: `1~30` does always, `31-60` may. */
export function isRange(text: string, door: Door): boolean {
  return door.to > door.main && /[-~ ]/.test(text);
}
