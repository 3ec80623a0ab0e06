import { CHECK_LEGEND, SITE_LEGEND } from '../../heat/legends.ts';
import { PALETTES } from '../../tiles/styles.palette.ts';
import type { ControlFacts } from './controls.ts';
import { h } from './dom.ts';
import { choice, segments } from './fields.ts';
import { checkName } from './find-fault.ts';
import { daysOfAnalysis } from './hotspots.ts';
import type { Words } from './i18n.ts';
import { emergingLegend, faultSign, heatLegend, hotspotLegend } from './legend.ts';
import type { MessageKey } from './messages.ts';
import {
  ANALYSES,
  type AnalysisId,
  LAYER_IDS,
  METHODS,
  PROFILES,
  RESOLUTIONS,
  RINGS,
  STEPS,
  type Store,
  TESTS,
  type View,
} from './view.ts';

/** The analysis that covers the ground: which, with its parameters and its legend. */
export function analysisPart(store: Store, view: View, words: Words, facts: ControlFacts): HTMLElement {
  const shown = ANALYSES.find((id) => view.layers.includes(id)) ?? null;
  const show = (id: AnalysisId | null) => {
    const kept = view.layers.filter((layer) => !ANALYSES.includes(layer as AnalysisId));
    store.set({ layers: LAYER_IDS.filter((layer) => layer === id || kept.includes(layer)) });
  };
  const options = [
    { value: null, id: 'none', text: words.t('analysis.none') },
    ...ANALYSES.map((id) => ({ value: id, id, text: words.t(`layer.${id}`) })),
  ];
  return h(
    'section',
    { class: 'layer analysis' },
    segments('analysis', words.t('analysis'), options, shown, show),
    shown && DETAILS[shown](store, view, words, facts),
    facts.analysis.problem !== null && shown !== null
      ? h('p', { class: 'note warn' }, words.t('failed', { reason: facts.analysis.problem }))
      : null,
  );
}

type Details = (store: Store, view: View, words: Words, facts: ControlFacts) => HTMLElement;

const DETAILS: Record<AnalysisId, Details> = {
  heat: (_store, _view, words, { theme, breaks }) => heatLegend(words, PALETTES[theme].ramp, breaks),
  hotspots: hotspotDetails,
  checks: checkDetails,
};

function hotspotDetails(store: Store, view: View, words: Words, { theme, analysis }: ControlFacts): HTMLElement {
  const isEmerging = view.method === 'emerging';
  const named = <V extends string | number>(prefix: string, values: readonly V[]) =>
    values.map((value) => ({ value, text: words.t(`${prefix}.${value}` as MessageKey) }));
  // What is too short for the steps would have no trend.
  const set = (patch: Partial<View>) =>
    store.set({ ...patch, days: daysOfAnalysis({ ...view, ...patch }) as View['days'] });
  return h(
    'div',
    { class: 'details' },
    choice('hot-method', words.t('hot.method'), named('method', METHODS), view.method, (method) => set({ method })),
    choice('hot-res', words.t('hot.res'), named('res', RESOLUTIONS), view.res, (res) => set({ res })),
    choice('hot-k', words.t('hot.k'), named('k', RINGS), view.k, (k) => set({ k })),
    isEmerging && choice('hot-step', words.t('hot.step'), named('step', STEPS), view.step, (step) => set({ step })),
    isEmerging && choice('hot-by', words.t('hot.by'), named('by', TESTS), view.by, (by) => set({ by })),
    isEmerging ? emergingLegend(words, theme) : hotspotLegend(words, theme),
    ...summary(words, analysis.hotspots),
  );
}

function summary(words: Words, answer: ControlFacts['analysis']['hotspots']): (HTMLElement | null)[] {
  if (!answer) return [];
  const { area, steps } = answer;
  const decimal = (value: number | null) => (value === null ? '–' : words.number(Math.round(value * 10) / 10));
  const figures = { cells: words.number(area.cells), mean: decimal(area.mean), sd: decimal(area.sd) };
  const period =
    steps &&
    words.t('hot.steps', {
      n: steps.length,
      days: words.days(Date.parse(steps[0]!.from), Date.parse(steps.at(-1)!.to)),
    });
  return [
    h('p', { class: 'quiet', id: 'hot-area' }, words.t('hot.area', figures)),
    period ? h('p', { class: 'quiet' }, period) : null,
  ];
}

function checkDetails(store: Store, view: View, words: Words, { theme, analysis }: ControlFacts): HTMLElement {
  const profiles = PROFILES.map((profile) => ({ value: profile, text: words.t(`profile.${profile}`) }));
  const { faults } = analysis;
  const open = (check: string | null) => store.set({ subject: { kind: 'faults', check } });
  const kinds = [...CHECK_LEGEND, ...SITE_LEGEND].filter((entry) => faults?.counts[entry.class]);
  const total = Object.values(faults?.counts ?? {}).reduce((sum, n) => sum + n, 0);
  const rows = kinds.map(({ class: check }) =>
    h(
      'li',
      {},
      faultSign(check, theme),
      h(
        'button',
        { type: 'button', class: 'text', id: `faults-${check}`, onclick: () => open(check) },
        checkName(words, check),
      ),
      h('span', { class: 'count' }, words.number(faults!.counts[check]!)),
    ),
  );
  const all = h(
    'button',
    { type: 'button', class: 'text', id: 'faults-all', onclick: () => open(null) },
    words.t('checks.all', { n: words.number(total) }),
  );
  return h(
    'div',
    { class: 'details' },
    choice('check-profile', words.t('checks.profile'), profiles, view.profile, (profile) => store.set({ profile })),
    faults &&
      h(
        'p',
        { class: 'quiet' },
        words.t('checks.of', { net: words.word('net', faults.net), n: words.number(faults.grids) }),
      ),
    rows.length > 0 ? h('ul', { class: 'fault-kinds' }, ...rows) : null,
    faults && (total === 0 ? h('p', {}, words.t('checks.clean')) : all),
  );
}
