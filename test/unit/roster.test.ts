import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCalendar, isOpen, parseHours } from '../../src/workers/hours.ts';
import { type AskedCategory, type Assignment, staffedIntervals, whoIsOnDuty } from '../../src/workers/roster.ts';
import { Timetable } from '../../src/workers/timetable.ts';

const QUARTER = 15 * 60_000;
const DAY = 96 * QUARTER;

// Wednesday Oct 1 2025 is the first of three public holidays; Saturday Oct 4 is worked instead.
const calendar = createCalendar(
  'Asia/Shanghai',
  new Map([
    ['2025-10-01', { working: false }],
    ['2025-10-02', { working: false }],
    ['2025-10-03', { working: false }],
    ['2025-10-04', { working: true }],
  ]),
);

// One for all questions: what it remembers must not matter.
const timetable = new Timetable(calendar);

const local = (text: string) => new Date(`${text.replace(' ', 'T')}:00+08:00`);
const inShanghai = (date: Date | null) =>
  date && new Date(date.getTime() + DAY / 3).toISOString().slice(5, 16).replace('T', ' ');

const CHAIN = ['grid', 'community', 'street'];

function assignment(worker: string, given: Partial<Assignment> = {}): Assignment {
  const defaults = {
    grid: 'grid',
    duty: 'member',
    category: null,
    validFrom: null,
    validTo: null,
    hours: null,
  } as const;
  return { ...defaults, id: `${worker}-${given.grid ?? 'grid'}-${given.duty ?? 'member'}`, worker, ...given };
}

function ask(assignments: Assignment[], at: string, category: AskedCategory | null = null) {
  return whoIsOnDuty(CHAIN, (grid) => assignments.filter((a) => a.grid === grid), local(at), timetable, category);
}

/** `worker duty until>successor from`. */
function lines(...question: Parameters<typeof ask>): string[] {
  return ask(...question).map(({ worker, duty, until, next }) =>
    [worker, duty, until && `until ${inShanghai(until)}`, next && `then ${next.worker} ${inShanghai(next.from)}`]
      .filter((part) => part !== null)
      .join(' '),
  );
}

