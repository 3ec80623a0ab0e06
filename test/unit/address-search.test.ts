import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { AddressIndex, type AddressRow } from '../../src/addresses/search/index.ts';

/** Doors of 朝阳路 run east at about 9.6 m a number; the lane, the estates and the other district lie apart. */
const BOOK: [id: string, text: string, lon: number, lat: number][] = [
  ['a1', '浙江省滨海市临江区朝阳路1号', 120.0001, 30],
  ['a3', '浙江省滨海市临江区朝阳路3号', 120.0003, 30],
  ['a9', '浙江省滨海市临江区朝阳路9号', 120.0009, 30],
  ['a2', '浙江省滨海市临江区朝阳路2号', 120.0002, 30.0002],
  ['a11', '浙江省滨海市临江区朝阳路11号', 120.0011, 30],
  ['l5', '浙江省滨海市临江区朝阳路20巷5号', 120.002, 30.001],
  ['h1', '浙江省滨海市望海区朝阳路1号', 120.2, 30.2],
  ['n1', '浙江省滨海市临江区中山北路1号', 120.05, 30],
  ['s1', '浙江省滨海市临江区中山南路1号', 120.05, 29.9],
  ['e1', '浙江省滨海市临江区文晖路12号锦绣花园3幢1单元501室', 120.01, 30.01],
  ['e2', '浙江省滨海市临江区文晖路12号锦绣花园3幢2单元501室', 120.0101, 30.01],
  ['e3', '浙江省滨海市临江区文晖路12号锦绣花园3幢2单元502室', 120.0101, 30.01],
  ['e4', '浙江省滨海市临江区锦绣花园13幢2单元501室', 120.014, 30.012],
  ['p1', '浙江省滨海市临江区临江公园', 120.03, 30.03],
];

function build(rows = BOOK): AddressIndex {
  const index = new AddressIndex();
  for (const [id, text, lon, lat] of rows) index.add({ id, text, lon, lat });
  index.finish();
  return index;
}

