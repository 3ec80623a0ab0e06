import type { Calendar } from './calendar.ts';
import { HORIZON_DAYS, HoursError, isOpen, nextChange } from './hours.ts';

const HORIZON_MS = HORIZON_DAYS * 86_400_000;
/** Spells that are remembered of one text, some 60 bytes each. */
const MAX_SPELLS = 64;
/** Texts that are remembered. */
const MAX_TEXTS = 20_000;

/** A period in which hours neither open nor close, in milliseconds since 1970. */
export interface Spell {
  open: boolean;
  /** From here on it is known; it may have begun earlier. */
  from: number;
  /** When it ends; infinite when that is not within `HORIZON_DAYS` of a moment before `known`. */
  to: number;
  /** Up to here, exclusive, the spell may be told. */
  known: number;
}

/**
 * When hours are open by one calendar. What was found for a moment is remembered until the hours change: rosters have
 * few different hours, and are asked about the same few moments again and again.
 */
export class Timetable {
  readonly #calendar: Calendar;
  readonly #texts = new Map<string, Spells>();

  constructor(calendar: Calendar) {
    this.#calendar = calendar;
  }

  /** Whether a text means hours. */
  has(hours: string | null): boolean {
    try {
      this.#spellsOf(hours);
      return true;
    } catch (error) {
      if (error instanceof HoursError) return false;
      throw error;
    }
  }

  /**
   * The spell at a moment.
   *
   * @throws HoursError when the text means no hours
   */
  at(hours: string | null, moment: number): Spell {
    return this.#spellsOf(hours).at(moment);
  }

  #spellsOf(text: string | null): Spells {
    const key = text ?? '';
    let spells = this.#texts.get(key);
    if (!spells) {
      if (this.#texts.size >= MAX_TEXTS) this.#texts.clear();
      spells = new Spells(text, this.#calendar);
      this.#texts.set(key, spells);
    }
    return spells;
  }
}

/** The spells of one text that have been asked for, in their order. */
class Spells {
  readonly #hours: ReturnType<Calendar['hoursOf']>;
  readonly #calendar: Calendar;
  #known: Spell[] = [];

  constructor(text: string | null, calendar: Calendar) {
    this.#hours = calendar.hoursOf(text);
    this.#calendar = calendar;
  }

  at(moment: number): Spell {
    const known = this.#known;
    // The first that is still known at the moment.
    let low = 0;
    for (let high = known.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (known[middle]!.known > moment) high = middle;
      else low = middle + 1;
    }
    const found = known[low];
    if (found && found.from <= moment) return found;
    const spell = this.#find(moment);
    if (found && found.to === spell.to && found.open === spell.open) {
      found.from = moment;
      return found;
    }
    if (known.length >= MAX_SPELLS) this.#known = [spell];
    else known.splice(low, 0, spell);
    return spell;
  }

  #find(moment: number): Spell {
    const at = new Date(moment);
    const open = isOpen(this.#hours, at, this.#calendar);
    // Twice the horizon, so that nothing needs to be looked for again up to the horizon.
    const change = nextChange(this.#hours, at, this.#calendar, 2 * HORIZON_DAYS);
    if (change) return { open, from: moment, to: change.at.getTime(), known: change.at.getTime() };
    const known = this.#hours.constant === null ? moment + HORIZON_MS : Infinity;
    return { open, from: moment, to: Infinity, known };
  }
}
