import './css/index.css';
import { createWords, type Language, writeFixedWords } from './i18n.ts';
import { readLink } from './link.ts';
import { getStyle, readHabits, themeOf } from './theme.ts';
import { createStore, DEFAULT_VIEW } from './view.ts';

/** The map library is large: its style is fetched meanwhile. */
async function main(): Promise<void> {
  const preferred: Language = navigator.language.startsWith('zh') ? 'zh' : 'en';
  const store = createStore({ ...DEFAULT_VIEW, language: preferred, ...readHabits(), ...readLink(location.hash) });
  const theme = themeOf(store.get());
  document.documentElement.dataset.theme = theme;
  writeFixedWords(createWords(store.get().language, 'UTC'));
  const [style, { startPage }] = await Promise.all([getStyle(theme), import('./page.ts')]);
  startPage(store, theme, style);
}

main().catch((error: unknown) => {
  const status = document.getElementById('status');
  if (!status) throw error;
  status.classList.add('shown');
  status.textContent = error instanceof Error ? error.message : String(error);
});
