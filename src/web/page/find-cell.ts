import type { Feature } from 'geojson';
import { type Category, getJson } from './api.ts';
import { h } from './dom.ts';
import { facts, section } from './duty.ts';
import { locate, placeBody, pointQuery } from './find-place.ts';
import type { FindContext, Finding } from './finding.ts';
import type { Words } from './i18n.ts';
import { incidentQuery, periodOf } from './incidents.ts';

interface CellCollection {
  features: (Feature & { id: string; properties: { n: number } })[];
}

/** A cell of the heatmap: how many incidents of the shown filters, by class, and who answers for its middle. */
export async function findCell(
  context: FindContext,
  { cell, lon, lat }: { cell: string; lon: number; lat: number },
): Promise<Finding> {
  const view = context.store.get();
  // Bits 52–55 of an H3 index are its resolution: the second digit of the text.
  const res = String(Number.parseInt(cell[1]!, 16));
  const spot = { res, bbox: [lon - 1e-6, lat - 1e-6, lon + 1e-6, lat + 1e-6].map((d) => d.toFixed(6)).join(',') };
  const count = async (query: Record<string, string>) => {
    const { features } = await getJson<CellCollection>(
      '/heat',
      { ...spot, ...query, format: 'geojson' },
      context.signal,
    );
    return features.find(({ id }) => id === cell);
  };
  const query = incidentQuery(view);
  const [found, answers, categories] = await Promise.all([
    count(query),
    locate(context, { ...pointQuery(lon, lat), cameras: '0' }),
    context.categories(),
  ]);
  const parts = childrenOf(categories, view.category);
  const counts = await Promise.all(
    parts.map(async (category) => ({
      category,
      n: (await count({ ...query, category: category.code }))?.properties.n ?? 0,
    })),
  );
  const n = found?.properties.n ?? 0;
  return {
    overlay: found ? [{ ...found, properties: { kind: 'area' } }] : [],
    chosen: null,
    focus: null,
    draw: (words) => ({
      kicker: words.t('cell'),
      title: words.t('cell.count', { n: words.number(n) }),
      body: [
        facts([
          [words.t('timeline'), periodText(words, context)],
          ['H3', cell],
        ]),
        counts.length > 0 && n > 0 ? section(words.t('cell.classes'), bars(words, counts)) : null,
        ...placeBody(words, answers, context.store),
      ],
    }),
  };
}

function periodText(words: Words, { store }: FindContext): string {
  const { from, to } = periodOf(store.get(), Date.now());
  return words.days(from, to);
}

/** The categories directly below one, or the classes at the top. */
function childrenOf(categories: Map<string, Category>, code: string | null): Category[] {
  return [...categories.values()].filter(({ parent }) => parent === code).slice(0, 12);
}

function bars(words: Words, counts: { category: Category; n: number }[]): HTMLElement {
  const most = Math.max(1, ...counts.map(({ n }) => n));
  const rows = counts
    .filter(({ n }) => n > 0)
    .sort((a, b) => b.n - a.n)
    .map(({ category, n }) =>
      h(
        'li',
        {},
        h('span', {}, category.name),
        h('meter', { min: 0, max: most, value: n, 'aria-label': category.name }),
        h('span', { class: 'count' }, words.number(n)),
      ),
    );
  return h('ul', { class: 'bars' }, ...rows);
}
