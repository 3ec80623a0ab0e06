import { h } from './dom.ts';

/** A named list to choose one of; the first entry stands for none. */
export function select(
  id: string,
  label: string,
  none: string,
  options: { value: string; text: string }[],
  value: string | null,
  onChoose: (value: string | null) => void,
): HTMLElement {
  const field = h(
    'select',
    { id, onchange: () => onChoose(field.value === '' ? null : field.value) },
    h('option', { value: '' }, none),
    ...options.map((option) => h('option', { value: option.value, selected: option.value === value }, option.text)),
  );
  return h('label', { class: 'field', for: id }, h('span', {}, label), field);
}

/** A named list to choose one of, of which one is always chosen. */
export function choice<V extends string | number>(
  id: string,
  label: string,
  options: { value: V; text: string }[],
  value: V,
  onChoose: (value: V) => void,
): HTMLElement {
  const field = h(
    'select',
    { id, onchange: () => onChoose(options[field.selectedIndex]!.value) },
    ...options.map((option) => h('option', { value: option.value, selected: option.value === value }, option.text)),
  );
  return h('label', { class: 'field', for: id }, h('span', {}, label), field);
}

/** Radio buttons side by side. */
export function segments<V>(
  name: string,
  label: string,
  options: { value: V; id: string; text: string }[],
  value: V,
  onChoose: (value: V) => void,
): HTMLElement {
  const parts = options.map((option) => {
    const id = `${name}-${option.id}`;
    const props = { id, name, type: 'radio', checked: option.value === value, onchange: () => onChoose(option.value) };
    return h('label', { class: 'segment', for: id }, h('input', props), h('span', {}, option.text));
  });
  return h('fieldset', { class: 'segments' }, h('legend', {}, label), h('div', {}, ...parts));
}

/** A box to tick, or a switch, with a sample of what it shows. */
export function checkbox(
  id: string,
  text: string,
  checked: boolean,
  onchange: () => void,
  kind: 'switch' | 'tick',
  sample?: HTMLElement | SVGElement,
): HTMLElement {
  const props = { id, type: 'checkbox', class: kind, checked, onchange, ...(kind === 'switch' && { role: 'switch' }) };
  return h('label', { class: `check ${kind}`, for: id }, h('input', props), sample ?? null, h('span', {}, text));
}
