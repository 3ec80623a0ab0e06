import type { Feature } from 'geojson';
import { ofNet } from '../../tiles/styles.layers.ts';
import { getJson, type Located } from './api.ts';
import { h } from './dom.ts';
import { cameraList, chainList, dutyList, edgeNote, facts, note, section } from './duty.ts';
import type { Content, FindContext, Finding } from './finding.ts';
import { boxOf, type Position } from './geodesy.ts';
import type { Words } from './i18n.ts';
import type { Store } from './view.ts';

const NEAR_CAMERAS = '3';
const ZOOM_OF_PLACE = 16;

/** The answer of the first net that is shown, and of the others beside it. */
export interface NetAnswer {
  net: string;
  located: Located;
}

export type NetAnswers = [NetAnswer, ...NetAnswer[]];

/** Ask every shown net about a place; the base net when none is shown. */
export async function locate({ store, signal }: FindContext, query: Record<string, string>): Promise<NetAnswers> {
  const { nets } = store.get();
  const asked = nets.length > 0 ? nets : ['base'];
  const answers = asked.map(async (net) => ({
    net,
    located: await getJson<Located>('/locate', { cameras: NEAR_CAMERAS, ...query, net }, signal),
  }));
  return (await Promise.all(answers)) as NetAnswers;
}

/** An address: where it is, whose it is and who is on duty; or why that cannot be said. */
export async function findAddress(context: FindContext, text: string): Promise<Finding> {
  const answers = await locate(context, { address: text });
  const [{ located }] = answers;
  return {
    ...placed(answers),
    draw: (words) => drawAddress(words, text, answers, context.store),
    focus: focusOf(located),
  };
}

/** A point of the map. */
export async function findPoint(context: FindContext, lon: number, lat: number): Promise<Finding> {
  const answers = await locate(context, pointQuery(lon, lat));
  const [{ located }] = answers;
  return {
    ...placed(answers),
    focus: null,
    draw: (words) => ({
      kicker: words.t('place.point'),
      title: located.grid?.name ?? words.t('place.outside'),
      body: [
        outsideNote(words, located),
        ...placeBody(words, answers, context.store),
        nearby(words, located, lon, lat),
      ],
    }),
  };
}

export function pointQuery(lon: number, lat: number): Record<string, string> {
  return { lon: lon.toFixed(6), lat: lat.toFixed(6) };
}

function placed([{ net, located }]: NetAnswers): Pick<Finding, 'overlay' | 'chosen'> {
  const { match, candidates, cameras, grid } = located;
  const point = (at: { lon: number; lat: number }, properties: Record<string, string>): Feature => ({
    type: 'Feature',
    properties,
    geometry: { type: 'Point', coordinates: [at.lon, at.lat] },
  });
  return {
    overlay: [
      ...cameras.map((camera) => point(camera, { kind: 'camera' })),
      ...(match && candidates.length === 0 ? [point(match, { kind: 'place' })] : []),
      ...candidates.map((candidate, i) => point(candidate, { kind: 'candidate', number: String(i + 1) })),
    ],
    chosen: grid && { source: ofNet('grids', net), code: grid.code },
  };
}

function focusOf({ match, candidates }: Located): Finding['focus'] {
  if (candidates.length > 1) return { box: boxOf(candidates.map(({ lon, lat }): Position => [lon, lat])) };
  const at = candidates[0] ?? match;
  return at ? { center: [at.lon, at.lat], zoom: ZOOM_OF_PLACE } : null;
}

function drawAddress(words: Words, text: string, answers: NetAnswers, store: Store): Content {
  const [{ located }] = answers;
  const { status, match, candidates, grid } = located;
  if (status === 'not_found') {
    return {
      kicker: words.t('place.address'),
      title: text,
      body: [
        note(words.t('place.not_found'), 'warn'),
        note(words.t('place.not_found.help')),
        candidateList(words, located, store),
      ],
    };
  }
  if (status === 'ambiguous') {
    const key = grid ? 'place.ambiguous.shared' : 'place.ambiguous';
    return {
      kicker: words.t('place.address'),
      title: text,
      body: [
        note(words.t(key, { n: candidates.length }), 'warn'),
        candidateList(words, located, store),
        ...(grid ? placeBody(words, answers, store) : []),
      ],
    };
  }
  return {
    kicker: words.t('place.address'),
    title: match?.text ?? text,
    body: [outsideNote(words, located), matchNote(words, located), ...placeBody(words, answers, store)],
  };
}

/** How sure the match is, and where the question and the record differ. */
function matchNote(words: Words, { match }: Located): HTMLElement | null {
  if (!match) return null;
  const differing = Object.values(match.contradicted).map((said) => words.t('place.contradicted', said));
  if (match.score >= 0.995 && differing.length === 0) return null;
  const sure = words.t('place.confidence', { percent: Math.round(match.score * 100) });
  const remarks = [sure, ...differing].join(words.language === 'zh' ? '；' : '; ');
  return note(remarks, differing.length > 0 ? 'warn' : 'plain');
}

function outsideNote(words: Words, { status, nearest }: Located): HTMLElement | null {
  if (status !== 'outside') return null;
  const where =
    nearest && words.t('place.nearest', { name: nearest.name, metres: words.number(Math.round(nearest.metres)) });
  return note([words.t('place.outside'), where].filter(Boolean).join(words.language === 'zh' ? '。' : '. '), 'warn');
}

function candidateList(words: Words, { candidates }: Located, store: Store): HTMLElement | null {
  if (candidates.length === 0) return null;
  const items = candidates.map(({ text, lon, lat, grid }, i) =>
    h(
      'li',
      {},
      h('span', { class: 'number', 'aria-hidden': 'true' }, String(i + 1)),
      h(
        'button',
        { type: 'button', class: 'text', onclick: () => store.set({ subject: { kind: 'point', lon, lat } }) },
        text,
      ),
      h('span', { class: 'quiet' }, grid?.name ?? words.t('place.outside')),
    ),
  );
  return h('ol', { class: 'candidates' }, ...items);
}

/** Chain and duty of every net, then the cameras. */
export function placeBody(words: Words, answers: NetAnswers, store: Store): (Node | null)[] {
  const [{ located }] = answers;
  const parts = answers.flatMap(({ net, located: { grid, chain, workers, edge } }) => {
    if (!grid) return [];
    const title = answers.length > 1 ? words.t('on.duty.in', { net: words.word('net', net) }) : words.t('on.duty');
    const at = located.match ?? located.candidates[0];
    const choose = ({ code }: { code: string }) => {
      if (at) store.set({ subject: { kind: 'grid', net, code, lon: at.lon, lat: at.lat } });
    };
    return [edgeNote(words, edge), section(title, dutyList(words, workers), chainList(words, chain, choose))];
  });
  const cameras = cameraList(words, located.cameras, (code) => store.set({ subject: { kind: 'camera', code } }));
  return [...parts, cameras];
}

function nearby(words: Words, { address }: Located, lon: number, lat: number): HTMLElement | null {
  const metres = address && words.t('metres', { n: words.number(Math.round(address.metres)) });
  return facts([
    [words.t('place.near'), address && `${address.text} · ${metres}`],
    ['WGS 84', `${lon.toFixed(6)}, ${lat.toFixed(6)}`],
  ]);
}
