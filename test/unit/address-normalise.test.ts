import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_CONSIDERED, normalise } from '../../src/addresses/normalise.ts';

const PAIRS: [raw: string, normal: string][] = [
  ['臺北市中山區林森北路８５巷６１號', '台北市中山区林森北路85巷61号'],
  ['中山區臺北市中山區正義里005鄰林森北路85巷61號', '台北市中山区正义里5邻林森北路85巷61号'],
  ['108台灣台北市萬華區東園街46號', '台北市万华区东园街46号'],
  ['中正區100台灣台北市中正區大埔街44-8號', '台北市中正区大埔街44-8号'],
  ['中山區TPE臺北市中山區聚盛里中山北路二段', '台北市中山区聚盛里中山北路2段'],
  ['101大厦5号', '101大厦5号'],
  ['10491台灣臺北市中山區民生東路一段54號', '台北市中山区民生东路1段54号'],
  ['台湾省台北市大安区罗斯福路四段1号', '台北市大安区罗斯福路4段1号'],
  ['北京市朝阳区三里屯路11号', '北京市朝阳区三里屯路11号'],
  ['五一路二号', '五一路2号'],
  ['八一街二十三号', '八一街23号'],
  ['忠孝东路五段', '忠孝东路5段'],
  ['中山2路一百二十号', '中山二路120号'],
  ['锦绣花园十二幢三单元五〇一室', '锦绣花园12栋3单元501室'],
  ['锦绣花园12号楼3单元501房', '锦绣花园12栋3单元501室'],
  ['锦绣花园3#楼501户', '锦绣花园3栋501室'],
  ['A座3F', 'A栋3层'],
  ['青田街7巷4之3號', '青田街7巷4-3号'],
  ['青田街7巷4號之3', '青田街7巷4-3号'],
  ['青田街七巷四之三號', '青田街7巷4-3号'],
  ['朝阳路12号附3号', '朝阳路12-3号'],
  ['仁愛路124號1～30號', '仁爱路124号1~30号'],
  ['新生北路3段31 - 60號', '新生北路3段31-60号'],
  ['1号至30号', '1~30号'],
  ['大埔街44-8號3樓之2', '大埔街44-8号3层2室'],
  ['(望江街道)临江路5号', '望江街道临江路5号'],
  ['石牌路1段57號(1、2樓)', '石牌路1段57号1 2层'],
  ['南京路（近外滩）5号', '南京路5号近外滩'],
  ['  朝 阳\t路，12\u200b号🏠 ', '朝阳路12号'],
  ['松高路9、11號', '松高路9 11号'],
  ['地下一层', 'B1层'],
  ['第三单元', '3单元'],
  ['Zhōngshān Rd. 5', 'ZHONGSHAN RD 5'],
  ['Café Ἀθήνα', 'CAFEἈΘΉΝΑ'],
  ['ᶤἀ', 'ƗἈ'],
  ['\u1104!\u116d', '뚀'],
  ['1F(0', '1层0'],
  ['', ''],
];

describe('normalise', () => {
  test.each(PAIRS)('%s → %s', (raw, normal) => {
    expect(normalise(raw)).toBe(normal);
  });

  const fragment = fc.constantFrom(
    ...'零一二三十百号號栋幢座楼层室房户门梯巷弄段之附-~～至路街大道里邻社区省市县镇乡街道台湾中国第(（)）# 0 1 2 12 005 A B F 地下 邮编 310000 单元 院 乾 薴 é ﷺ 🏠'.split(
      /(?: |)/u,
    ),
  );
  const garbage = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 700 }),
    fc.array(fragment, { maxLength: 300 }).map((parts) => parts.join('')),
  );

  test('is idempotent and bounded', () => {
    fc.assert(
      fc.property(garbage, (text) => {
        const once = normalise(text);
        expect(normalise(once)).toBe(once);
        expect(once.length).toBeLessThanOrEqual(MAX_CONSIDERED);
      }),
      { numRuns: 3000 },
    );
  });

  test('considers no more than the first units of 10 KB of garbage', () => {
    for (const unit of ['(', '一', '1号', '之', 'é', '🏠', '省', '1', '\u0000', 'ﷺ'])
      expect(normalise(unit.repeat(10_000))).toBe(normalise(unit.repeat(MAX_CONSIDERED).slice(0, MAX_CONSIDERED)));
  });
});
