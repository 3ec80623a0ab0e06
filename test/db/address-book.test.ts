import { beforeEach, describe, expect, test } from 'vitest';
import { keyAddresses } from '../../src/addresses/keys.ts';
import { AddressBook } from '../../src/addresses/live.ts';
import type { Db } from '../../src/db/db.ts';
import { smallCity } from '../helpers/small-city.ts';

let db: Db;
let book: AddressBook;

beforeEach(async () => {
  db = await smallCity();
  book = new AddressBook(db);
});

async function found(text: string): Promise<string | null> {
  await book.catchUp();
  return book.locate(text).match?.id ?? null;
}

function insert(id: string, text: string, lon = 120.005): Promise<unknown> {
  return db.query('insert into address (id, text, geom) values ($1, $2, st_setsrid(st_point($3, 30.005), 4326))', [
    id,
    text,
    lon,
  ]);
}

/** Many doors of one road in one statement: a bulk change. Doors lie 20 m apart. */
function insertDoors(n: number): Promise<unknown> {
  return db.query(
    `insert into address (id, text, geom)
     select 'B' || i, '临江区长江路' || i || '号', st_setsrid(st_point(120 + i * 2e-4, 30.005), 4326)
     from generate_series(1, $1::int) i`,
    [n],
  );
}

describe('the book follows the record', () => {
  test('rows that anybody inserts, changes and deletes', async () => {
    expect(await found('临江路1号')).toBe('A1');
    await insert('A2', '临江区望海路7号');
    expect(await found('望海路7号')).toBe('A2');
    await db.query("update address set text = '临江区望海路9号' where id = 'A2'");
    expect(await found('望海路7号')).toBeNull();
    expect(await found('望海路9号')).toBe('A2');
    await db.query("update address set geom = st_setsrid(st_point(120.015, 30.001), 4326) where id = 'A2'");
    await book.catchUp();
    expect(book.locate('望海路9号').match).toMatchObject({ lon: 120.015, lat: 30.001 });
    await db.query("delete from address where id = 'A2'");
    expect(await found('望海路9号')).toBeNull();
    expect(book.size).toBe(1);
  });

  test('a transaction that is rolled back changes nothing, one that commits late is not missed', async () => {
    await book.catchUp();
    await expect(
      db.transaction(async (tx) => {
        await tx.query("update address set text = '临江区望海路3号' where id = 'A1'");
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await found('望海路3号')).toBeNull();
    expect(await found('临江路1号')).toBe('A1');
  });

  test('bulk changes and truncation read the book again', async () => {
    await book.catchUp();
    await insertDoors(10_500);
    expect(await found('长江路10500号')).toBe('B10500');
    expect(book.size).toBe(10_501);
    await db.script('truncate address');
    expect(await found('长江路10500号')).toBeNull();
    expect(book.size).toBe(0);
  });

  test('a pruned log reads the book again', async () => {
    await book.catchUp();
    await insert('A2', '临江区望海路7号');
    await db.query("select prune_changes(interval '0')");
    await insert('A3', '临江区望海路9号');
    expect(await found('望海路7号')).toBe('A2');
  });

  test('the stored normalised form is only used while it is of this text', async () => {
    await db.transaction((tx) => keyAddresses(tx));
    await db.query("update address set text = '临江区望海路１１號' where id = 'A1'");
    expect(await found('望海路11号')).toBe('A1');
  });

  test('questions at the same time see what was committed before them', async () => {
    await book.catchUp();
    const answers = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        await insert(`P${i}`, `临江区望海路${i + 20}号`);
        return found(`望海路${i + 20}号`);
      }),
    );
    expect(answers).toEqual(answers.map((_, i) => `P${i}`));
  });
});

test('a book of tombstones is compacted beside the questions, and edits meanwhile are not lost', async () => {
  await insertDoors(11_000);
  await book.catchUp();
  const before = book.memory().rows;
  for (const from of [1, 3_701, 7_401]) {
    await db.query(
      `update address set text = text || '甲' where id in (select 'B' || i from generate_series($1::int, $1 + 3699) i)`,
      [from],
    );
    await book.catchUp();
  }
  const swollen = book.memory().rows;
  expect(swollen).toBeGreaterThan(before * 1.5);
  await db.query("update address set text = '临江区望海路5号' where id = 'B5'");
  await db.query("delete from address where id = 'B6'");
  expect(await found('望海路5号')).toBe('B5');
  await book.settled();
  expect(book.memory().rows).toBeLessThan(swollen * 0.7);
  expect(book.size).toBe(11_000);
  expect(await found('望海路5号')).toBe('B5');
  expect(await found('长江路6号甲')).not.toBe('B6');
  expect(await found('长江路9000号')).toBe('B9000');
});
