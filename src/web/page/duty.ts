import type { GridName, Located, NearCamera, Worker } from './api.ts';
import { h } from './dom.ts';
import type { Words } from './i18n.ts';
import { icon } from './icons.ts';

/** Pairs of a name and a value; what has no value is left out. */
export function facts(pairs: [string, string | number | null | undefined][]): HTMLElement | null {
  const known = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  if (known.length === 0) return null;
  return h(
    'dl',
    { class: 'facts' },
    ...known.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, String(value))]),
  );
}

export function section(title: string, ...children: (Node | null)[]): HTMLElement {
  return h('section', { class: 'part' }, h('h3', {}, title), ...children);
}

export function note(text: string, kind: 'warn' | 'plain' = 'plain'): HTMLElement {
  return h('p', { class: kind === 'warn' ? 'note warn' : 'note' }, text);
}

/** The grid with all above it, the widest first, as one reads an address. */
export function chainList(words: Words, chain: GridName[], onChoose: (grid: GridName) => void): HTMLElement {
  const items = chain.map((grid) =>
    h(
      'li',
      {},
      h('span', { class: 'quiet' }, words.word('level', grid.level)),
      h('button', { type: 'button', class: 'text', onclick: () => onChoose(grid) }, grid.name),
    ),
  );
  return h('ol', { class: 'chain' }, ...items);
}

export function dutyList(words: Words, workers: Worker[]): HTMLElement {
  if (workers.length === 0) return note(words.t('on.duty.none'), 'warn');
  return h('ul', { class: 'people' }, ...workers.map((worker) => person(words, worker)));
}

function person(words: Words, worker: Worker): HTMLElement {
  const { name, role, duty, until, next, phone } = worker;
  const terms = [words.word('role', role), words.word('duty', duty)].join(' · ');
  const end = until ? words.t('until', { time: words.time(until) }) : words.t('always');
  const following =
    next && words.t('next', { name: next.name, role: words.word('role', next.role), time: words.time(next.from) });
  return h(
    'li',
    { class: duty === 'escalated' ? 'person escalated' : 'person' },
    icon('person'),
    h(
      'div',
      {},
      h('strong', {}, name),
      h('span', { class: 'quiet' }, terms),
      phone ? h('a', { href: `tel:${phone}` }, phone) : null,
      h('span', {}, end),
      following ? h('span', { class: 'quiet' }, following) : null,
    ),
  );
}

export function cameraList(words: Words, cameras: NearCamera[], onChoose: (code: string) => void): HTMLElement | null {
  if (cameras.length === 0) return null;
  const items = cameras.map(({ code, name, status, metres }) =>
    h(
      'li',
      {},
      h('button', { type: 'button', class: 'text', onclick: () => onChoose(code) }, name ?? code),
      h(
        'span',
        { class: 'quiet' },
        `${words.word('camera', status)} · ${words.t('metres', { n: words.number(Math.round(metres)) })}`,
      ),
    ),
  );
  return section(words.t('cameras.near'), h('ul', { class: 'rows' }, ...items));
}

/** What to ask before somebody is sent: the point lies near a border. */
export function edgeNote(words: Words, edge: Located['edge']): HTMLElement | null {
  if (!edge || edge.others.length === 0) return null;
  const others = edge.others.map(({ name }) => name).join('、');
  const key = edge.on ? 'place.edge.on' : 'place.edge';
  return note(words.t(key, { metres: words.number(edge.metres), others }), 'warn');
}
