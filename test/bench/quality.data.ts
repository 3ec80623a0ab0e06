/** Questions out of public data: each row knows by itself where it belongs, and the question does not say it. */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { normalise } from '../../src/addresses/normalise.ts';
import { parse as parseAddress } from '../../src/addresses/parse.ts';
import { AddressIndex, type AddressRow } from '../../src/addresses/search/index.ts';
import { sharedData } from '../helpers/shared-data.ts';

/** A question, and whether a place is the right answer; null: nobody can tell. */
export interface Case {
  text: string;
  isRight: (place: {
    id: string | null;
    lon: number;
    lat: number;
    bracket?: { from: string; to: string };
  }) => boolean | null;
}

/** Questions of one kind to one book. */
export interface Suite {
  name: string;
  index: AddressIndex;
  cases: Case[];
}

type Row = Record<string, string>;

function read(path: string): Row[] {
  return parse(readFileSync(sharedData(path)), {
    columns: true,
    bom: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
  });
}

export function indexOf(rows: Iterable<AddressRow>): AddressIndex {
  const index = new AddressIndex();
  for (const row of rows) index.add(row);
  index.finish();
  return index;
}

function addressOf({ id, address, lon, lat }: Row): AddressRow {
  return { id: id!, text: address!, lon: Number(lon), lat: Number(lat) };
}

/** Right when the address of the book that was found, or either door beside it, has the value; null where it has none. */
function labelled(points: ReadonlyMap<string, Row>, label: string, expected: string): Case['isRight'] {
  return ({ id, bracket }) => {
    const ids = bracket ? [bracket.from, bracket.to] : [id];
    const labels = ids.map((one) => points.get(one ?? '')?.[label] ?? '').filter((value) => value !== '');
    if (labels.length === 0) return null;
    return labels.some((value) => normalise(value) === normalise(expected));
  };
}

export function taipeiSuites(): Suite[] {
  const rows = read('taipei/addresses/taipei_address_points.csv').filter(({ address }) => address !== '');
  const points = new Map(rows.map((row) => [row.id!, row]));
  const index = indexOf(rows.map(addressOf));
  const shelters = rows
    .filter(({ kind, village }) => kind === 'shelter' && village !== '')
    .map(({ address, village }): Case => {
      const text = address!.replace(village!, '');
      return { text, isRight: labelled(points, 'village', village!) };
    });
  return [
    { name: 'Taipei: shelters → own village', index, cases: shelters },
    { name: 'Taipei: requests → road and number', index, cases: requests(points) },
    { name: "Taipei: police cameras → precinct's district", index, cases: cameras(points) },
  ];
}

/** What citizens wrote; right when the road, the number and the village that the text names are those of the address. */
function requests(points: ReadonlyMap<string, Row>): Case[] {
  const files = ['open1999_202405_floors_removed.csv', 'open1999_202601_floors_removed.csv'];
  return files
    .flatMap((file) => read(`taipei/incidents/${file}`))
    .map(({ 案件地址: text = '' }) => {
      const { community, road } = parseAddress(normalise(text));
      const isVillage = community === undefined ? () => null : labelled(points, 'village', community);
      const isRight: Case['isRight'] = (place) => {
        const row = points.get(place.bracket?.from ?? place.id ?? '');
        if (road === undefined || row === undefined) return null;
        return parseAddress(normalise(row.address!)).road === road ? isVillage(place) : false;
      };
      return { text, isRight };
    });
}

/** A precinct is named by its district. The addresses name none, so most roads leave it open. */
function cameras(points: ReadonlyMap<string, Row>): Case[] {
  return read('taipei/cameras/police_cctv_15416_address_only.csv').map(
    ({ 所屬單位: unit = '', 安裝地址: text = '' }) => ({
      text: `臺北市${text}`,
      isRight: labelled(points, 'district', `${unit.slice(0, 2)}區`),
    }),
  );
}

/** Divisions by their names, from whole paths to one name; right when the code is. */
export function shenzhenSuites(): Suite[] {
  const rows = read('shenzhen/divisions.csv').filter(({ name }) => name !== '市辖区');
  const byCode = new Map(rows.map((row) => [row.code!, row]));
  const pathOf = (row: Row | undefined): string => (row ? pathOf(byCode.get(row.parent!)) + row.name! : '');
  // Most divisions have no point. Only codes are compared, so each gets a place of its own, a kilometre from the next.
  const place = (i: number) => ({ lon: 113 + (i % 100) * 0.01, lat: 22 + Math.floor(i / 100) * 0.01 });
  const index = indexOf(rows.map((row, i) => ({ id: row.code!, text: pathOf(row), ...place(i) })));
  const ask = (name: string, textOf: (row: Row) => string): Suite => ({
    name: `Shenzhen: ${name}`,
    index,
    cases: rows
      .filter(({ level }) => level === 'village')
      .map((row) => ({ text: textOf(row), isRight: ({ id }) => (id === null ? null : id === row.code) })),
  });
  return [
    ask('divisions by path', pathOf),
    ask('divisions by street and short name', (row) => {
      const street = byCode.get(row.parent!)?.name ?? '';
      return street + row.name!.replace(/居民委员会$/, '');
    }),
    ask('divisions by their own name', ({ name }) => name!),
  ];
}
