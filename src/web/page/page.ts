import type { Map as MapLibreMap, StyleSpecification } from 'maplibre-gl';
import type { Theme } from '../../tiles/styles.palette.ts';
import type { StyleMetadata } from '../../tiles/styles.ts';
import { AnalysisFacts } from './analysis-facts.ts';
import type { Category } from './api.ts';
import { drawControls } from './controls.ts';
import { byId } from './dom.ts';
import { FaultList } from './faults.ts';
import { createWords, writeFixedWords } from './i18n.ts';
import { readLink, writeLink } from './link.ts';
import { followChanges } from './live.ts';
import { createCityMap, WIDE } from './map.ts';
import { Panel } from './panel.ts';
import { pickOnClick } from './pick.ts';
import { fitScale } from './scale.ts';
import { Search } from './search.ts';
import { getStyle, keepHabits, listenToSystem, themeOf } from './theme.ts';
import { Timeline } from './timeline.ts';
import { Tools } from './tools.ts';
import type { Store, View } from './view.ts';

/** What of the view the controls show. */
const CONTROLLED: readonly (keyof View)[] = [
  ...(['layers', 'nets', 'levels', 'lights', 'category', 'status'] as const),
  ...(['method', 'res', 'k', 'step', 'by', 'profile'] as const),
];

declare global {
  interface Window {
    /** For tests and for those who try things in the console. */
    wangge?: { map: MapLibreMap; store: Store };
  }
}

/** Put the parts of the page together, each listening to the one view. */
export function startPage(store: Store, theme: Theme, style: StyleSpecification): void {
  const about = style.metadata as StyleMetadata;
  const nets = about['wangge:nets'];
  const now = Date.parse(about['wangge:now']);
  const first = about['wangge:period'] ? Date.parse(about['wangge:period'].from) : now;
  let words = createWords(store.get().language, about['wangge:timeZone']);
  let categories = new Map<string, Category>();

  const city = createCityMap(byId('map'), theme, style, store);
  const faults = new FaultList();
  const panel = new Panel(city, store, faults, words);
  const search = new Search(store, words);
  const tools = new Tools(city, store, words);
  const timeline = new Timeline(city.map, store, words, now, first);
  const analysis = new AnalysisFacts(city, store, faults, () => controls());
  const controls = () =>
    drawControls(store, words, { nets, categories, theme: city.theme(), breaks: city.breaks(), analysis });

  const speak = () => {
    words = createWords(store.get().language, about['wangge:timeZone']);
    writeFixedWords(words);
    for (const part of [panel, search, tools, timeline]) part.setWords(words);
    controls();
  };
  const paint = async () => {
    const next = themeOf(store.get());
    if (next === city.theme()) return;
    city.setTheme(next, await getStyle(next));
    document.documentElement.dataset.theme = next;
    tools.draw();
    panel.setWords(words);
    controls();
  };

  store.listen((view, changed) => {
    if (changed.has('language')) speak();
    if (changed.has('theme')) void paint();
    if (changed.has('language') || changed.has('theme')) keepHabits(view);
    if (CONTROLLED.some((key) => changed.has(key))) controls();
  });
  listenToSystem(() => void paint());
  keepInLink(store, city.map);
  fitScale(city, store, controls);
  pickOnClick(city.map, store, nets, () => tools.isDrawing);
  const renew = () => {
    faults.forget();
    void analysis.ask();
    panel.refresh();
  };
  followChanges(city.map, style, { onDuty: renew, onIncidents: () => void analysis.ask() });
  speak();
  tools.toggleLayers(innerWidth >= WIDE);
  city.map.once('load', () => void panel.show(store.get().subject));
  panel.categories().then((known) => {
    categories = known;
    controls();
  }, controls);
  window.wangge = { map: city.map, store };
  performance.mark('wangge-search');
  // From the first drawn frame on, search and map answer.
  city.map.once('render', () => performance.mark('wangge-interactive'));
  city.map.once('idle', () => performance.mark('wangge-drawn'));
}

/** The address of the page is always that of what is seen; going back in the browser goes back in the view. */
function keepInLink(store: Store, map: MapLibreMap): void {
  let written = location.hash.slice(1);
  let timer: ReturnType<typeof setTimeout> | undefined;
  store.listen(() => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      written = writeLink(store.get());
      history.replaceState(null, '', `#${written}`);
    }, 200);
  });
  addEventListener('hashchange', () => {
    if (location.hash.slice(1) === written) return;
    const view = readLink(location.hash);
    store.set(view);
    const { position } = view;
    if (position) map.jumpTo({ center: [position.lon, position.lat], zoom: position.zoom });
  });
}
