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