describe('locate', () => {
  const index = build();

  test.each([
    ['浙江省滨海市临江区朝阳路3号', 'a3', 'number'],
    ['临江区朝阳路３號', 'a3', 'number'],
    ['臨江區朝陽路三號', 'a3', 'number'],
    ['临江朝阳路3', 'a3', 'number'],
    ['朝阳路20巷5号', 'l5', 'number'],
    ['锦绣花园3号楼2单元502房', 'e3', 'room'],
    ['锦绣花园3-2-502', 'e3', 'room'],
    ['锦绣花园3栋502', 'e3', 'room'],
    ['文晖路12号3栋2单元502室', 'e3', 'room'],
    ['文晖路12号13栋2单元501', 'e4', 'room'],
    ['3栋2单元502室锦绣花园', 'e3', 'room'],
    ['锦绣花园3栋', 'e1', 'building'],
    ['锦绣花园3栋2单元999室', 'e2', 'unit'],
    ['临江区文晖路12号', 'e1', 'number'],
    ['临江公园', 'p1', 'estate'],
    ['jinxiuhuayuan 3栋2单元502', 'e3', 'room'],
    ['临江区JXHY3栋2单元502', 'e3', 'room'],
    ['No. 1, Zhongshan N. Rd.', 'n1', 'number'],
  ])('%s is %s by %s', (text, id, level) => {
    const { status, match } = index.locate(text);
    expect({ status, id: match?.id, level: match?.level }).toEqual({ status: 'found', id, level });
  });

  test('what a caller says before an address is no part of it', () => {
    for (const said of ['我家在', '你好，我住', '报警地址是', '麻烦派人到', '']) {
      expect(index.locate(`${said}临江区朝阳路3号`).match?.id, said).toBe('a3');
      expect(index.locate(`${said}锦绣花园3栋502`).match?.id, said).toBe('e3');
    }
  });

  test('a name that shares nothing but its kind is another name, one of the same sound may be a slip', () => {
    const one = build([['r1', '浙江省滨海市临江区望江街道绣信大道727号', 120, 30]]);
    expect(one.locate('浙江省滨海市临江区望江街道朱雀大道727号').status).not.toBe('found');
    expect(one.locate('浙江省滨海市临江区望江街道秀信大道727号').match?.id).toBe('r1');
  });

  test('contradicting numbers veto: building 3 is not 13, door 1 is not 11', () => {
    expect(index.locate('锦绣花园13栋2单元501').match?.id).toBe('e4');
    expect(index.locate('锦绣花园33栋2单元501').status).not.toBe('found');
    expect(index.locate('临江区朝阳路11号').match?.id).toBe('a11');
    expect(index.locate('临江区朝阳路111号').status).not.toBe('found');
  });

  test('a missing district is ambiguous where two districts have the door, and lists both', () => {
    const { status, candidates, complete } = index.locate('朝阳路1号');
    expect(status).toBe('ambiguous');
    expect(complete).toBe(true);
    expect(
      candidates
        .slice(0, 2)
        .map((candidate) => candidate.id)
        .sort(),
    ).toEqual(['a1', 'h1']);
  });

  test('directions and numerals are never typing errors', () => {
    expect(index.locate('临江区中山南路1号').match?.id).toBe('s1');
    expect(index.locate('临江区中山东路1号').status).not.toBe('found');
  });

  test('a wrong district, a lane that was not said and an unknown road are not found', () => {
    for (const text of ['金沙区朝阳路3号', '朝阳路5号巷', '临江区解放路3号', '上海市浦东新区世纪大道8号', '重庆']) {
      expect(index.locate(text).status, text).not.toBe('found');
    }
  });

  test('a slip in a short name needs a division nearer than the district, or the same sound', () => {
    expect(index.locate('临江区朝花路3号').status).toBe('ambiguous');
    expect(index.locate('临江区朝花路3号').candidates[0]?.id).toBe('a3');
    expect(index.locate('临江区朝杨路3号').match?.id).toBe('a3');
  });

  test('a road alone and an area alone are offered, never found', () => {
    expect(index.locate('临江区朝阳路')).toMatchObject({ status: 'ambiguous', match: null, complete: false });
    expect(index.locate('浙江省滨海市临江区').candidates[0]).toMatchObject({ level: 'area', id: null });
  });

  test('the answer is explained', () => {
    const { match } = index.locate('临江区锦绣花园3栋502');
    expect(match).toMatchObject({
      matched: { district: '临江', estate: '锦绣花园', building: '3', room: '502' },
      missing: { unit: { found: '2' }, number: { found: '12' }, city: { found: '滨海' } },
      contradicted: {},
    });
    expect(index.locate('望海区锦绣花园3栋502').candidates[0]?.contradicted).toEqual({
      district: { asked: '望海区', found: '临江' },
    });
  });
});

describe('interpolation', () => {
  const index = build();

  test('goes between doors of the same side, with its bracket and error', () => {
    const { match } = index.locate('临江区朝阳路5号');
    expect(match).toMatchObject({ level: 'interpolated', id: null, bracket: { from: 'a3', to: 'a9' } });
    expect(match?.lon).toBeCloseTo(120.0005, 6);
    expect(match?.bracket?.errorMetres).toBe(39);
  });

  test('never crosses a border', () => {
    const sameGrid = (a: readonly [number, number], b: readonly [number, number]) =>
      a[0] < 120.0006 === b[0] < 120.0006;
    const { status, candidates } = index.locate('临江区朝阳路5号', { sameGrid });
    expect(status).toBe('ambiguous');
    expect(candidates.map((candidate) => candidate.id)).toEqual(['l5', 'a3', 'a9']);
  });

  test('needs a door on either side and ends not far apart', () => {
    expect(index.locate('临江区朝阳路4号').status).toBe('ambiguous');
    const far = build([...BOOK, ['a99', '浙江省滨海市临江区朝阳路99号', 120.0099, 30]]);
    expect(far.locate('临江区朝阳路51号').status).toBe('ambiguous');
  });

  test('a range is the doors inside it', () => {
    const { match } = index.locate('临江区朝阳路1~4号');
    expect(match).toMatchObject({ level: 'interpolated' });
    expect(match?.lon).toBeCloseTo(120.0002, 6);
  });
});

