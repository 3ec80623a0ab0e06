import { type CheckedGrid, faultOf, type GridFault } from './checks.fault.ts';
import type { Profile } from './checks.profiles.ts';

/**
 * The part of a code that those below begin with. Codes of divisions end in zeros for the levels that they have not:
 * two digits each up to the county (GB/T 2260, six digits), three each below it (statistical codes of 9 and 12 digits).
 */
export function significantCode(code: string): string {
  if (!/^(\d{6}|\d{9}|\d{12})$/.test(code)) return code;
  let prefix = code;
  while (prefix.length > 6 && prefix.endsWith('000')) prefix = prefix.slice(0, -3);
  while (prefix.length <= 6 && prefix.length > 2 && prefix.endsWith('00')) prefix = prefix.slice(0, -2);
  return prefix;
}

/** Grids whose code does not begin with that of their parent. */
export function checkCodes(grids: CheckedGrid[]): GridFault[] {
  return grids
    .filter(({ code, parent }) => parent !== null && !code.startsWith(significantCode(parent)))
    .map((grid) =>
      faultOf('code_not_under_parent', grid, `has a code that does not begin with its parent's, ${grid.parent}`, {
        other: grid.parent,
      }),
    );
}

/** Grids of a profile's level and kind that are larger or smaller than it says. Figures that are not known are no fault. */
export function checkSizes(grids: CheckedGrid[], profile: Profile): GridFault[] {
  const faults: GridFault[] = [];
  for (const grid of grids) {
    if (grid.level !== profile.level || grid.kind !== profile.kind) continue;
    const known = (['households', 'population'] as const).filter((field) => grid[field] !== null);
    const wrong = known.filter((field) => grid[field]! < profile[field].min || grid[field]! > profile[field].max);
    if (wrong.length === 0 || (profile.combine === 'any' && wrong.length < known.length)) continue;
    for (const field of wrong) {
      const { min, max } = profile[field];
      const unit = field === 'households' ? 'households' : 'people';
      const message = `has ${grid[field]} ${unit}, outside ${min}–${max} (${profile.id})`;
      faults.push(faultOf(field, grid, message, { value: grid[field] }));
    }
  }
  return faults;
}
