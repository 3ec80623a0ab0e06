import { pad } from './numerals.ts';
import { unit } from './random.ts';
import type { ClassSettings } from './settings.ts';

/** A class of incidents (no parent, no limit) or an item of one. Hours are calendar hours. */
export interface Category {
  code: string;
  name: string;
  parent?: string;
  hours_limit?: number;
  red_after_hours?: number;
}

/** An item with what incidents need of its class. */
export interface Item extends Category {
  hours_limit: number;
  department: string;
}

const LIMIT_FACTORS = [0.5, 1, 1, 1.5, 2, 3];
const RED_HOURS = [12, 24, 48, 72];

/** The items of every class, in code order; every fourth leaves `red_after_hours` to its default. */
export function itemsOf(classes: ClassSettings[], seed: number): Item[][] {
  return classes.map((group) => {
    const names = Object.entries(group.items).flatMap(([subject, faults]) => faults.map((fault) => subject + fault));
    return names.map((name, k) => {
      const code = group.code + pad(k + 1, 3);
      const item: Item = {
        code,
        name,
        parent: group.code,
        hours_limit: group.hours * LIMIT_FACTORS[Math.floor(unit(seed, Number(code), 1) * LIMIT_FACTORS.length)]!,
        department: group.department,
      };
      if (k % 4 !== 3) item.red_after_hours = RED_HOURS[Math.floor(unit(seed, Number(code), 2) * RED_HOURS.length)]!;
      return item;
    });
  });
}

/** Classes and items as import rows' properties, each class before its items. */
export function categoriesOf(classes: ClassSettings[], items: Item[][]): Category[] {
  return classes.flatMap(({ code, name }, c) => [
    { code, name },
    ...items[c]!.map(({ department, ...category }) => category),
  ]);
}