describe('edits', () => {
  let index: AddressIndex;
  beforeEach(() => {
    index = build();
  });

  test('are visible to the next question', () => {
    index.upsert({ id: 'x', text: '临江区桂花弄8号', lon: 120.3, lat: 30.3 });
    expect(index.locate('桂花弄8号').match?.id).toBe('x');
    index.upsert({ id: 'x', text: '临江区丹桂弄8号', lon: 120.3, lat: 30.3 });
    expect(index.locate('临江区桂花弄8号').status).not.toBe('found');
    expect(index.locate('临江区丹桂弄8号').match?.id).toBe('x');
    expect(index.remove('x')).toBe(true);
    expect(index.remove('x')).toBe(false);
    expect(index.locate('临江区丹桂弄8号').status).not.toBe('found');
    expect(index.size).toBe(BOOK.length);
  });

  test('in any order leave the book that was written last', () => {
    const edit = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 20 }));
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 40 }), (edits) => {
        const live = new AddressIndex();
        const expected = new Map<string, AddressRow>();
        for (const [key, door] of edits) {
          const row = { id: `id${key}`, text: `临江区朝阳路${door}号`, lon: 120 + door / 1000, lat: 30 };
          if (door === 0) expect(live.remove(row.id)).toBe(expected.delete(row.id));
          else {
            live.upsert(row);
            expected.set(row.id, row);
          }
        }
        expect(new Map([...live.rows()].map((row) => [row.id, row]))).toEqual(expected);
        for (const row of expected.values()) expect(live.get(row.id)).toEqual(row);
      }),
      { numRuns: 100 },
    );
  });
});

describe('suggest', () => {
  const index = build();

  test.each([
    ['锦绣', '锦绣花园'],
    ['jxh', '锦绣花园'],
    ['jinxiu', '锦绣花园'],
    ['临江区锦', '锦绣花园'],
    ['朝阳路2', '朝阳路2号'],
    ['朝阳路20巷', '朝阳路20巷5号'],
    ['锦绣花园3幢2单元50', '锦绣花园3幢2单元501室'],
    ['望海区朝', '望海朝阳路'],
  ])('%s → …%s', (typed, completed) => {
    expect(
      index
        .suggest(typed)
        .map((suggestion) => suggestion.text)
        .join('\n'),
    ).toContain(completed);
  });

  test('keeps to its limit and says nothing to nothing', () => {
    expect(index.suggest('朝阳路', 1)).toHaveLength(1);
    expect(index.suggest('')).toEqual([]);
    expect(index.suggest('\u0000🏠')).toEqual([]);
  });
});

describe('hostile text', () => {
  const index = build();
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '朝阳路',
      '锦绣花园',
      '3栋',
      '号',
      '１２',
      '-',
      '~',
      '临江区',
      'jxhy',
      '🏠',
      '\u0000',
      '（',
      '之',
      '层',
      '一二三',
      '臺',
    ),
    fc.stringMatching(/^\d{0,30}$/),
  );
  const hostile = fc.oneof(
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
    fc.tuple(piece, fc.integer({ min: 0, max: 500 })).map(([text, times]) => text.repeat(times).slice(0, 10_000)),
  );

  test('is answered with candidates within bounds', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const located = index.locate(text);
        expect(located.match === null).toBe(located.status !== 'found');
        expect(located.candidates.length).toBeLessThanOrEqual(5);
        expect(index.suggest(text).length).toBeLessThanOrEqual(10);
      }),
      { numRuns: 5000 },
    );
  });
});
