import type { EmergingClass } from './stats/emerging.ts';
import type { HotspotClass } from './stats/fdr.ts';
import type { MoranClass } from './stats/moran.ts';

/** One line of a legend. */
export interface LegendEntry<C extends string = string> {
  /** What the attribute `class` (of checks: `check`) says. */
  class: C;
  label: { en: string; zh: string };
  /** Fill. */
  color: string;
  /** Written on the place where colours alone cannot tell classes apart. */
  symbol?: string;
}

/**
 * Red to blue of ColorBrewer's RdBu (Harrower and Brewer, 2003), which readers with any of the common kinds of colour
 * blindness tell apart: hot and cold differ in hue, degrees in lightness.
 */
const RED = ['#67001f', '#b2182b', '#d6604d', '#f4a582', '#fddbc7'] as const;
const BLUE = ['#053061', '#2166ac', '#4393c3', '#92c5de', '#d1e5f0'] as const;
const PALE = '#f7f7f7';

export const HOTSPOT_LEGEND: readonly LegendEntry<HotspotClass>[] = [
  { class: 'hot99', label: { en: 'Hot spot, 99 %', zh: '热点 99%' }, color: RED[1] },
  { class: 'hot95', label: { en: 'Hot spot, 95 %', zh: '热点 95%' }, color: RED[2] },
  { class: 'hot90', label: { en: 'Hot spot, 90 %', zh: '热点 90%' }, color: RED[3] },
  { class: 'ns', label: { en: 'Not significant', zh: '不显著' }, color: PALE },
  { class: 'cold90', label: { en: 'Cold spot, 90 %', zh: '冷点 90%' }, color: BLUE[3] },
  { class: 'cold95', label: { en: 'Cold spot, 95 %', zh: '冷点 95%' }, color: BLUE[2] },
  { class: 'cold99', label: { en: 'Cold spot, 99 %', zh: '冷点 99%' }, color: BLUE[1] },
];

export const MORAN_LEGEND: readonly LegendEntry<MoranClass>[] = [
  { class: 'high-high', label: { en: 'High among high', zh: '高-高' }, color: RED[1] },
  { class: 'high-low', label: { en: 'High among low', zh: '高-低' }, color: RED[3] },
  { class: 'ns', label: { en: 'Not significant', zh: '不显著' }, color: PALE },
  { class: 'low-high', label: { en: 'Low among high', zh: '低-高' }, color: BLUE[3] },
  { class: 'low-low', label: { en: 'Low among low', zh: '低-低' }, color: BLUE[1] },
];

/** Eight classes a side are more than five shades: neighbours in shade have symbols of their own. */
export const EMERGING_LEGEND: readonly LegendEntry<EmergingClass>[] = [
  { class: 'new_hot', label: { en: 'New hot spot', zh: '新增热点' }, color: RED[0], symbol: 'N' },
  { class: 'consecutive_hot', label: { en: 'Consecutive hot spot', zh: '连续热点' }, color: RED[1], symbol: 'C' },
  { class: 'intensifying_hot', label: { en: 'Intensifying hot spot', zh: '加强热点' }, color: RED[0], symbol: '+' },
  { class: 'persistent_hot', label: { en: 'Persistent hot spot', zh: '持续热点' }, color: RED[1], symbol: '=' },
  { class: 'diminishing_hot', label: { en: 'Diminishing hot spot', zh: '减弱热点' }, color: RED[2], symbol: '−' },
  { class: 'sporadic_hot', label: { en: 'Sporadic hot spot', zh: '分散热点' }, color: RED[3], symbol: 'S' },
  { class: 'oscillating_hot', label: { en: 'Oscillating hot spot', zh: '振荡热点' }, color: RED[3], symbol: '~' },
  { class: 'historical_hot', label: { en: 'Historical hot spot', zh: '历史热点' }, color: RED[4], symbol: 'H' },
  { class: 'new_cold', label: { en: 'New cold spot', zh: '新增冷点' }, color: BLUE[0], symbol: 'N' },
  { class: 'consecutive_cold', label: { en: 'Consecutive cold spot', zh: '连续冷点' }, color: BLUE[1], symbol: 'C' },
  { class: 'intensifying_cold', label: { en: 'Intensifying cold spot', zh: '加强冷点' }, color: BLUE[0], symbol: '+' },
  { class: 'persistent_cold', label: { en: 'Persistent cold spot', zh: '持续冷点' }, color: BLUE[1], symbol: '=' },
  { class: 'diminishing_cold', label: { en: 'Diminishing cold spot', zh: '减弱冷点' }, color: BLUE[2], symbol: '−' },
  { class: 'sporadic_cold', label: { en: 'Sporadic cold spot', zh: '分散冷点' }, color: BLUE[3], symbol: 'S' },
  { class: 'oscillating_cold', label: { en: 'Oscillating cold spot', zh: '振荡冷点' }, color: BLUE[3], symbol: '~' },
  { class: 'historical_cold', label: { en: 'Historical cold spot', zh: '历史冷点' }, color: BLUE[4], symbol: 'H' },
  { class: 'none', label: { en: 'No pattern', zh: '无模式' }, color: PALE },
];

