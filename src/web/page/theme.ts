import type { StyleSpecification } from 'maplibre-gl';
import type { Theme } from '../../tiles/styles.palette.ts';
import { getJson } from './api.ts';
import type { View } from './view.ts';

const DARK = matchMedia('(prefers-color-scheme: dark)');
const KEY = 'wangge';

/** What the reader chose, else what the system says. */
export function themeOf({ theme }: Pick<View, 'theme'>): Theme {
  return theme ?? (DARK.matches ? 'dark' : 'light');
}

export function listenToSystem(listener: () => void): void {
  DARK.addEventListener('change', listener);
}

export function getStyle(theme: Theme): Promise<StyleSpecification> {
  return getJson<StyleSpecification>(`/styles/${theme}.json`);
}

type Habits = Pick<View, 'language' | 'theme'>;

/** The reader's language and theme, kept in this browser; a browser that keeps nothing is no fault. */
export function readHabits(): Partial<Habits> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Habits>;
  } catch {
    return {};
  }
}

export function keepHabits({ language, theme }: Habits): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ language, theme }));
  } catch {
    // Private windows refuse to keep anything; the choice then holds until the page is left.
  }
}
