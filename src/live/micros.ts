/**
 * Instants in memory are whole microseconds since 1970-01-01 UTC, as PostgreSQL stores them: exact in a double for the
 * years 1685 to 2255, ordered like the record, and unbounded ends are infinite.
 */
export type Micros = number;

export const MICROS_PER_SECOND = 1_000_000;
export const MICROS_PER_HOUR = 3_600_000_000;

/** Of `date_part('epoch', …)`; null stays null. */
export function microsOfEpoch(seconds: number): Micros {
  return Math.round(seconds * MICROS_PER_SECOND);
}

export function microsOf(date: Date): Micros {
  return date.getTime() * 1000;
}

export function dateOf(micros: Micros): Date {
  return new Date(micros / 1000);
}

/** Start of the UTC minute that holds an instant. */
export function startOfMinute(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 60_000) * 60_000);
}
