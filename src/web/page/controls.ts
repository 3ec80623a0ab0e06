import { PALETTES, type Theme } from '../../tiles/styles.palette.ts';
import type { StyleNet } from '../../tiles/styles.ts';
import { analysisPart } from './analysis.ts';
import type { AnalysisFacts } from './analysis-facts.ts';
import type { Category } from './api.ts';
import { byId, h } from './dom.ts';
import { checkbox, select } from './fields.ts';
import type { Words } from './i18n.ts';
import { lightDot } from './legend.ts';
import { LAYER_IDS, LIGHTS, STATUSES, type Store, type View } from './view.ts';

export interface ControlFacts {
  nets: StyleNet[];
  categories: Map<string, Category>;
  theme: Theme;
  breaks: readonly number[];
  analysis: Pick<AnalysisFacts, 'hotspots' | 'faults' | 'problem'>;
}

/** Layers that lie beside one another on the map. */
const SWITCHED = ['grids', 'incidents', 'cameras'] as const;
type SwitchedId = (typeof SWITCHED)[number];

/** Draw the panel of layers, filters and legends anew. What had the focus keeps it. */
export function drawControls(store: Store, words: Words, facts: ControlFacts): void {
  const panel = byId('layers');
  const focused = panel.contains(document.activeElement) ? document.activeElement?.id : undefined;
  const view = store.get();
  panel.replaceChildren(
    h('h2', {}, words.t('layers')),
    ...SWITCHED.map((layer) => layerPart(layer, store, view, words, facts)),
    analysisPart(store, view, words, facts),
    filters(store, view, words, facts),
  );
  if (focused) document.getElementById(focused)?.focus();
}

function layerPart(layer: SwitchedId, store: Store, view: View, words: Words, facts: ControlFacts): HTMLElement {
  const isOn = view.layers.includes(layer);
  const toggle = () => {
    const layers = LAYER_IDS.filter((id) => (id === layer ? !isOn : view.layers.includes(id)));
    store.set({ layers });
  };
  return h(
    'section',
    { class: isOn ? 'layer on' : 'layer' },
    checkbox(`layer-${layer}`, words.t(`layer.${layer}`), isOn, toggle, 'switch'),
    isOn && details(layer, store, view, words, facts),
  );
}

function details(layer: SwitchedId, store: Store, view: View, words: Words, facts: ControlFacts): HTMLElement {
  const { theme, nets } = facts;
  switch (layer) {
    case 'grids':
      return h('div', { class: 'details' }, ...nets.map((net) => netPart(net, store, view, words)));
    case 'incidents':
      return lightChoice(store, view, words, theme);
    case 'cameras':
      return h('p', { class: 'quiet details' }, words.t('cameras.zoom'));
  }
}

function netPart(net: StyleNet, store: Store, view: View, words: Words): HTMLElement {
  const isOn = view.nets.includes(net.id);
  const name = words.word('net', net.id, net.name);
  const toggle = () => store.set({ nets: isOn ? view.nets.filter((id) => id !== net.id) : [...view.nets, net.id] });
  const sample = h('span', { class: net.id === 'base' ? 'line-sample' : 'line-sample dashed', 'aria-hidden': 'true' });
  return h(
    'div',
    { class: 'net' },
    checkbox(`net-${net.id}`, name, isOn, toggle, 'tick', sample),
    isOn && levelChips(net, store, view, words),
  );
}

/** Levels by zoom, or chosen ones at every zoom. */
function levelChips(net: StyleNet, store: Store, view: View, words: Words): HTMLElement {
  const chosen = view.levels[net.id];
  const set = (levels: string[] | undefined) => {
    const { [net.id]: _old, ...others } = view.levels;
    store.set({ levels: levels && levels.length > 0 ? { ...others, [net.id]: levels } : others });
  };
  const chip = (id: string, text: string, pressed: boolean, onclick: () => void) =>
    h('button', { type: 'button', id, class: 'chip', 'aria-pressed': String(pressed), onclick }, text);
  const name = words.word('net', net.id, net.name);
  return h(
    'div',
    { class: 'chips', role: 'group', 'aria-label': words.t('levels.of', { net: name }) },
    chip(`levels-${net.id}`, words.t('levels.auto'), !chosen, () => set(undefined)),
    ...net.levels.map(({ id, name: written }) => {
      const isOn = chosen?.includes(id) ?? false;
      const others = net.levels.map((level) => level.id).filter((level) => level !== id && chosen?.includes(level));
      const text = words.language === 'zh' ? written : words.word('level', id, written);
      return chip(`level-${net.id}-${id}`, text, isOn, () => set(isOn ? others : [...others, id]));
    }),
  );
}

function lightChoice(store: Store, view: View, words: Words, theme: Theme): HTMLElement {
  const boxes = LIGHTS.map((light) => {
    const isOn = view.lights.includes(light);
    const toggle = () =>
      store.set({ lights: LIGHTS.filter((id) => (id === light ? !isOn : view.lights.includes(id))) });
    return checkbox(
      `light-${light}`,
      words.word('light', light),
      isOn,
      toggle,
      'tick',
      lightDot(light, PALETTES[theme]),
    );
  });
  return h('div', { class: 'details lights', role: 'group', 'aria-label': words.t('lights') }, ...boxes);
}

function filters(store: Store, view: View, words: Words, { categories }: ControlFacts): HTMLElement {
  const statuses = STATUSES.map((status) => ({ value: status, text: words.word('status', status) }));
  const all = [...categories.values()];
  const classes = all.filter(({ parent }) => parent === null);
  const ofClass = classOf(view.category, categories);
  const items = all.filter(({ parent }) => parent !== null && parent === ofClass);
  const option = ({ code, name }: Category) => ({ value: code, text: name });
  return h(
    'section',
    { class: 'filters' },
    h('h3', {}, words.t('filters')),
    select('filter-category', words.t('category'), words.t('category.all'), classes.map(option), ofClass, (category) =>
      store.set({ category }),
    ),
    items.length > 0
      ? select(
          'filter-item',
          `${words.t('category')} 2`,
          categories.get(ofClass!)!.name,
          items.map(option),
          view.category === ofClass ? null : view.category,
          (category) => store.set({ category: category ?? ofClass }),
        )
      : null,
    select('filter-status', words.t('status'), words.t('status.all'), statuses, view.status, (status) =>
      store.set({ status }),
    ),
  );
}

/** The class at the top of a category. */
function classOf(code: string | null, categories: Map<string, Category>): string | null {
  const parent = code === null ? null : (categories.get(code)?.parent ?? null);
  return parent === null ? code : classOf(parent, categories);
}
