import type { MultiPolygon, Position } from 'geojson';
import { hexagonRing } from '../geo/h3.ts';
import { HOTSPOT_LEGEND } from '../heat/legends.ts';
import { escapeHtml } from './report.escape.ts';
import type { ReportLanguage } from './report.schema.ts';
import type { Report } from './report.ts';

const WIDTH = 640;
const MARGIN = 8;

type Project = (position: Position) => string;

/** A small map as SVG: the outlines of the grids under their hot and cold cells, with a legend beside it. */
export function reportMap({ outlines, spots }: Report, title: string, lang: ReportLanguage): string {
  const { project, height } = projectionOf(outlines.map(({ geometry }) => geometry));
  const cells = spots.map(({ cell, class: of, n }) => {
    const color = HOTSPOT_LEGEND.find((entry) => entry.class === of)!.color;
    return `<path d="${ringPath(hexagonRing(cell), project)}" fill="${color}"><title>${n}</title></path>`;
  });
  const borders = outlines.map(
    ({ geometry, name }) => `<path d="${shapePath(geometry, project)}"><title>${escapeHtml(name)}</title></path>`,
  );
  const legend = HOTSPOT_LEGEND.filter((entry) => entry.class !== 'ns').map(
    ({ color, label }) => `<li><span style="background:${color}"></span>${escapeHtml(label[lang])}</li>`,
  );
  return `<figure>
<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(title)}">
<g stroke="#fff" stroke-width="0.5">${cells.join('')}</g>
<g fill="none" stroke="#333" stroke-width="1" stroke-linejoin="round">${borders.join('')}</g>
</svg>
<ul class="legend">${legend.join('')}</ul>
</figure>`;
}

/** Plate carrée, true to scale at the middle latitude: enough for one district. */
function projectionOf(shapes: MultiPolygon[]): { project: Project; height: number } {
  let [west, south, east, north] = [180, 90, -180, -90];
  for (const [lon, lat] of shapes.flatMap(({ coordinates }) => coordinates.flat(2)) as [number, number][]) {
    west = Math.min(west, lon);
    east = Math.max(east, lon);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  }
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = (WIDTH - 2 * MARGIN) / Math.max((east - west) * shrink, 1e-9);
  return {
    project: ([lon, lat]) =>
      `${(MARGIN + (lon! - west) * shrink * scale).toFixed(1)} ${(MARGIN + (north - lat!) * scale).toFixed(1)}`,
    height: Math.ceil(2 * MARGIN + Math.max(north - south, 0) * scale),
  };
}

function shapePath({ coordinates }: MultiPolygon, project: Project): string {
  return coordinates.flatMap((rings) => rings.map((ring) => ringPath(ring, project))).join('');
}

function ringPath(ring: Position[], project: Project): string {
  return `M${ring.slice(0, -1).map(project).join('L')}Z`;
}
