import { ApiError, type Category, getCategories } from './api.ts';
import { announce, byId, h } from './dom.ts';
import type { FaultList } from './faults.ts';
import { findCell } from './find-cell.ts';
import { findFault, findFaults } from './find-fault.ts';
import { findHotspot } from './find-hotspot.ts';
import { findAddress, findPoint } from './find-place.ts';
import { findCamera, findGrid, findIncident } from './find-thing.ts';
import type { Content, FindContext, Finding } from './finding.ts';
import type { Words } from './i18n.ts';
import { icon } from './icons.ts';
import type { CityMap } from './map.ts';
import type { Store, Subject, View } from './view.ts';
import { findWithin } from './within.ts';

/** What of the view an answer depends on, beside what was asked about and the nets. */
const DEPENDS: Partial<Record<Subject['kind'], readonly (keyof View)[]>> = {
  cell: ['days', 'end', 'category', 'status'],
  hotspot: ['days', 'end', 'category', 'status', 'method', 'res', 'k', 'step', 'by'],
  faults: ['profile'],
  fault: ['profile'],
};

/** The panel about one thing: asks, shows the answer, and asks no more when another thing is chosen meanwhile. */
export class Panel {
  private readonly element = byId('panel');
  private readonly city: CityMap;
  private readonly store: Store;
  private readonly faults: FaultList;
  private words: Words;
  private asking = new AbortController();
  private drawn: ((words: Words) => Content) | null = null;
  private categoriesAsked: Promise<Map<string, Category>> | null = null;

  constructor(city: CityMap, store: Store, faults: FaultList, words: Words) {
    this.city = city;
    this.store = store;
    this.faults = faults;
    this.words = words;
    this.element.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.close();
    });
    store.listen((view, changed) => {
      const isStale = view.subject && DEPENDS[view.subject.kind]?.some((key) => changed.has(key));
      if (changed.has('subject') || (changed.has('nets') && view.subject) || isStale) void this.show(view.subject);
    });
  }

  readonly categories = (): Promise<Map<string, Category>> => {
    this.categoriesAsked ??= getCategories().catch((error: unknown) => {
      this.categoriesAsked = null;
      throw error;
    });
    return this.categoriesAsked;
  };

  setWords(words: Words): void {
    this.words = words;
    if (this.drawn) this.render(this.drawn(words));
  }

  close(): void {
    this.store.set({ subject: null });
    this.city.map.getCanvas().focus();
  }

  /** Ask again about what is shown, and leave the map where it is. */
  refresh(): void {
    const { subject } = this.store.get();
    if (subject) void this.show(subject, false);
  }

  /** Ask about a subject and show what was found; null: nothing is chosen. */
  async show(subject: Subject | null, moves = true): Promise<void> {
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    if (!subject) return this.clear();
    if (moves) announce(this.words.t('loading'));
    try {
      const { store, city, categories, faults } = this;
      const finding = await find(subject, { store, city, categories, faults, signal });
      if (signal.aborted) return;
      this.take(finding);
      if (moves) this.arrive(finding);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError) && !(error instanceof TypeError)) throw error;
      this.arrive(this.take(failure(error.message)));
    }
  }

  private take(finding: Finding): Finding {
    this.drawn = finding.draw;
    this.city.setOverlay({ type: 'FeatureCollection', features: finding.overlay });
    this.city.choose(finding.chosen);
    this.render(finding.draw(this.words));
    return finding;
  }

  private arrive({ draw, focus }: Finding): void {
    const { kicker, title } = draw(this.words);
    this.element.scrollTop = 0;
    announce(`${kicker}: ${title}`);
    this.look(focus);
  }

  private clear(): void {
    this.drawn = null;
    this.element.hidden = true;
    document.body.classList.remove('with-panel');
    this.city.setOverlay({ type: 'FeatureCollection', features: [] });
    this.city.choose(null);
    announce('');
  }

  private render({ kicker, title, body }: Content): void {
    const close = h(
      'button',
      { type: 'button', class: 'icon-button', 'aria-label': this.words.t('close'), onclick: () => this.close() },
      icon('close'),
    );
    this.element.replaceChildren(
      h('header', {}, h('p', { class: 'kicker' }, kicker), h('h2', {}, title), close),
      ...body.filter((node) => node !== null),
    );
    this.element.hidden = false;
    document.body.classList.add('with-panel');
  }

  /** Bring the finding into the part of the map that no panel covers. */
  private look(focus: Finding['focus']): void {
    if (!focus) return;
    const { map } = this.city;
    const phone = innerWidth < 720;
    const padding = phone
      ? { top: 120, bottom: Math.round(innerHeight * 0.52), left: 40, right: 40 }
      : { top: 90, bottom: 110, left: 430, right: document.body.classList.contains('with-layers') ? 320 : 70 };
    if ('box' in focus) map.fitBounds(focus.box, { padding, maxZoom: 17, duration: 600 });
    else {
      const zoom = Math.max(map.getZoom(), focus.zoom);
      const { west, south, east, north } = pointBox(focus.center);
      map.fitBounds([west, south, east, north], { padding, maxZoom: zoom, duration: 600 });
    }
  }
}

function pointBox([lon, lat]: [number, number]) {
  return { west: lon - 1e-7, south: lat - 1e-7, east: lon + 1e-7, north: lat + 1e-7 };
}

function find(subject: Subject, context: FindContext): Promise<Finding> {
  switch (subject.kind) {
    case 'address':
      return findAddress(context, subject.text);
    case 'point':
      return findPoint(context, subject.lon, subject.lat);
    case 'grid':
      return findGrid(context, subject);
    case 'camera':
      return findCamera(context, subject.code);
    case 'incident':
      return findIncident(context, subject.id);
    case 'cell':
      return findCell(context, subject);
    case 'hotspot':
      return findHotspot(context, subject);
    case 'faults':
      return findFaults(context, subject);
    case 'fault':
      return findFault(context, subject);
    case 'circle':
    case 'polygon':
      return findWithin(context, subject);
  }
}

function failure(reason: string): Finding {
  return {
    overlay: [],
    chosen: null,
    focus: null,
    draw: (words) => ({
      kicker: words.t('result'),
      title: words.t('failed', { reason }),
      body: [],
    }),
  };
}