describe('whoIsOnDuty', () => {
  const DAYS = 'Mo-Fr 08:00-18:00';

  it('lists leads, then members, and backups only when neither is there', () => {
    const team = [
      assignment('b', { duty: 'backup' }),
      assignment('m', { hours: DAYS }),
      assignment('l', { duty: 'lead', hours: 'Mo-Fr 08:00-12:00' }),
    ];
    expect(lines(team, '2025-11-03 09:00')).toEqual([
      'l lead until 11-03 12:00 then m 11-03 12:00',
      'm member until 11-03 18:00 then b 11-03 18:00',
    ]);
    expect(lines(team, '2025-11-03 12:00')).toEqual(['m member until 11-03 18:00 then b 11-03 18:00']);
    expect(lines(team, '2025-11-03 18:00')).toEqual(['b backup until 11-04 08:00 then l 11-04 08:00']);
  });

  it('goes up the chain to the first grid with anybody, backups included', () => {
    const team = [
      assignment('m', { hours: DAYS }),
      assignment('c', { grid: 'community', duty: 'backup', hours: 'Mo-Fr 18:00-22:00' }),
      assignment('s', { grid: 'street', duty: 'lead' }),
    ];
    expect(lines(team, '2025-11-03 09:00')).toEqual(['m member until 11-03 18:00 then c 11-03 18:00']);
    expect(lines(team, '2025-11-03 19:00')).toEqual(['c escalated until 11-03 22:00 then s 11-03 22:00']);
    expect(lines(team, '2025-11-03 23:00')).toEqual(['s escalated until 11-04 08:00 then m 11-04 08:00']);
    expect(ask(team, '2025-11-03 19:00')[0]).toMatchObject({
      grid: 'community',
      next: { worker: 's', grid: 'street', duty: 'lead' },
    });
  });

  it('is empty when nobody is on duty anywhere', () => {
    expect(lines([], '2025-11-03 09:00')).toEqual([]);
    expect(lines([assignment('m', { hours: DAYS })], '2025-11-03 07:59')).toEqual([]);
  });

  it('counts periods from valid_from on and up to valid_to', () => {
    const team = [
      assignment('old', { validTo: local('2025-11-03 12:00') }),
      assignment('new', { validFrom: local('2025-11-03 12:00'), hours: DAYS }),
    ];
    expect(lines(team, '2025-11-03 11:59')).toEqual(['old member until 11-03 12:00 then new 11-03 12:00']);
    // After it the same worker again: nobody else takes over.
    expect(lines(team, '2025-11-03 12:00')).toEqual(['new member until 11-03 18:00']);
  });

  it('has no end for who is always there', () => {
    expect(lines([assignment('m')], '2025-11-03 09:00')).toEqual(['m member']);
  });

  it('joins spells over midnight and over assignments that meet', () => {
    const team = [
      assignment('m', { id: '1', hours: 'Mo 20:00-08:00' }),
      assignment('m', { id: '2', hours: 'Tu 08:00-12:00', validTo: local('2025-11-04 11:00') }),
      assignment('m', { id: '3', duty: 'lead', validFrom: local('2025-11-04 11:00'), hours: 'Tu 10:00-13:00' }),
    ];
    expect(lines(team, '2025-11-03 21:00')).toEqual(['m member until 11-04 13:00']);
  });

  it('has no end for assignments that hand over to each other for ever', () => {
    const team = [
      assignment('m', { id: '1', hours: '00:00-12:00' }),
      assignment('m', { id: '2', hours: '12:00-24:00' }),
    ];
    expect(lines(team, '2025-11-03 09:00')).toEqual(['m member']);
  });

  it('names a worker once, by the strongest assignment', () => {
    const team = [assignment('m', { id: '1' }), assignment('m', { id: '2', duty: 'lead' }), assignment('a')];
    expect(ask(team, '2025-11-03 09:00').map(({ worker, assignment: id }) => [worker, id])).toEqual([
      ['m', '2'],
      ['a', 'a-grid-member'],
    ]);
  });

  it('keeps specialists to their category and what is below it, and puts them first', () => {
    const team = [
      assignment('general'),
      assignment('z-fire', { category: 'fire' }),
      assignment('gas', { category: 'gas', duty: 'backup' }),
      assignment('lead', { duty: 'lead' }),
    ];
    const names = (category: AskedCategory | null) => ask(team, '2025-11-03 09:00', category).map((d) => d.worker);
    expect(names(null)).toEqual(['lead', 'general']);
    expect(names({ code: 'fire', ancestors: [] })).toEqual(['lead', 'z-fire', 'general']);
    expect(names({ code: 'smoke', ancestors: ['fire', 'safety'] })).toEqual(['lead', 'z-fire', 'general']);
    expect(names({ code: 'safety', ancestors: [] })).toEqual(['lead', 'general']);
  });

  it('orders workers by UTF-8 bytes', () => {
    // U+FF21 comes before U+1F600 in UTF-8, after its surrogates in UTF-16.
    const team = ['b', '\u{1f600}', 'Ａ', 'a', 'B'].map((worker) => assignment(worker));
    expect(ask(team, '2025-11-03 09:00').map((d) => d.worker)).toEqual(['B', 'a', 'b', 'Ａ', '\u{1f600}']);
  });

  it('follows public holidays and make-up days', () => {
    const team = [
      assignment('m', { hours: `${DAYS}; PH off` }),
      assignment('b', { duty: 'backup', hours: 'Sa,Su,PH 09:00-17:00' }),
    ];
    expect(lines(team, '2025-10-02 10:00')).toEqual(['b backup until 10-02 17:00']);
    expect(lines(team, '2025-10-03 10:00')).toEqual(['b backup until 10-03 17:00 then m 10-04 08:00']);
    expect(lines(team, '2025-10-04 10:00')).toEqual(['m member until 10-04 18:00 then b 10-05 09:00']);
  });

  it('names the assignment’s bad hours', () => {
    expect(() => ask([assignment('m', { hours: '8-18' })], '2025-11-03 09:00')).toThrow(/Hours "8-18", position 1/);
  });
});

// Brute force over quarter hours, on which all borders of these rosters lie.
const start = local('2025-09-28 00:00').getTime();
const HOURS = [
  null,
  'Mo-Fr 08:00-18:00; PH off',
  'Mo-Fr 20:00-08:00',
  'Sa,Su,PH 09:00-17:00',
  'Mo-Fr 08:00-12:00,14:00-18:00',
  'Sa-Mo 22:00-30:00, Tu 06:00-07:00',
  'We 00:00-24:00, Th 00:00-06:30; PH 12:00-13:00 off',
  'Oct 01-Oct 03 10:15-10:45',
  'Fr 18:00-48:00',
  'off',
];
const quarter = (days: number) =>
  fc.integer({ min: 0, max: days * 96 }).map((quarters) => new Date(start + quarters * QUARTER));
const border = fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.noBias(quarter(8)) });
const rosters = fc.array(
  fc
    .record({
      worker: fc.constantFrom('a', 'b', 'c', '\u{1f600}', 'Ａ'),
      grid: fc.constantFrom(...CHAIN),
      duty: fc.constantFrom('lead', 'member', 'backup'),
      category: fc.constantFrom(null, null, 'fire', 'safety', 'noise'),
      validFrom: border,
      validTo: border,
      hours: fc.constantFrom(...HOURS),
    })
    .filter(({ validFrom, validTo }) => !validFrom || !validTo || validFrom < validTo),
  { minLength: 3, maxLength: 12, size: 'max' },
);
const withIds = rosters.map((rows) => rows.map((row, i): Assignment => ({ ...row, id: String(i) })));
const asked = fc.constantFrom<AskedCategory | null>(
  null,
  { code: 'fire', ancestors: ['safety'] },
  { code: 'noise', ancestors: [] },
);

