import type { GridFigures } from './figures.ts';
import type { ReportLanguage } from './report.schema.ts';

/** The words of a report in one language. */
export interface ReportWords {
  title: string;
  period: string;
  open: string;
  figures: string;
  figure: string;
  value: string;
  previous: string;
  change: string;
  classes: string;
  ranking: string;
  rank: string;
  grid: string;
  map: string;
  mapNote: (cells: number, outside: number) => string;
  lights: string;
  names: Record<
    | 'incidents'
    | 'closed'
    | 'closing_rate'
    | 'mean_hours'
    | 'median_hours'
    | 'p90_hours'
    | 'green'
    | 'yellow'
    | 'red'
    | 'overdue'
    | 'per_1000_households'
    | 'cameras'
    | 'workers'
    | 'incidents_per_worker'
    | 'households'
    | 'population',
    string
  >;
}

/** Figures of a report in their order. */
export const REPORT_FIGURES: (keyof ReportWords['names'] & keyof GridFigures)[] = [
  'incidents',
  'closed',
  'closing_rate',
  'mean_hours',
  'median_hours',
  'p90_hours',
  'green',
  'yellow',
  'red',
  'per_1000_households',
  'households',
  'population',
  'workers',
  'incidents_per_worker',
  'cameras',
];

export const REPORT_WORDS: Record<ReportLanguage, ReportWords> = {
  zh: {
    title: '网格运行报告',
    period: '统计时段',
    open: '至今',
    figures: '主要指标',
    figure: '指标',
    value: '本期',
    previous: '上期',
    change: '增减',
    classes: '事件大类',
    ranking: '下级排名',
    rank: '名次',
    grid: '网格',
    map: '热点分布',
    mapNote: (cells, outside) =>
      `Gi*，研究区 ${cells} 个 H3 单元，零值计入，Benjamini–Hochberg 校正；另有 ${outside} 件在研究区外。`,
    lights: '信号灯截至',
    names: {
      incidents: '事件数',
      closed: '办结数',
      closing_rate: '办结率',
      mean_hours: '平均办理时长（小时）',
      median_hours: '办理时长中位数（小时）',
      p90_hours: '办理时长 90 分位（小时）',
      green: '绿灯（办理中）',
      yellow: '黄灯（超期）',
      red: '红灯（严重超期）',
      overdue: '超期',
      per_1000_households: '每千户事件',
      cameras: '监控点',
      workers: '网格员',
      incidents_per_worker: '人均事件',
      households: '户数',
      population: '人口',
    },
  },
  en: {
    title: 'Grid report',
    period: 'Period',
    open: 'now',
    figures: 'Figures',
    figure: 'Figure',
    value: 'Period',
    previous: 'Period before',
    change: 'Change',
    classes: 'Classes of incidents',
    ranking: 'Ranking of the grids below',
    rank: 'Rank',
    grid: 'Grid',
    map: 'Hot spots',
    mapNote: (cells, outside) =>
      `Gi* over a study area of ${cells} H3 cells, zeros included, by Benjamini–Hochberg; ${outside} incidents lie outside it.`,
    lights: 'Lights as of',
    names: {
      incidents: 'Incidents',
      closed: 'Closed',
      closing_rate: 'Closing rate',
      mean_hours: 'Mean hours to close',
      median_hours: 'Median hours to close',
      p90_hours: '90th percentile of hours',
      green: 'Green (in time)',
      yellow: 'Yellow (overdue)',
      red: 'Red (long overdue)',
      overdue: 'Overdue',
      per_1000_households: 'Incidents per 1,000 households',
      cameras: 'Cameras',
      workers: 'Workers',
      incidents_per_worker: 'Incidents per worker',
      households: 'Households',
      population: 'Population',
    },
  },
};
