import type { Polygon } from 'geojson';
import { postJson, type WithinAnswer } from './api.ts';
import { h } from './dom.ts';
import { note, section } from './duty.ts';
import type { FindContext, Finding } from './finding.ts';
import { boxOf, circleRing, type Position, ringArea } from './geodesy.ts';
import type { Words } from './i18n.ts';
import { icon } from './icons.ts';
import { printPanel } from './print.ts';
import type { Subject } from './view.ts';

type Area = Extract<Subject, { kind: 'circle' | 'polygon' }>;

/** Grids named in a line of the duty list. */
const MAX_NAMES = 3;
const COUNTED = ['grids', 'cameras', 'incidents', 'addresses'] as const;

/** What and who is inside an area, with a duty list to print. */
export async function findWithin(context: FindContext, area: Area): Promise<Finding> {
  const ring = ringOf(area);
  const geometry: Polygon = { type: 'Polygon', coordinates: [ring] };
  const net = context.store.get().nets[0] ?? 'base';
  const place = area.kind === 'circle' ? { point: [area.lon, area.lat], metres: area.metres } : { geometry };
  const answer = await postJson<WithinAnswer>('/within', { ...place, net }, context.signal);
  return {
    overlay: [{ type: 'Feature', properties: { kind: 'area' }, geometry }],
    chosen: null,
    focus: { box: boxOf(ring) },
    draw: (words) => ({
      kicker: words.t('within'),
      title: titleOf(words, area, ring),
      body: [
        counts(words, answer),
        h('p', { class: 'quiet asof' }, words.t('within.asof', { time: words.time(answer.at) })),
        answer.grids.length === 0 ? note(words.t('within.none'), 'warn') : null,
        section(words.t('within.duty', { n: answer.workers.length }), dutyTable(words, answer)),
        h(
          'button',
          { type: 'button', class: 'primary print-button', onclick: () => printPanel(context.city.map) },
          icon('print'),
          words.t('within.print'),
        ),
      ],
    }),
  };
}

/** The closed ring of an area. */
export function ringOf(area: Area): Position[] {
  return area.kind === 'circle' ? circleRing([area.lon, area.lat], area.metres) : [...area.ring, area.ring[0]!];
}

function titleOf(words: Words, area: Area, ring: Position[]): string {
  const square = ringArea(ring);
  const size =
    square < 1e6 ? `${words.number(Math.round(square))} m²` : `${words.number(Math.round(square / 1e4) / 100)} km²`;
  return area.kind === 'circle'
    ? words.t('within.circle', { metres: words.number(Math.round(area.metres)), area: size })
    : words.t('within.polygon', { area: size });
}

function counts(words: Words, { counts: of }: WithinAnswer): HTMLElement {
  const shown = COUNTED.filter((layer) => of[layer] !== undefined);
  const items = shown.map((layer) =>
    h('li', {}, h('strong', {}, words.number(of[layer]!)), h('span', {}, words.t(`within.${layer}`))),
  );
  return h('ul', { class: 'counts' }, ...items);
}

function dutyTable(words: Words, { workers, grids }: WithinAnswer): HTMLElement {
  if (workers.length === 0) return note(words.t('on.duty.none'), 'warn');
  const names = new Map(grids.map(({ code, name }) => [code, name]));
  const withPhone = workers.some(({ phone }) => phone);
  const columns = [
    'col.name',
    'col.role',
    'col.duty',
    'col.grid',
    'col.until',
    ...(withPhone ? ['col.phone'] : []),
  ] as const;
  const row = (worker: WithinAnswer['workers'][number]) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, worker.name),
      h('td', {}, words.word('role', worker.role)),
      h('td', {}, words.word('duty', worker.duty)),
      h('td', {}, gridsOf(words, worker, names)),
      h('td', {}, worker.until ? words.time(worker.until) : words.t('always')),
      withPhone ? h('td', {}, worker.phone ?? '') : null,
    );
  const head = h('tr', {}, ...columns.map((key) => h('th', { scope: 'col' }, words.t(key as 'col.name'))));
  const title = words.t('within.duty', { n: workers.length });
  // Wider than a narrow window: it scrolls by itself, and by keyboard too.
  return h(
    'div',
    { class: 'table', tabindex: 0, role: 'region', 'aria-label': title },
    h('table', {}, h('thead', {}, head), h('tbody', {}, ...workers.map(row))),
  );
}

/** The grids inside that somebody answers for: the first few by name. */
function gridsOf(
  words: Words,
  { grid, grids = [grid] }: WithinAnswer['workers'][number],
  names: Map<string, string>,
): string {
  const shown = grids.length > MAX_NAMES ? grids.slice(0, MAX_NAMES - 1) : grids;
  const text = shown.map((code) => names.get(code) ?? code).join(words.language === 'zh' ? '、' : ', ');
  const more = grids.length - shown.length;
  return more === 0
    ? text
    : `${text} ${words.t('within.grids.more', { n: words.language === 'zh' ? grids.length : more })}`;
}