function applies(row: Assignment, category: AskedCategory | null): boolean {
  if (row.category === null) return true;
  return category !== null && [category.code, ...category.ancestors].includes(row.category);
}

const parsed = new Map(HOURS.map((text) => [text, parseHours(text)]));

function present(row: Assignment, at: number): boolean {
  const started = row.validFrom === null || row.validFrom.getTime() <= at;
  const ended = row.validTo !== null && row.validTo.getTime() <= at;
  return started && !ended && isOpen(parsed.get(row.hours)!, new Date(at), calendar);
}

/** The duty list at an instant as the rules say it, group by group. */
function bruteForce(rows: Assignment[], at: number, category: AskedCategory | null) {
  const counting = rows.filter((row) => applies(row, category) && present(row, at));
  for (const grid of CHAIN) {
    for (const duties of [['lead', 'member'], ['backup']]) {
      const group = counting.filter((row) => row.grid === grid && duties.includes(row.duty));
      if (group.length === 0) continue;
      const list: Assignment[] = [];
      for (const duty of duties) {
        for (const special of [true, false]) {
          const same = group.filter((row) => row.duty === duty && (row.category !== null) === special);
          const keyed = same.map((row) => ({ row, key: Buffer.from(`${row.worker}\0${row.id}`).toString('hex') }));
          keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
          for (const { row } of keyed) if (!list.some(({ worker }) => worker === row.worker)) list.push(row);
        }
      }
      return { name: `${grid} ${duties[0]}`, list };
    }
  }
  return null;
}

/** What a walk over the quarter hours up to `end` can say of one line of the list. */
function walk(rows: Assignment[], worker: string, at: number, end: number, category: AskedCategory | null) {
  const group = bruteForce(rows, at, category)!.name;
  let until = Math.floor(at / QUARTER) * QUARTER + QUARTER;
  for (; until < end; until += QUARTER) {
    const now = bruteForce(rows, until, category);
    if (now?.name !== group || !now.list.some((row) => row.worker === worker)) break;
  }
  if (until >= end) return { until: null, next: null };
  for (let from = until; from < end; from += QUARTER) {
    const first = bruteForce(rows, from, category)?.list[0];
    if (!first) continue;
    const next = { worker: first.worker, grid: first.grid, duty: first.duty, from: new Date(from) };
    return { until: new Date(until), next: first.worker === worker ? null : next };
  }
  return { until: new Date(until), next: null };
}

const within = (date: Date | null | undefined, end: number) => (date && date.getTime() < end ? date : null);

describe('beside brute force', () => {
  it('lists the same workers, ends and successors', () => {
    const end = start + 12 * DAY;
    let listed = 0;
    let ended = 0;
    const minute = fc.noBias(fc.integer({ min: 0, max: 8 * 1440 }));
    fc.assert(
      fc.property(withIds, asked, minute, (rows, category, minutes) => {
        const at = start + minutes * 60_000;
        const answer = whoIsOnDuty(
          CHAIN,
          (grid) => rows.filter((r) => r.grid === grid),
          new Date(at),
          timetable,
          category,
        );
        const expected = bruteForce(rows, at, category);
        const above = expected !== null && !expected.name.startsWith('grid ');
        expect(answer.map(({ worker, grid, duty, assignment: id }) => [worker, grid, duty, id])).toEqual(
          (expected?.list ?? []).map((row) => [row.worker, row.grid, above ? 'escalated' : row.duty, row.id]),
        );
        for (const { worker, until, next } of answer) {
          const walked = walk(rows, worker, at, end, category);
          listed++;
          if (walked.until) ended++;
          expect(within(until, end)).toEqual(walked.until);
          expect(within(next?.from, end) && next).toEqual(walked.next);
        }
      }),
      { numRuns: 1000, seed: 20265 },
    );
    expect(listed).toBeGreaterThan(300);
    expect(ended).toBeGreaterThan(200);
  });

  it('finds the same staffed times', () => {
    const bounds = fc.tuple(quarter(8), quarter(8));
    fc.assert(
      fc.property(withIds, asked, bounds, (rows, category, [from, to]) => {
        const intervals = staffedIntervals(rows, from, to, calendar, category);
        for (const [i, interval] of intervals.entries()) {
          expect(interval.from < interval.to).toBe(true);
          if (i > 0) expect(intervals[i - 1]!.to < interval.from).toBe(true);
        }
        for (let at = start; at < start + 8 * DAY; at += QUARTER) {
          const inside = intervals.some((interval) => interval.from.getTime() <= at && at < interval.to.getTime());
          const asks = from.getTime() <= at && at < to.getTime();
          if (inside !== (asks && rows.some((row) => applies(row, category) && present(row, at)))) {
            expect.fail(`${new Date(at).toISOString()}: ${inside}`);
          }
        }
      }),
      { numRuns: 200, seed: 20266 },
    );
  });
});
