import { EMERGING_LEGEND, HOTSPOT_LEGEND } from '../../heat/legends.ts';
import type { HotspotAnswer, HotspotCell } from './api.ts';
import { facts, note } from './duty.ts';
import { locate, placeBody, pointQuery } from './find-place.ts';
import type { Content, FindContext, Finding } from './finding.ts';
import { askHotspots } from './hotspots.ts';
import type { Words } from './i18n.ts';
import { hexagonFeature } from './overlay.ts';
import type { View } from './view.ts';

/** The cell of the analysis at a point: its figures, what its class means, and who answers for the place. */
export async function findHotspot(context: FindContext, { lon, lat }: { lon: number; lat: number }): Promise<Finding> {
  const view = context.store.get();
  const box: [number, number, number, number] = [lon - 1e-6, lat - 1e-6, lon + 1e-6, lat + 1e-6];
  const [answer, answers] = await Promise.all([
    askHotspots(view, box, context.signal),
    locate(context, { ...pointQuery(lon, lat), cameras: '0' }),
  ]);
  const cell = answer.cells[0];
  return {
    overlay: cell ? hexagonFeature(context.city.map, cell.cell) : [],
    chosen: null,
    focus: null,
    draw: (words) => {
      const { title, body } = cell ? describe(words, view, answer, cell) : { title: words.t('hot.outside'), body: [] };
      return { kicker: words.t('hotspot'), title, body: [...body, ...placeBody(words, answers, context.store)] };
    },
  };
}

function describe(
  words: Words,
  { method }: View,
  answer: HotspotAnswer,
  cell: HotspotCell,
): Pick<Content, 'title' | 'body'> {
  const legend = method === 'gistar' ? HOTSPOT_LEGEND : EMERGING_LEGEND;
  const title = legend.find((entry) => entry.class === cell.class)?.label[words.language] ?? cell.class;
  const mean = answer.area.mean === null ? null : decimal(words, answer.area.mean);
  const figures =
    method === 'gistar'
      ? [
          [words.t('hot.n'), words.number(cell.n)],
          [words.t('hot.mean'), mean],
          [words.t('hot.z'), decimal(words, cell.z)],
          [words.t('hot.p'), probability(cell.p)],
          [words.t('hot.q'), probability(cell.q ?? null)],
        ]
      : [
          [words.t('hot.n'), words.number(cell.n)],
          [words.t('hot.hot'), ofSteps(cell.hot, answer)],
          [words.t('hot.cold'), ofSteps(cell.cold, answer)],
          [words.t('hot.last'), decimal(words, cell.last_z ?? null)],
          [words.t('hot.trend'), decimal(words, cell.z)],
          [words.t('hot.p'), probability(cell.p)],
        ];
  return {
    title,
    body: [note(meaning(words, method, answer, cell)), facts([...(figures as [string, string][]), ['H3', cell.cell]])],
  };
}

function meaning(words: Words, method: View['method'], { k }: HotspotAnswer, cell: HotspotCell): string {
  if (method === 'emerging') return words.word('means', cell.class.replace(/_(hot|cold)$/, ''));
  const side = /^(hot|cold)/.exec(cell.class)?.[1] ?? 'ns';
  return words.t(`hot.says.${side as 'hot'}`, { k: words.language === 'zh' ? k : words.word('k', String(k)) });
}

function ofSteps(n: number | undefined, { steps }: HotspotAnswer): string | null {
  return n === undefined ? null : `${n} / ${steps?.length ?? 0}`;
}

function decimal(words: Words, value: number | null): string | null {
  return value === null ? null : words.number(Math.round(value * 100) / 100);
}

function probability(value: number | null): string | null {
  if (value === null) return null;
  return value < 0.001 ? '< 0.001' : value.toFixed(3);
}
