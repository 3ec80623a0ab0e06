import { describe, expect, test } from 'vitest';
import { normalise } from '../../src/addresses/normalise.ts';
import { type Components, parse } from '../../src/addresses/parse.ts';
import { withoutPreamble } from '../../src/addresses/preamble.ts';

const CASES: [string, Components][] = [
  // Names of divisions that hold the words for others.
  [
    '江苏省镇江市丹徒区谷阳镇人民路12号',
    { province: '江苏省', city: '镇江市', district: '丹徒区', street: '谷阳镇', road: '人民路', number: '12' },
  ],
  [
    '河南省新乡市辉县市南村镇人民路12号',
    { province: '河南省', city: '新乡市', district: '辉县市', street: '南村镇', road: '人民路', number: '12' },
  ],
  [
    '浙江省台州市路桥区路北街道人民路12号',
    { province: '浙江省', city: '台州市', district: '路桥区', street: '路北街道', road: '人民路', number: '12' },
  ],
  ['甘肃省张掖市民乐县洪水镇', { province: '甘肃省', city: '张掖市', district: '民乐县', street: '洪水镇' }],
  ['滨海市民政局', { place: '滨海市民政局' }],
  ['福建省三明市沙县区高砂镇', { province: '福建省', city: '三明市', district: '沙县区', street: '高砂镇' }],
  ['山西省临汾市尧都区魏村镇', { province: '山西省', city: '临汾市', district: '尧都区', street: '魏村镇' }],
  [
    '云南省临沧市双江拉祜族佤族布朗族傣族自治县勐库镇',
    { province: '云南省', city: '临沧市', district: '双江拉祜族佤族布朗族傣族自治县', street: '勐库镇' },
  ],
  [
    '贵州省铜仁市思南县胡家湾苗族土家族乡',
    { province: '贵州省', city: '铜仁市', district: '思南县', street: '胡家湾苗族土家族乡' },
  ],
  [
    '河北省石家庄市石家庄高新技术产业开发区太行街道',
    { province: '河北省', city: '石家庄市', district: '石家庄高新技术产业开发区', street: '太行街道' },
  ],
  ['浙江省衢州市柯城区府山街道', { province: '浙江省', city: '衢州市', district: '柯城区', street: '府山街道' }],
  ['澄祥巷3号青坊镇云西区', { road: '澄祥巷', number: '3', street: '青坊镇', district: '云西区' }],
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

  test.each(['路', '省', '1号', '里', '小区', 'A ', '1-', '东栋', '中山', '社区路'])(
    'ends on %s again and again',
    (unit) => {
      const text = normalise(unit.repeat(5000));
      for (const component of Object.values(parse(text))) expect(text.replaceAll(' ', '')).toContain(component);
    },
  );
});

describe('what is said before an address', () => {
  test.each([
    ['我家在南环路4号', ['在南环路4号', '南环路4号']],
    ['你好，我住兴宁弄3号', ['住兴宁弄3号', '兴宁弄3号']],
    ['报警地址是澜湖区民生路128号', ['是澜湖区民生路128号', '澜湖区民生路128号']],
    ['麻烦派人到岚山区安景苑3幢', ['派人到岚山区安景苑3栋', '岚山区安景苑3栋']],
    ['南环路4号', []],
    // A division or number before the word: the word stands in an address, or a name begins with it.
    ['岚山区住在安景苑3幢', []],
    ['3号楼在南环路', []],
    ['住宅区3号', []],
  ])('%s', (text, rests) => {
    expect(withoutPreamble(normalise(text))).toEqual(rests);
  });
});
