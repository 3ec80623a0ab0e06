const DAY = 86_400_000;

/** Clears the cache of a zone at this many UTC days (about 2 MB), more than fifty years of questions. */
const MAX_DAYS = 20_000;

/** One UTC day of a zone: at most one change of the offset. All in milliseconds. */
interface ZoneDay {
  /** Offset from UTC up to `change`. */
  before: number;
  /** Offset from UTC from `change` on. */
  after: number;
  /** Instant of the change; infinite when the offset stays. */
  change: number;
  /** Wall time reached before the clock was set back on the day before; -infinite when it was not. */
  reached: number;
}

/**
 * A time zone whose wall clock never runs backwards.
 *
 * Wall times are milliseconds as if the local date and time were UTC. While a clock that was set back repeats an hour,
 * the wall time stands at the last millisecond that it had reached. So a local time that occurs twice means its first
 * occurrence, a local time that is skipped means the moment of the skip, and shifts that meet at such a time neither
 * overlap nor leave a gap.
 */
export interface Zone {
  /** IANA name. */
  readonly timeZone: string;
  /** Wall time at an instant. */
  wallTime(instant: number): number;
  /** The first instant at which the wall time is at least `wall`. */
  instantOf(wall: number): number;
}

/**
 * A zone with its own cache of offsets; `Intl` is asked at most a few times for each UTC day.
 *
 * @param timeZone IANA name, for example `Asia/Shanghai`
 * @throws RangeError when the name is unknown
 */
export function createZone(timeZone: string): Zone {
  const offsetAt = offsetReader(timeZone);
  const days = new Map<number, ZoneDay>();
  let lastIndex = Number.NaN;
  let last: ZoneDay = { before: 0, after: 0, change: 0, reached: 0 };

  const dayAt = (index: number): ZoneDay => {
    if (index === lastIndex) return last;
    let day = days.get(index);
    if (!day) {
      if (days.size >= MAX_DAYS) days.clear();
      day = readDay(offsetAt, index);
      days.set(index, day);
    }
    lastIndex = index;
    last = day;
    return day;
  };

  return {
    timeZone,
    wallTime(instant) {
      const day = dayAt(Math.floor(instant / DAY));
      if (instant < day.change) return Math.max(instant + day.before, day.reached);
      const reached = day.after < day.before ? day.change + day.before - 1 : day.reached;
      return Math.max(instant + day.after, reached);
    },
    instantOf(wall) {
      const index = Math.floor(wall / DAY);
      // Offsets are less than a day, so the instant lies in the UTC day of the same name or beside it; a skipped
      // local day pushes it one further.
      for (let i = index - 1; i <= index + 2; i++) {
        const day = dayAt(i);
        const end = (i + 1) * DAY;
        const early = Math.max(i * DAY, wall - day.before);
        if (early < Math.min(day.change, end)) return early;
        const late = Math.max(day.change, wall - day.after);
        if (late < end) return late;
      }
      throw new RangeError(`No instant of ${timeZone} has the wall time ${new Date(wall).toISOString().slice(0, -1)}.`);
    },
  };
}

type OffsetAt = (instant: number) => number;

function offsetReader(timeZone: string): OffsetAt {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  } catch {
    throw new RangeError(`"${timeZone}" is not a time zone; write an IANA name such as Asia/Shanghai.`);
  }
  return (instant) => {
    const name = format.formatToParts(instant).find((part) => part.type === 'timeZoneName')!.value;
    // GMT, GMT+08:00, or GMT+08:05:43 before standard time.
    const parts = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name)!;
    const seconds = Number(parts[2] ?? 0) * 3600 + Number(parts[3] ?? 0) * 60 + Number(parts[4] ?? 0);
    return (parts[1] === '-' ? -seconds : seconds) * 1000;
  };
}

function readDay(offsetAt: OffsetAt, index: number): ZoneDay {
  const start = index * DAY;
  const [previous, before, after] = [offsetAt(start - DAY), offsetAt(start), offsetAt(start + DAY)];
  return {
    before,
    after,
    change: before === after ? Number.POSITIVE_INFINITY : findChange(offsetAt, start),
    reached: previous > before ? findChange(offsetAt, start - DAY) + previous - 1 : Number.NEGATIVE_INFINITY,
  };
}

/** The instant in (start, start + 1 day] at which the offset changes; changes fall on whole seconds. */
function findChange(offsetAt: OffsetAt, start: number): number {
  const before = offsetAt(start);
  let low = start;
  let high = start + DAY;
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000;
    if (offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}
