import { describe, expect, test } from 'vitest';
import { normalise } from '../../src/addresses/normalise.ts';
import { type Components, parse } from '../../src/addresses/parse.ts';

const CASES: [string, Components][] = [
  ['青石镇塘墩村6组1号', { street: '青石镇', community: '塘墩村', group: '6', number: '1' }],
  [
    '3幢2单元静景苑滨海市临江区望江街道',
    { building: '3', unit: '2', estate: '静景苑', city: '滨海市', district: '临江区', street: '望江街道' },
  ],
  ['宝安区大浪办事处新围社区居民委员会', { district: '宝安区', street: '大浪办事处', community: '新围社区居民委员会' }],
  [
    '浙江省滨海市临江区望江街道春晓社区朝阳路12号锦绣花园3幢2单元501室',
    {
      province: '浙江省',
      city: '滨海市',
      district: '临江区',
      street: '望江街道',
      community: '春晓社区',
      road: '朝阳路',
      number: '12',
      estate: '锦绣花园',
      building: '3',
      unit: '2',
      room: '501',
    },
  ],
  [
    '中山區臺北市中山區正義里005鄰林森北路８５巷６１號',
    {
      city: '台北市',
      district: '中山区',
      community: '正义里',
      neighbourhood: '5',
      road: '林森北路',
      lane: '85',
      number: '61',
    },
  ],
  [
    '臺北市信義區信義路五段150巷10弄2之3號7樓',
    {
      city: '台北市',
      district: '信义区',
      road: '信义路',
      section: '5',
      lane: '150',
      alley: '10',
      number: '2-3',
      floor: '7',
    },
  ],
  [
    '信義區中坡里忠孝東路五段790巷',
    { district: '信义区', community: '中坡里', road: '忠孝东路', section: '5', lane: '790' },
  ],
  ['上海市广东路12号', { city: '上海市', road: '广东路', number: '12' }],
  ['北京市朝阳区三里屯路11号', { city: '北京市', district: '朝阳区', road: '三里屯路', number: '11' }],
  ['北京市朝阳区朝阳路5号院3号楼', { city: '北京市', district: '朝阳区', road: '朝阳路', number: '5', building: '3' }],
  ['青岛市市北区新市路7号', { city: '青岛市', district: '市北区', road: '新市路', number: '7' }],
  ['锦绣小区3-2-501', { estate: '锦绣小区', building: '3', unit: '2', room: '501' }],
  ['锦绣花园3栋501', { estate: '锦绣花园', building: '3', room: '501' }],
  ['朝阳路12', { road: '朝阳路', number: '12' }],
  ['朝阳路1~30号', { road: '朝阳路', number: '1~30' }],
  ['3栋501室锦绣花园朝阳路12号', { building: '3', room: '501', estate: '锦绣花园', road: '朝阳路', number: '12' }],
  ['朝阳路12号全家便利店旁边', { road: '朝阳路', number: '12', place: '全家便利店' }],
  ['大業路-大同街', { road: '大业路', crossing: '大同街' }],
  ['CHAOYANGLU12号', { place: 'CHAOYANGLU', number: '12' }],
  [
    'No. 35, Sec. 2, Zhongshan N. Rd., Zhongshan Dist., Taipei City',
    { road: 'ZHONGSHANBEILU', section: '2', number: '35' },
  ],
  ['', {}],
];

describe('parse', () => {
  test.each(CASES)('%s', (raw, components) => {
    expect(parse(normalise(raw))).toEqual(components);
  });

  test('takes time in proportion to hostile text', () => {
    const started = performance.now();
    for (const unit of ['路', '省', '1号', '里', '小区', 'A ', '1-', '东栋', '中山', '社区路'])
      parse(normalise(unit.repeat(5000)));
    expect(performance.now() - started).toBeLessThan(500);
  });
});
