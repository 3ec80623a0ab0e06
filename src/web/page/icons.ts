/** Strokes in a box of 24, drawn for this page. */
const PATHS = {
  search: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5 20 20',
  layers: 'M12 4 3.5 8.5 12 13l8.5-4.5L12 4zM4 12.5l8 4.2 8-4.2M4 16.5l8 4.2 8-4.2',
  circle: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 12h8',
  polygon: 'M5 9 12 4l7 5-3 10H8L5 9z',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1.2 1.2M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1.2-1.2',
  theme: 'M12 4a8 8 0 1 0 8 8 6.2 6.2 0 0 1-8-8z',
  close: 'M6 6l12 12M18 6 6 18',
  play: 'M8 5.5v13l10.5-6.5L8 5.5z',
  pause: 'M8.5 6v12M15.5 6v12',
  print: 'M7 9V4h10v5M7 17H4.5V9h15v8H17M7 14h10v6H7v-6z',
  person: 'M12 4.5a3.7 3.7 0 1 1 0 7.4 3.7 3.7 0 0 1 0-7.4zM4.8 20c.6-4 3.4-6 7.2-6s6.600 2 7.200 6',
} as const;

export type IconName = keyof typeof PATHS;

/** A drawing beside a name; those who hear the page are not told of it. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}
