import type { Map as MapLibreMap } from 'maplibre-gl';
import { byId, h } from './dom.ts';
import type { Words } from './i18n.ts';
import { icon } from './icons.ts';
import { periodOf } from './incidents.ts';
import { type Store, type View, WINDOWS } from './view.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Layers that show a period. */
const TIMED = ['incidents', 'heat', 'hotspots'] as const;
/** A frame stands at least this long, so that it can be read. */
const FRAME = 800;

/** The period of incidents: its length, a slider for its end, and a film of it. */
export class Timeline {
  private readonly element = byId('timeline');
  private readonly map: MapLibreMap;
  private readonly store: Store;
  private words: Words;
  /** The start of the next hour, which `end` of "now" stands for. */
  private readonly now: number;
  private readonly first: number;
  private playing: AbortController | null = null;
  private readonly slider = h('input', { id: 'time-end', type: 'range', min: 0, step: 1 });
  private readonly label = h('output', { class: 'period', for: 'time-end' });
  private readonly play = h('button', { type: 'button', class: 'icon-button play', id: 'time-play' });

  constructor(map: MapLibreMap, store: Store, words: Words, now: number, first: number) {
    this.map = map;
    this.store = store;
    this.words = words;
    this.now = Math.floor(now / HOUR) * HOUR + HOUR;
    this.first = first;
    this.slider.addEventListener('input', () => {
      this.stop();
      this.moveTo(Number(this.slider.value));
    });
    this.play.addEventListener('click', () => (this.playing ? this.stop() : void this.start()));
    store.listen((view) => this.sync(view));
    this.draw();
  }

  setWords(words: Words): void {
    this.words = words;
    this.draw();
  }

  private draw(): void {
    const { t } = this.words;
    const lengths = WINDOWS.map((days) => h('option', { value: days }, this.nameOf(days)));
    const length = h(
      'select',
      {
        id: 'time-window',
        'aria-label': t('time.window'),
        onchange: () => this.store.set({ days: Number(length.value) }),
      },
      ...lengths,
    );
    const slider = h('div', { class: 'slider' }, this.slider);
    this.slider.setAttribute('aria-label', t('time.end'));
    this.element.replaceChildren(this.play, length, slider, this.label);
    this.sync(this.store.get());
  }

  private nameOf(days: number): string {
    if (days === 1) return this.words.t('time.day');
    return days === 365 ? this.words.t('time.year') : this.words.t('time.days', { n: days });
  }

  private sync(view: View): void {
    this.element.hidden = !TIMED.some((layer) => view.layers.includes(layer));
    document.body.classList.toggle('with-timeline', !this.element.hidden);
    const { from, to } = periodOf(view, this.now - HOUR);
    const steps = this.steps(view.days);
    this.slider.max = String(steps);
    this.slider.value = String(Math.max(0, steps - Math.round((this.now - to) / DAY)));
    const text = this.words.days(from, to);
    this.label.textContent = text;
    this.slider.setAttribute('aria-valuetext', text);
    const span = this.now - this.first;
    this.slider.style.setProperty('--from', `${(100 * Math.max(0, from - this.first)) / span}%`);
    this.slider.style.setProperty('--to', `${(100 * (to - this.first)) / span}%`);
    const length = this.element.querySelector<HTMLSelectElement>('#time-window');
    if (length) length.value = String(view.days);
    this.drawPlay();
  }

  private drawPlay(): void {
    const key = this.playing ? 'time.pause' : 'time.play';
    this.play.replaceChildren(icon(this.playing ? 'pause' : 'play'));
    this.play.setAttribute('aria-label', this.words.t(key));
  }

  /** Days that the end of the period can be moved: the period stays inside what there is. */
  private steps(days: number): number {
    return Math.max(0, Math.ceil((this.now - this.first) / DAY) - days);
  }

  private moveTo(step: number): void {
    const back = this.steps(this.store.get().days) - step;
    this.store.set({ end: back <= 0 ? null : this.now - back * DAY });
  }

  private stop(): void {
    this.playing?.abort();
    this.playing = null;
    this.drawPlay();
  }

  /** Show the periods one after another, each when its tiles are there; from the start when the end is reached. */
  private async start(): Promise<void> {
    const playing = new AbortController();
    this.playing = playing;
    this.drawPlay();
    const { days, end } = this.store.get();
    if (end === null) this.moveTo(0);
    const stride = Math.max(1, Math.round(days / 4));
    for (;;) {
      await Promise.all([pause(FRAME), this.drawn()]);
      if (playing.signal.aborted) return;
      const at = Number(this.slider.value);
      const last = Number(this.slider.max);
      if (at >= last) break;
      this.moveTo(Math.min(last, at + stride));
    }
    this.stop();
  }

  private drawn(): Promise<void> {
    if (this.map.loaded() && this.map.areTilesLoaded()) return Promise.resolve();
    return new Promise((resolve) => void this.map.once('idle', () => resolve()));
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
