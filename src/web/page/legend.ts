import type { Palette } from '../../tiles/styles.palette.ts';
import { classNames } from './classes.ts';
import { h } from './dom.ts';
import type { Words } from './i18n.ts';
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

function swatch(color: string): SVGSVGElement {
  const svg = drawing('0 0 10 10', 'swatch');
  const rect = document.createElementNS(svg.namespaceURI, 'rect');
  rect.setAttribute('width', '10');
  rect.setAttribute('height', '10');
  rect.setAttribute('fill', color);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.append(rect);
  return svg;
}

const RADII: Record<string, number> = { green: 4, yellow: 5, red: 6.2, none: 3.4 };

/** A light as the map draws it: size and colour say the same. */
export function lightDot(light: string, { lights, ring }: Palette): SVGSVGElement {
  const svg = drawing('0 0 16 16', 'dot');
  const circle = document.createElementNS(svg.namespaceURI, 'circle');
  for (const [name, value] of Object.entries({ cx: 8, cy: 8, r: RADII[light] ?? 4, stroke: ring, 'stroke-width': 1 })) {
    circle.setAttribute(name, String(value));
  }
  circle.setAttribute('fill', lights[light as keyof typeof lights]);
  svg.append(circle);
  return svg;
}

function drawing(box: string, name: string): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', box);
  svg.setAttribute('class', name);
  svg.setAttribute('aria-hidden', 'true');
  return svg;
}
