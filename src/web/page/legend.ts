import {
  CHECK_LEGEND,
  EMERGING_LEGEND,
  HOTSPOT_LEGEND,
  type LegendEntry,
  legendOn,
  SITE_LEGEND,
} from '../../heat/legends.ts';
import type { Palette, Theme } from '../../tiles/styles.palette.ts';
import { classNames } from './classes.ts';
import { h } from './dom.ts';
import type { Words } from './i18n.ts';
import type { MessageKey } from './messages.ts';
import { classColors } from './viewstyle.ts';

/** The colours of the heatmap with the counts that they stand for. */
export function heatLegend(words: Words, ramp: readonly string[], breaks: readonly number[]): HTMLElement {
  const colors = classColors(ramp, breaks.length);
  const items = classNames(breaks).map((name, i) => h('li', {}, swatch(colors[i]!), h('span', {}, name)));
  return h(
    'div',
    { class: 'details' },
    h('p', { class: 'quiet' }, words.t('heat.legend')),
    h('ol', { class: 'ramp', id: 'heat-legend' }, ...items),
  );
}

/** Hot above cold, each from sure to less sure. */
export function hotspotLegend(words: Words, theme: Theme): HTMLElement {
  const shown = legendOn(theme, HOTSPOT_LEGEND).filter((entry) => entry.class !== 'ns');
  const items = shown.map(({ color, label }) => h('li', {}, swatch(color), h('span', {}, label[words.language])));
  return h(
    'div',
    { class: 'class-legend' },
    h('ol', { id: 'hotspot-legend' }, ...items),
    h('p', { class: 'quiet' }, words.t('hot.none')),
  );
}

/** A line per pattern, hot and cold beside each other: the seventeen classes as eight. */
export function emergingLegend(words: Words, theme: Theme): HTMLElement {
  const entries = legendOn(theme, EMERGING_LEGEND);
  const patterns = entries.flatMap(({ class: name }) => (name.endsWith('_hot') ? [name.slice(0, -4)] : []));
  const of = (name: string) => entries.find((entry) => entry.class === name)!;
  const rows = patterns.map((pattern) =>
    h(
      'li',
      { title: words.t(`means.${pattern}` as MessageKey) },
      signedSwatch(of(`${pattern}_hot`)),
      signedSwatch(of(`${pattern}_cold`)),
      h('span', {}, words.t(`pattern.${pattern}` as MessageKey)),
    ),
  );
  return h(
    'div',
    { class: 'emerging-legend' },
    h('p', { class: 'quiet' }, words.t('hot.side')),
    h('ol', { id: 'emerging-legend' }, ...rows),
    h('p', { class: 'quiet' }, words.t('hot.none')),
  );
}

function signedSwatch({ color, symbol }: LegendEntry): SVGSVGElement {
  const svg = drawing('0 0 24 16', 'signed-swatch');
  svg.append(shape('rect', { width: 24, height: 16, rx: 3, fill: color }), sign(symbol ?? '', 12, 12, true));
  return svg;
}

/** The disc of a kind of fault, as on the map. */
export function faultSign(check: string, theme: Theme): SVGSVGElement {
  const legend = legendOn(theme, [...CHECK_LEGEND, ...SITE_LEGEND]);
  const { color, symbol } = legend.find((entry) => entry.class === check) ?? { color: 'currentColor', symbol: '?' };
  const svg = drawing('0 0 22 22', 'fault-sign');
  const disc = { cx: 11, cy: 11, r: 9, fill: 'none', stroke: color, 'stroke-width': 2.4 };
  svg.append(shape('circle', disc), sign(symbol ?? '', 11, 15.5, false));
  return svg;
}

function shape(name: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

function sign(symbol: string, x: number, y: number, hasHalo: boolean): SVGElement {
  const text = shape('text', { x, y, 'text-anchor': 'middle', class: hasHalo ? 'sign halo' : 'sign' });
  text.textContent = symbol;
  return text;
}

function swatch(color: string): SVGSVGElement {
  const svg = drawing('0 0 10 10', 'swatch');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.append(shape('rect', { width: 10, height: 10, fill: color }));
  return svg;
}

const RADII: Record<string, number> = { green: 4, yellow: 5, red: 6.2, none: 3.4 };

/** A light as the map draws it: size and colour say the same. */
export function lightDot(light: string, { lights, ring }: Palette): SVGSVGElement {
  const svg = drawing('0 0 16 16', 'dot');
  const fill = lights[light as keyof typeof lights];
  const circle = { cx: 8, cy: 8, r: RADII[light] ?? 4, stroke: ring, 'stroke-width': 1, fill };
  svg.append(shape('circle', circle));
  return svg;
}

function drawing(box: string, name: string): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', box);
  svg.setAttribute('class', name);
  svg.setAttribute('aria-hidden', 'true');
  return svg;
}
