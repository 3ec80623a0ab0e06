import { timestamp } from './calendar.ts';
import type { Item } from './categories.ts';
import type { Random } from './random.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** Of all incidents: void, and never finished within the year that is seen. */
const VOID = 0.01;
const STALLED = 0.004;
/** Incidents with a due time of their own (an extension); the others take the item's limit. */
const EXTENDED = 0.03;

/** How long the handling takes as a multiple of the item's limit. */
function slowness(random: Random): number {
  const x = random.next();
  if (x < STALLED) return random.between(15, 120);
  if (x < 0.86) return random.between(0.08, 0.95);
  if (x < 0.96) return random.between(0.95, 1.6);
  return random.between(1.6, 6);
}

/**
 * The course of an incident as it stands at `end` (ms): what has not happened by then is absent. Steps follow each
 * other: occurred, reported, triaged, handled, closed, revisited; an open one past its limit is under supervision.
 */
export function closeCase(item: Item, occurred: number, end: number, random: Random): Record<string, unknown> {
  const limit = item.hours_limit * HOUR;
  const reported = Math.min(end, occurred + random.between(1, 90) * MINUTE);
  const triaged = reported + random.between(3, 120) * MINUTE;
  const taken = random.chance(EXTENDED) ? 2 : 1;
  const closed = Math.max(triaged + 10 * MINUTE, reported + limit * taken * slowness(random));
  const handled = triaged + (closed - triaged) * random.between(0.1, 0.6);
  const revisited = closed + random.between(4, 96) * HOUR;
  const dropped = random.chance(VOID);
  const revisits = random.chance(0.6);
  const steps: Record<string, unknown> = { reported_at: timestamp(reported) };
  if (taken === 2) steps.due_at = timestamp(reported + limit * taken);
  if (triaged > end) return { status: 'reported', ...steps };
  steps.triaged_at = timestamp(triaged);
  if (dropped) return { status: 'void', ...steps };
  if (handled > end) return { status: 'triaged', ...steps };
  steps.handled_at = timestamp(handled);
  if (closed > end) return { status: end > reported + limit * taken * 1.2 ? 'supervised' : 'handling', ...steps };
  steps.closed_at = timestamp(closed);
  if (!revisits || revisited > end) return { status: 'closed', ...steps };
  return { status: 'revisited', ...steps, revisited_at: timestamp(revisited) };
}
