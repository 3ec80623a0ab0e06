import type { Point } from 'geojson';
import { ofNet } from '../../tiles/styles.layers.ts';
import { getItem, type Item } from './api.ts';
import { h } from './dom.ts';
import { facts, section } from './duty.ts';
import { locate, type NetAnswers, placeBody, pointQuery } from './find-place.ts';
import type { FindContext, Finding } from './finding.ts';
import type { Words } from './i18n.ts';
import { icon } from './icons.ts';
import { incidentQuery } from './incidents.ts';
import { placeFeature as place } from './overlay.ts';
import type { View } from './view.ts';

/** A grid: its figures, and who answers for the place at which it was pointed. */
export async function findGrid(
  context: FindContext,
  { net, code, lon, lat }: { net: string; code: string; lon: number; lat: number },
): Promise<Finding> {
  const [item, answers] = await Promise.all([
    getItem('grids', code, { net }, context.signal),
    locate(context, pointQuery(lon, lat)),
  ]);
  const { properties: of } = item;
  return {
    overlay: [place([lon, lat])],
    chosen: { source: ofNet('grids', net), code },
    focus: null,
    draw: (words) => ({
      kicker: `${words.word('level', String(of.level))} · ${words.word('kind', String(of.kind))}`,
      title: String(of.name),
      body: [
        facts([
          [words.t('code'), of.code],
          [words.t('parent'), of.parent],
          [words.t('households'), of.households === null ? null : words.number(Number(of.households))],
          [words.t('population'), of.population === null ? null : words.number(Number(of.population))],
        ]),
        reportLink(words, context.store.get(), net, code),
        ...placeBody(words, answers, context.store),
      ],
    }),
  };
}

/** The printable report of a grid and all below it, for the shown period and category. */
function reportLink(words: Words, view: View, net: string, code: string): HTMLElement {
  const { status: _status, ...asked } = incidentQuery(view);
  const query = new URLSearchParams({ net, under: code, ...asked, lang: words.language });
  return h(
    'a',
    { class: 'text report-link', href: `/report?${query}`, target: '_blank', rel: 'noopener' },
    icon('print'),
    words.t('report'),
  );
}

/** A camera: the asset, and whose place it watches. */
export async function findCamera(context: FindContext, code: string): Promise<Finding> {
  const item = await getItem('cameras', code, {}, context.signal);
  const at = pointOf(item);
  // Cameras share a mast: those that the click could not reach are listed.
  const answers = withoutCamera(await locate(context, { ...pointQuery(...at), cameras: '4' }), code);
  const { properties: of } = item;
  return {
    overlay: [place(at)],
    chosen: null,
    focus: { center: at, zoom: 16 },
    draw: (words) => ({
      kicker: `${words.t('camera')} · ${words.word('camera', String(of.status))}`,
      title: String(of.name ?? of.code),
      body: [
        facts([
          [words.t('code'), of.code],
          [words.t('zone'), of.zone === null ? null : words.word('zone', String(of.zone))],
          [words.t('heading'), of.heading === null ? null : `${of.heading}°`],
          [words.t('owner'), of.owner],
        ]),
        ...placeBody(words, answers, context.store),
      ],
    }),
  };
}

function withoutCamera([first, ...others]: NetAnswers, code: string): NetAnswers {
  const cameras = first.located.cameras.filter((camera) => camera.code !== code);
  return [{ ...first, located: { ...first.located, cameras } }, ...others];
}

const STEPS = ['occurred_at', 'reported_at', 'triaged_at', 'handled_at', 'closed_at', 'revisited_at'] as const;
const STEP_STATUS = {
  reported_at: 'reported',
  triaged_at: 'triaged',
  handled_at: 'handling',
  closed_at: 'closed',
  revisited_at: 'revisited',
} as const;

/** An incident: what it is, how it went so far, and who answers for its place and category. */
export async function findIncident(context: FindContext, id: string): Promise<Finding> {
  const [item, categories] = await Promise.all([getItem('incidents', id, {}, context.signal), context.categories()]);
  const { properties: of } = item;
  const at = pointOf(item);
  const answers = await locate(context, { ...pointQuery(...at), category: String(of.category) });
  const category = categories.get(String(of.category));
  const parent = category?.parent ? categories.get(category.parent)?.name : undefined;
  return {
    overlay: [place(at)],
    chosen: null,
    focus: { center: at, zoom: 16 },
    draw: (words) => ({
      kicker: `${words.t('incident')} · ${words.word('status', String(of.status))}`,
      title: category?.name ?? String(of.category),
      body: [
        facts([
          [words.t('category'), parent],
          [words.t('severity'), of.severity],
          [words.t('due'), of.due_at === null ? null : words.time(of.due_at!)],
          [words.t('department'), of.department],
          [words.t('source'), of.source],
          [words.t('code'), of.id],
        ]),
        section(words.t('steps'), course(words, of)),
        ...placeBody(words, answers, context.store),
      ],
    }),
  };
}

function course(words: Words, of: Item['properties']): HTMLElement {
  const done = STEPS.filter((step) => of[step]);
  const items = done.map((step) =>
    h(
      'li',
      {},
      h('span', { class: 'quiet' }, words.time(of[step]!)),
      h('span', {}, step === 'occurred_at' ? words.t('occurred') : words.word('status', STEP_STATUS[step])),
    ),
  );
  return h('ol', { class: 'course' }, ...items);
}

function pointOf(item: Item): [number, number] {
  return (item.geometry as Point).coordinates as [number, number];
}