/** Colours of Okabe and Ito ("Color Universal Design", 2008), a sign for each kind: colours alone do not tell seven apart. */
export const CHECK_LEGEND: readonly LegendEntry[] = [
  { class: 'invalid', label: { en: 'Invalid polygon', zh: '几何无效' }, color: '#000000', symbol: '×' },
  { class: 'overlap', label: { en: 'Overlap', zh: '重叠' }, color: '#d55e00', symbol: '∩' },
  { class: 'gap', label: { en: 'Gap', zh: '缝隙' }, color: '#0072b2', symbol: '○' },
  { class: 'outside_parent', label: { en: 'Outside the parent', zh: '超出上级' }, color: '#cc79a7', symbol: '→' },
  {
    class: 'code_not_under_parent',
    label: { en: "Code not under the parent's", zh: '编码不符' },
    color: '#f0e442',
    symbol: '#',
  },
  {
    class: 'households',
    label: { en: 'Households outside the profile', zh: '户数不合标准' },
    color: '#e69f00',
    symbol: '⌂',
  },
  {
    class: 'population',
    label: { en: 'Population outside the profile', zh: '人口不合标准' },
    color: '#56b4e9',
    symbol: '¤',
  },
];

/** Faults of the roster, and points outside every grid: of `/checks`, not of its tiles. */
export const SITE_LEGEND: readonly LegendEntry[] = [
  {
    class: 'incident_outside',
    label: { en: 'Incident in no grid', zh: '事件不在网格内' },
    color: '#d55e00',
    symbol: '!',
  },
  {
    class: 'address_outside',
    label: { en: 'Address in no grid', zh: '地址不在网格内' },
    color: '#0072b2',
    symbol: '@',
  },
  {
    class: 'hours_unreadable',
    label: { en: 'Hours that mean nothing', zh: '班次无法识别' },
    color: '#cc79a7',
    symbol: '?',
  },
  { class: 'unstaffed_week', label: { en: 'Nobody for a week', zh: '一周无人值班' }, color: '#d55e00', symbol: '∅' },
  { class: 'unstaffed_now', label: { en: 'Nobody now', zh: '此刻无人值班' }, color: '#56b4e9', symbol: '…' },
  { class: 'no_fulltime', label: { en: 'No full-time worker', zh: '无专职网格员' }, color: '#e69f00', symbol: '1' },
  { class: 'few_members', label: { en: 'Too few members', zh: '人员不足' }, color: '#e69f00', symbol: '5' },
  { class: 'no_legal_officer', label: { en: 'No legal officer', zh: '无政法人员' }, color: '#009e73', symbol: '§' },
  { class: 'no_chief', label: { en: 'No chief', zh: '无网格长' }, color: '#009e73', symbol: '*' },
];

/**
 * The same colours for a dark ground: there what is far from the middle is bright, as it is dark on a light ground, and
 * what was too dark to be seen is lighter.
 */
const ON_DARK: Readonly<Record<string, string>> = {
  [RED[0]]: '#ffc2a3',
  [RED[1]]: '#ff8f66',
  [RED[2]]: '#dd6448',
  [RED[3]]: '#a8453a',
  [RED[4]]: '#76332f',
  [BLUE[0]]: '#c4e2fa',
  [BLUE[1]]: '#84c0f0',
  [BLUE[2]]: '#4a96cf',
  [BLUE[3]]: '#316a9c',
  [BLUE[4]]: '#264c70',
  [PALE]: '#3a434f',
  '#000000': '#ffffff',
  '#0072b2': '#4fa9e6',
  '#d55e00': '#f5823c',
};

/** A legend as it is drawn on a light or a dark ground. */
export function legendOn<C extends string>(
  theme: 'light' | 'dark',
  legend: readonly LegendEntry<C>[],
): readonly LegendEntry<C>[] {
  if (theme === 'light') return legend;
  return legend.map((entry) => ({ ...entry, color: ON_DARK[entry.color] ?? entry.color }));
}

/** The legends by what the tiles were asked for. */
export const LEGENDS = {
  gistar: HOTSPOT_LEGEND,
  moran: MORAN_LEGEND,
  emerging: EMERGING_LEGEND,
  checks: CHECK_LEGEND,
} as const;
