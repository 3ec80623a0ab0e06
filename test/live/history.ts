import type { Db, Queryable } from '../../src/db/db.ts';
import { pick, type Random } from '../helpers/noise.ts';
import { SIDE, SOUTH, WEST } from './world.ts';

/** A random place of the city as SQL. */
function place(random: Random): string {
  return `st_setsrid(st_point(${WEST + SIDE * random()}, ${SOUTH + SIDE * random()}), 4326)`;
}

/** Random edits, each a statement or several. Numbers keep ids of different rounds apart. */
const EDITS: ((random: Random, n: number) => string)[] = [
  (random, n) => `insert into incident (region, id, category, occurred_at, status, due_at, geom) values
    ('D', 'n${n}', 'c1', timestamptz '2026-10-31' - ${Math.floor(random() * 50)} * interval '1 day', 'handling',
      timestamptz '2026-10-30' + ${random()} * interval '2 days', ${place(random)}) on conflict do nothing`,
  (random) => `update incident set geom = ${place(random)} where id = 'i${Math.floor(random() * 4000)}'`,
  (random) => `update incident set status = '${pick(random, ['handling', 'closed', 'void'])}'
    where id in ('i${Math.floor(random() * 4000)}', 'i${Math.floor(random() * 4000)}')`,
  (
    random,
  ) => `update incident set occurred_at = timestamptz '2026-10-01' - ${random()} * interval '600 days', closed_at = null
    where id = 'i${Math.floor(random() * 4000)}'`,
  (random) => `delete from incident where id = 'i${Math.floor(random() * 4000)}'`,
  (random) =>
    `update camera set geom = ${place(random)}, status = 'fault' where code = 'k${Math.ceil(random() * 300)}'`,
  (random) => `delete from camera where code = 'k${Math.ceil(random() * 300)}'`,
  (random, n) => `insert into camera (code, geom) values ('x${n}', ${place(random)}) on conflict do nothing`,
  (random) =>
    `update street set geom = st_translate(geom, ${(random() - 0.5) * 0.01}, 0) where id = 's${Math.ceil(random() * 40)}'`,
  (random) =>
    `update grid set geom = st_multi(st_buffer(${place(random)}, ${0.002 + random() * 0.01})) where code = 'F'`,
  (random) =>
    `update grid set valid_to = ${pick(random, ["'2026-10-15'", 'null', "'2027-01-01'"])} where code = 'G${Math.floor(random() * 8)}-1'`,
  (random) =>
    `update grid set name = 'renamed', kind = '${pick(random, ['base', 'dedicated'])}' where code = 'G2-${Math.floor(random() * 8)}'`,
  (random, n) => `insert into grid (code, name, level, parent, geom)
    values ('M${n}', 'micro', 'microgrid', 'S1', st_multi(st_buffer(${place(random)}, 0.003))) on conflict do nothing`,
  (random) => `delete from grid where level = 'microgrid' and code like 'M%${Math.floor(random() * 10)}'`,
  (random) =>
    `update category set red_after_hours = ${Math.floor(random() * 40)} where code = '${pick(random, ['c1', 'd'])}'`,
  (random) =>
    `update assignment set hours = ${pick(random, ['null', "'Sa-Su 09:00-17:00'"])} where worker = 'w${Math.ceil(random() * 60)}'`,
  (random) =>
    `update worker set name = 'renamed ${Math.floor(random() * 9)}' where id = 'w${Math.ceil(random() * 80)}'`,
  () =>
    `insert into holiday (date, name) values ('2026-09-09', 'x') on conflict (date) do update set working = not holiday.working`,
];

/** Rarer edits of whole layers. */
const BULK: ((random: Random, n: number) => string)[] = [
  () => 'truncate street',
  () => 'truncate camera',
  (_random, n) => `insert into camera (code, geom) select 'b${n}-' || i, st_setsrid(st_point(
    ${WEST} + ${SIDE} * (i % 101) / 101.0, ${SOUTH} + ${SIDE} * (i % 103) / 103.0), 4326) from generate_series(1, 10050) i`,
  () => `delete from camera where code like 'b%'`,
  (
    _random,
    n,
  ) => `insert into incident (region, id, category, occurred_at, due_at, geom) select 'D', 'b${n}-' || i, 'c2',
    timestamptz '2026-10-20' - i * interval '1 minute', '2026-10-30', st_setsrid(st_point(
    ${WEST} + ${SIDE} * (i % 113) / 113.0, ${SOUTH} + ${SIDE} * (i % 109) / 109.0), 4326) from generate_series(1, 10100) i`,
  () => `delete from incident where id like 'b%'`,
  () => `update incident set status = 'triaged' where id like 'i%1'`,
];

/** One to five edits; `bulk`: now and then of a whole layer, which may lock out readers until it ends. */
export function randomEdits(random: Random, n: number, bulk = true): string[] {
  const count = 1 + Math.floor(random() * 5);
  return Array.from({ length: count }, (_, i) =>
    bulk && random() < 0.04 ? pick(random, BULK)(random, n * 10 + i) : pick(random, EDITS)(random, n * 10 + i),
  );
}

/** Make random edits in one transaction of the one connection; some are rolled back. */
export async function oneTransaction(db: Db, random: Random, n: number): Promise<void> {
  class Rollback extends Error {}
  const isRolledBack = random() < 0.2;
  try {
    await db.transaction(async (tx: Queryable) => {
      for (const statement of randomEdits(random, n)) await tx.script(statement);
      if (isRolledBack) throw new Rollback();
    });
  } catch (error) {
    if (!(error instanceof Rollback)) throw error;
  }
}
