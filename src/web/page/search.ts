import { ApiError, getJson } from './api.ts';
import { announce, byId, h } from './dom.ts';
import type { Words } from './i18n.ts';
import { icon } from './icons.ts';
import { readPoint } from './point.ts';
import type { Store } from './view.ts';

const WAIT = 150;

interface Suggested {
  text: string;
}

/**
 * The search box: an editable combobox with a list, as the ARIA Authoring Practices describe it. Enter asks for what is
 * written, or for the suggestion that the arrows have reached.
 */
export class Search {
  private readonly store: Store;
  private words: Words;
  private readonly input = h('input', {
    id: 'search-input',
    type: 'text',
    name: 'q',
    role: 'combobox',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': 'suggestions',
    autocomplete: 'off',
    spellcheck: 'false',
    enterkeyhint: 'search',
    maxlength: 200,
  });
  private readonly list = h('ul', { id: 'suggestions', role: 'listbox', hidden: true });
  private readonly clearButton = h('button', { type: 'button', class: 'icon-button clear' }, icon('close'));
  private readonly goButton = h('button', { type: 'submit', class: 'icon-button go' }, icon('search'));
  private options: string[] = [];
  private active = -1;
  private asking = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private canSuggest = true;

  constructor(store: Store, words: Words) {
    this.store = store;
    this.words = words;
    const form = byId<HTMLFormElement>('search');
    form.append(this.input, this.clearButton, this.goButton, this.list);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.go(this.options[this.active] ?? this.input.value);
    });
    this.input.addEventListener('input', () => this.typed());
    this.input.addEventListener('keydown', (event) => this.key(event));
    this.input.addEventListener('blur', () => this.closeList());
    this.clearButton.addEventListener('click', () => {
      this.input.value = '';
      this.typed();
      store.set({ subject: null });
      this.input.focus();
    });
    store.listen((view, changed) => {
      if (changed.has('subject') && view.subject?.kind === 'address') this.input.value = view.subject.text;
    });
    const { subject } = store.get();
    if (subject?.kind === 'address') this.input.value = subject.text;
    // As a link it would take the place of the view in the address.
    byId('skip').addEventListener('click', (event) => {
      event.preventDefault();
      this.input.focus();
    });
    this.setWords(words);
  }

  setWords(words: Words): void {
    this.words = words;
    const { t } = words;
    this.input.setAttribute('aria-label', t('search.label'));
    this.input.placeholder = t('search.placeholder');
    this.list.setAttribute('aria-label', t('search.suggestions'));
    this.clearButton.setAttribute('aria-label', t('search.clear'));
    this.goButton.setAttribute('aria-label', t('search.go'));
    this.clearButton.hidden = this.input.value === '';
  }

  private typed(): void {
    clearTimeout(this.timer);
    this.clearButton.hidden = this.input.value === '';
    const text = this.input.value.trim();
    if (text === '' || !this.canSuggest || readPoint(text)) this.closeList();
    else this.timer = setTimeout(() => void this.suggest(text), WAIT);
  }

  private async suggest(text: string): Promise<void> {
    this.asking.abort();
    this.asking = new AbortController();
    try {
      const { suggestions } = await getJson<{ suggestions: Suggested[] }>(
        '/addresses/suggest',
        { q: text },
        this.asking.signal,
      );
      this.open(suggestions.map((suggestion) => suggestion.text));
    } catch (error) {
      // A service that suggests nothing can still locate.
      if (error instanceof ApiError && error.status === 404) this.canSuggest = false;
      this.closeList();
    }
  }

  private open(options: string[]): void {
    if (document.activeElement !== this.input) return;
    this.options = options;
    this.active = -1;
    const items = options.map((text, i) =>
      // Before the field loses the focus, which would close the list.
      h(
        'li',
        {
          id: `suggestion-${i}`,
          role: 'option',
          'aria-selected': 'false',
          onmousedown: (event: Event) => {
            event.preventDefault();
            this.go(text);
          },
        },
        text,
      ),
    );
    this.list.replaceChildren(...items);
    this.list.hidden = options.length === 0;
    this.input.setAttribute('aria-expanded', String(options.length > 0));
    this.input.removeAttribute('aria-activedescendant');
    announce(this.words.t('search.count', { n: options.length }));
  }

  private closeList(): void {
    this.asking.abort();
    clearTimeout(this.timer);
    this.options = [];
    this.active = -1;
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
    this.input.removeAttribute('aria-activedescendant');
  }

  private key(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && this.options.length > 0) {
      event.preventDefault();
      // One place beyond the ends is the field itself.
      const places = this.options.length + 1;
      this.active = ((this.active + 1 + step + places) % places) - 1;
      this.mark();
    } else if (event.key === 'Escape' && !this.list.hidden) {
      event.preventDefault();
      this.closeList();
    }
  }

  private mark(): void {
    for (const [i, item] of [...this.list.children].entries()) {
      item.setAttribute('aria-selected', String(i === this.active));
      if (i === this.active) item.scrollIntoView({ block: 'nearest' });
    }
    if (this.active < 0) this.input.removeAttribute('aria-activedescendant');
    else this.input.setAttribute('aria-activedescendant', `suggestion-${this.active}`);
  }

  private go(text: string): void {
    const wanted = text.trim();
    if (wanted === '') return;
    this.input.value = wanted;
    this.clearButton.hidden = false;
    this.closeList();
    const point = readPoint(wanted);
    // Asked again, the same address is looked up again.
    this.store.set({ subject: null });
    this.store.set({ subject: point ? { kind: 'point', ...point } : { kind: 'address', text: wanted } });
  }
}
