import { announce, byId, h } from './dom.ts';
import { Drawing, type Shape } from './draw.ts';
import type { Words } from './i18n.ts';
import { type IconName, icon } from './icons.ts';
import type { CityMap } from './map.ts';
import type { Store } from './view.ts';

/** The buttons at the edge of the map, and the bar that helps while an area is drawn. */
export class Tools {
  private readonly city: CityMap;
  private readonly store: Store;
  private words: Words;
  private readonly drawing: Drawing;
  private readonly bar = h('div', { class: 'draw-bar', hidden: true });

  constructor(city: CityMap, store: Store, words: Words) {
    this.city = city;
    this.store = store;
    this.words = words;
    this.drawing = new Drawing(city.map, {
      onDraft: (features) => city.setOverlay(features),
      onEnd: (subject) => {
        this.bar.hidden = true;
        if (subject) store.set({ subject });
        this.draw();
      },
    });
    document.body.append(this.bar);
    this.draw();
  }

  get isDrawing(): boolean {
    return this.drawing.isActive;
  }

  setWords(words: Words): void {
    this.words = words;
    this.draw();
  }

  draw(): void {
    const { t } = this.words;
    const { map } = this.city;
    const layers = byId('layers');
    const isDark = this.city.theme() === 'dark';
    const draw = (shape: Shape) =>
      button(shape, t(`draw.${shape}`), () => this.startDrawing(shape), {
        'aria-pressed': String(this.drawing.shape === shape),
      });
    byId('tools').replaceChildren(
      button('layers', t('layers'), () => this.toggleLayers(), {
        'aria-expanded': String(!layers.hidden),
        'aria-controls': 'layers',
      }),
      draw('circle'),
      draw('polygon'),
      button('link', t('share'), () => void this.share()),
      button('theme', isDark ? t('theme.light') : t('theme.dark'), () =>
        this.store.set({ theme: isDark ? 'light' : 'dark' }),
      ),
      h(
        'button',
        {
          type: 'button',
          id: 'tool-language',
          class: 'icon-button language',
          lang: this.words.language === 'zh' ? 'en' : 'zh-CN',
          onclick: () => this.store.set({ language: this.words.language === 'zh' ? 'en' : 'zh' }),
        },
        t('language'),
      ),
      h(
        'span',
        { class: 'zoom' },
        zoomButton('+', () => map.zoomIn(), this.words),
        zoomButton('−', () => map.zoomOut(), this.words),
      ),
    );
    map.getCanvas().setAttribute('aria-label', t('map'));
  }

  toggleLayers(isOpen = byId('layers').hidden !== false): void {
    byId('layers').hidden = !isOpen;
    document.body.classList.toggle('with-layers', isOpen);
    byId('tools').querySelector('#tool-layers')?.setAttribute('aria-expanded', String(isOpen));
  }

  private startDrawing(shape: Shape): void {
    this.store.set({ subject: null });
    if (innerWidth < 720) this.toggleLayers(false);
    this.drawing.start(shape);
    this.drawBar(shape);
    this.draw();
    this.city.map.getCanvas().focus();
  }

  /** A circle can also be asked for without a mouse: around the middle of the map, with a radius in metres. */
  private drawBar(shape: Shape): void {
    const { t } = this.words;
    const help = t(`draw.${shape}.help`);
    const radius = h('input', { id: 'draw-radius', type: 'number', min: 10, max: 50_000, step: 10, value: 300 });
    const ask = (event: Event) => {
      event.preventDefault();
      const { lng: lon, lat } = this.city.map.getCenter();
      this.drawing.cancel();
      this.store.set({ subject: { kind: 'circle', lon, lat, metres: Number(radius.value) } });
    };
    const circle = h(
      'form',
      { onsubmit: ask },
      h('label', { for: 'draw-radius' }, t('draw.radius')),
      radius,
      h('button', { type: 'submit', class: 'primary' }, t('draw.centre')),
    );
    const finish = h(
      'button',
      { type: 'button', class: 'primary', onclick: () => this.drawing.finish() },
      t('draw.finish'),
    );
    const close = h(
      'button',
      { type: 'button', class: 'icon-button', 'aria-label': t('close'), onclick: () => this.drawing.cancel() },
      icon('close'),
    );
    this.bar.replaceChildren(h('p', {}, help), shape === 'circle' ? circle : finish, close);
    this.bar.hidden = false;
    announce(help);
  }

  private async share(): Promise<void> {
    const { t } = this.words;
    const said = await navigator.clipboard.writeText(location.href).then(
      () => t('share.done'),
      () => t('share.failed'),
    );
    announce(said);
    const status = byId('status');
    status.classList.add('shown');
    setTimeout(() => status.classList.remove('shown'), 2500);
  }
}

function button(name: IconName, label: string, onclick: () => void, props: Record<string, string> = {}): HTMLElement {
  const all = { type: 'button', id: `tool-${name}`, class: 'icon-button', 'aria-label': label, title: label, ...props };
  return h('button', { ...all, onclick }, icon(name));
}

function zoomButton(sign: '+' | '−', onclick: () => void, { language }: Words): HTMLElement {
  const label = { '+': ['放大', 'Zoom in'], '−': ['缩小', 'Zoom out'] }[sign][language === 'zh' ? 0 : 1]!;
  return h('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick }, sign);
}
