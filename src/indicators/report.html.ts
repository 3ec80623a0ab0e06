import type { Indicator } from './answer.ts';
import type { CountFigures } from './figures.ts';
import { escapeHtml } from './report.escape.ts';
import { reportMap } from './report.map.ts';
import type { ReportLanguage } from './report.schema.ts';
import type { Report } from './report.ts';
import { REPORT_FIGURES, REPORT_WORDS, type ReportWords } from './report.words.ts';

/** Rows of the ranking that fit on a page. */
const RANKED = 20;

const STYLE = `
:root { font: 14px/1.5 "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif; color: #1b1f24; }
body { max-width: 56rem; margin: 2rem auto; padding: 0 1rem; background: #fff; }
h1 { font-size: 1.7rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; font-weight: 600; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid #d5d9df; text-align: right; }
th:first-child, td:first-child, td.text, th.text { text-align: left; }
thead th { border-bottom: 2px solid #1b1f24; }
figure { margin: 0; } svg { width: 100%; height: auto; max-height: 60vh; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0; }
.legend span { display: inline-block; width: 1em; height: 1em; margin-right: .4em; vertical-align: -.1em; border: 1px solid #777; }
.quiet { color: #555c66; }
@media print {
  @page { size: A4; margin: 16mm; }
  body { margin: 0; padding: 0; max-width: none; font-size: 10pt; }
  table, figure, tr { break-inside: avoid; } h2 { break-after: avoid; }
  svg, .legend span { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}`;

/** The report as a page that needs nothing else and prints well. */
export function reportHtml(report: Report, lang: ReportLanguage): string {
  const words = REPORT_WORDS[lang];
  const { grid, about, hotspots } = report;
  const show = numberWriter(lang);
  const time = timeWriter(lang, report.timeZone);
  const period = `${about.from ? time(about.from) : '…'} – ${about.to ? time(about.to) : words.open}`;
  return `<!doctype html>
<html lang="${lang === 'zh' ? 'zh-CN' : 'en'}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(`${grid.name} – ${words.title}`)}</title><style>${STYLE}</style></head>
<body>
<h1>${escapeHtml(grid.name)} <small>${words.title}</small></h1>
<p>${words.period}: ${escapeHtml(period)} (${escapeHtml(report.timeZone)})<br>
<span class="quiet">${words.lights} ${escapeHtml(time(about.at))}</span></p>
<h2>${words.figures}</h2>
${figuresTable(grid, words, show)}
<h2>${words.map}</h2>
${reportMap(report, words.map, lang)}
<p class="quiet">${escapeHtml(words.mapNote(hotspots.area.cells, hotspots.area.outside))}</p>
<h2>${words.ranking}</h2>
${rankingTable(report.ranking.slice(0, RANKED), words, show)}
<h2>${words.classes}</h2>
${classTable(grid.groups, words, show)}
</body>
</html>
`;
}

type Show = (name: string, value: number | null | undefined) => string;

function numberWriter(lang: ReportLanguage): Show {
  const locale = lang === 'zh' ? 'zh-CN' : 'en';
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const signed = new Intl.NumberFormat(locale, {
    style: 'percent',
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  });
  return (name, value) => {
    if (value === null || value === undefined) return '–';
    if (name === 'change') return signed.format(value);
    return name === 'closing_rate' ? percent.format(value) : whole.format(value);
  };
}

function timeWriter(lang: ReportLanguage, timeZone: string): (at: Date) => string {
  const format = new Intl.DateTimeFormat(lang === 'zh' ? 'zh-CN' : 'en-GB', {
    timeZone,
    dateStyle: 'medium',
    timeStyle: 'short',
  });
  return (at) => format.format(at);
}

function figuresTable(grid: Indicator, words: ReportWords, show: Show): string {
  const previous = grid.previous as Record<string, number | null> | undefined;
  const change = grid.change as Record<string, number | null> | undefined;
  const rows = REPORT_FIGURES.map((name) => {
    const cells = [show(name, grid[name]), show(name, previous?.[name]), show('change', change?.[name])];
    return `<tr><th scope="row">${words.names[name]}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  return table([words.figure, words.value, words.previous, words.change], rows);
}

function rankingTable(grids: Indicator[], words: ReportWords, show: Show): string {
  const names = ['incidents', 'closing_rate', 'mean_hours', 'overdue', 'per_1000_households'] as const;
  const rows = grids.map((grid) => {
    const cells = names.map((name) => `<td>${show(name, grid[name])}</td>`).join('');
    return `<tr><td>${show('rank', grid.rank)}</td><td class="text">${escapeHtml(grid.name)}</td>${cells}</tr>`;
  });
  return table([words.rank, words.grid, ...names.map((name) => words.names[name])], rows, 1);
}

function classTable(groups: Report['grid']['groups'], words: ReportWords, show: Show): string {
  const names = ['incidents', 'closed', 'closing_rate', 'mean_hours', 'overdue'] satisfies (keyof CountFigures)[];
  const rows = groups.map((group) => {
    const cells = names.map((name) => `<td>${show(name, group[name])}</td>`).join('');
    return `<tr><th scope="row">${escapeHtml(group.name ?? group.key ?? '–')}</th>${cells}</tr>`;
  });
  return table([words.classes, ...names.map((name) => words.names[name])], rows);
}

/** @param textColumn position of a second column of words */
function table(head: string[], rows: string[], textColumn = 0): string {
  const heads = head.map(
    (text, i) => `<th scope="col"${i > 0 && i === textColumn ? ' class="text"' : ''}>${escapeHtml(text)}</th>`,
  );
  return `<table><thead><tr>${heads.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
