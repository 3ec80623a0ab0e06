import type { CameraLayer } from '../cameras/live.ts';
import type { GridLayer } from '../grids/live.ts';
import { noSuchCategory } from '../incidents/live-categories.ts';
import type { RosterLayer } from '../workers/live.ts';
import type { DutyQuestion, WorkerOnDuty } from '../workers/workers.ts';

/** What the plan is made of. */
export interface PlanLayers {
  grids: GridLayer;
  roster: RosterLayer;
  cameras: CameraLayer;
  /** A category and those above it, the nearest first; empty when there is none. */
  categories: { chainOf(code: string): string[] };
}

const MINUTE = 60_000;
/** Since then every zone is off UTC by whole minutes. */
const WHOLE_OFFSETS = Date.UTC(1973, 0);
/** Lists that are remembered, 2 KB each, and as much again as text: more than a city has places of different duty. */
const MAX_LISTS = 10_000;

/** Who is on duty, remembered for the minute: a list stays the same from one whole minute to the next. */
export class DutyMemory {
  readonly #lists = new Map<string, WorkerOnDuty[]>();
  #roster: RosterLayer | undefined;
  #version = 0;

  /** @throws HttpError 400 for a category that does not exist */
  of(layers: PlanLayers, question: DutyQuestion): WorkerOnDuty[] {
    const { roster } = layers;
    if (roster !== this.#roster || roster.version !== this.#version || this.#lists.size >= MAX_LISTS) {
      this.#lists.clear();
      this.#roster = roster;
      this.#version = roster.version;
    }
    const { net, chain, at, category, withPhone } = question;
    // What a category stands for may change, so only the usual question is remembered.
    if (category !== undefined || at.getTime() < WHOLE_OFFSETS) return onDuty(layers, question);
    const staffed = roster.staffedOf(net, chain);
    // Grids without anybody assigned share the list of the grid above them, in which everybody is escalated.
    const isOwn = staffed[0] === chain[0];
    const key = `${Math.floor(at.getTime() / MINUTE)} ${withPhone} ${isOwn} ${net}\n${staffed.join('\n')}`;
    const known = this.#lists.get(key);
    if (known) return known;
    const list = onDuty(layers, question);
    if (roster.isOfWholeMinutes(net, staffed)) this.#lists.set(key, list);
    return list;
  }
}

function onDuty({ roster, categories }: PlanLayers, question: DutyQuestion): WorkerOnDuty[] {
  const { net, chain, at, category } = question;
  if (category === undefined || !roster.isStaffed(net, chain, at)) return roster.onDuty(question, null);
  const [code, ...ancestors] = categories.chainOf(category);
  if (code === undefined) throw noSuchCategory(category);
  return roster.onDuty(question, { code, ancestors });
}
