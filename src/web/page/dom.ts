type Child = Node | string | null | undefined | false;
type Handler = (event: never) => void;
type Props = Record<string, string | number | boolean | Handler | null | undefined>;

/**
 * Make an element. A function is a listener (`onclick`), `true` an empty attribute, `false` and null no attribute;
 * text is always set as text.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child): child is Node | string => child instanceof Node || isText(child)));
  return element;
}

function isText(child: Child): child is string {
  return typeof child === 'string' && child !== '';
}

/** An element of the page that must be there. */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no #${id}`);
  return element as E;
}

/** Say something to those who hear the page. */
export function announce(text: string): void {
  byId('status').textContent = text;
}
