import { CHECK_LEGEND, SITE_LEGEND } from '../../heat/legends.ts';
import type { Theme } from '../../tiles/styles.palette.ts';
import type { Fault, FaultAnswer } from './api.ts';
import { h } from './dom.ts';
import { facts, note, section } from './duty.ts';
import type { FindContext, Finding } from './finding.ts';
import { boxOf, type Position } from './geodesy.ts';
import type { Words } from './i18n.ts';
import { faultSign } from './legend.ts';
import { areaFeature, ringFeature } from './overlay.ts';
import type { Store, Subject } from './view.ts';

/** Faults listed at once: more cannot be read. */
const MAX_LISTED = 200;
const ZOOM_OF_FAULT = 15.5;
const AREAS = ['overlap', 'gap', 'outside_parent'];

/** The list of what a check found, of one kind or all. */
export async function findFaults(
  { store, city, faults }: FindContext,
  { check }: Extract<Subject, { kind: 'faults' }>,
): Promise<Finding> {
  const answer = await faults.get(store.get());
  const listed = answer.faults.filter((fault) => check === null || fault.check === check);
  return {
    overlay: [],
    chosen: null,
    focus: null,
    draw: (words) => ({
      kicker: check === null ? words.t('checks.list') : checkName(words, check),
      title: listed.length === 0 ? words.t('checks.clean') : words.t('checks.title', { n: countOf(answer, check) }),
      body: [faultRows(words, listed, store, city.theme()), moreNote(words, countOf(answer, check) - MAX_LISTED)],
    }),
  };
}

function countOf({ counts }: FaultAnswer, check: string | null): number {
  return check === null ? Object.values(counts).reduce((sum, n) => sum + n, 0) : (counts[check] ?? 0);
}

function moreNote(words: Words, n: number): HTMLElement | null {
  return n > 0 ? note(words.t('checks.more', { n: words.number(n) })) : null;
}

function faultRows(words: Words, faults: readonly Fault[], store: Store, theme: Theme): HTMLElement {
  const rows = faults
    .slice(0, MAX_LISTED)
    .map((fault) =>
      h(
        'li',
        {},
        faultSign(fault.check, theme),
        h(
          'button',
          { type: 'button', class: 'text', onclick: () => store.set({ subject: subjectOf(fault) }) },
          fault.name ?? fault.other ?? fault.check,
        ),
        h('span', { class: 'quiet' }, whyOf(words, fault, store)),
      ),
    );
  return h('ul', { class: 'fault-rows' }, ...rows);
}

/** One fault: what is wrong, why that matters, and the cure. */
export async function findFault(
  { store, faults }: FindContext,
  subject: Extract<Subject, { kind: 'fault' }>,
): Promise<Finding> {
  const answer = await faults.get(store.get());
  const fault = answer.faults.find((candidate) => {
    const { check, grid, other } = subjectOf(candidate);
    return check === subject.check && grid === subject.grid && other === subject.other;
  });
  const back = (words: Words) =>
    h(
      'button',
      { type: 'button', class: 'text', onclick: () => store.set({ subject: { kind: 'faults', check: null } }) },
      words.t('checks.back'),
    );
  return {
    overlay: fault ? overlayOf(fault) : [],
    chosen: null,
    focus: fault ? focusOf(fault) : null,
    draw: (words) => ({
      kicker: words.t(fault?.severity === 'notice' ? 'notice' : 'fault'),
      title: checkName(words, subject.check),
      body: fault ? [...faultBody(words, fault, store), back(words)] : [note(words.t('checks.gone')), back(words)],
    }),
  };
}

function faultBody(words: Words, fault: Fault, store: Store): (Node | null)[] {
  const { name, grid, level, at } = fault;
  return [
    note(whyOf(words, fault, store), 'warn'),
    section(words.t('fault.cure'), h('p', { class: 'cure' }, words.word('cure', fault.check, fault.message))),
    facts([
      [words.t('grid'), name],
      [words.t('code'), grid],
      [words.t('level'), level === null ? null : words.word('level', level)],
      [words.t('fault.other'), fault.other],
      ['WGS 84', at?.map((degrees) => degrees.toFixed(6)).join(', ')],
    ]),
  ];
}

/** What is wrong, in words; the service's own for a kind that the page does not know. */
function whyOf(words: Words, { check, other, value, message }: Fault, store: Store): string {
  const figure = value === null ? '' : AREAS.includes(check) ? squareMetres(words, value) : words.number(value);
  const profile = words.word('profile', store.get().profile);
  return words
    .word('why', check, message)
    .replace('{other}', other ?? '')
    .replace('{value}', figure)
    .replace('{profile}', profile);
}

function squareMetres(words: Words, value: number): string {
  return value < 1e5
    ? `${words.number(Math.round(value * 10) / 10)} m²`
    : `${words.number(Math.round(value / 1e4) / 100)} km²`;
}

export function checkName(words: Words, check: string): string {
  const entry = [...CHECK_LEGEND, ...SITE_LEGEND].find((candidate) => candidate.class === check);
  return entry?.label[words.language] ?? check;
}

function subjectOf({ check, grid, other }: Fault): Extract<Subject, { kind: 'fault' }> {
  return { kind: 'fault', check, grid: grid ?? '', other: other ?? '' };
}

function overlayOf({ geometry, at }: Fault): Finding['overlay'] {
  if (geometry) return [areaFeature(geometry)];
  return at ? [ringFeature(at)] : [];
}

function focusOf({ geometry, at }: Fault): Finding['focus'] {
  const corners =
    geometry?.type === 'Polygon'
      ? geometry.coordinates.flat()
      : geometry?.type === 'MultiPolygon'
        ? geometry.coordinates.flat(2)
        : [];
  if (corners.length > 0) return { box: boxOf(corners as Position[]) };
  return at ? { center: at, zoom: ZOOM_OF_FAULT } : null;
}
