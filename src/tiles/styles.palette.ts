/** The colours of a theme. The map page draws its legends with them too. */
export interface Palette {
  /** Outside every grid, and inside. */
  ground: string;
  land: string;
  water: string;
  street: string;
  streetCasing: string;
  text: string;
  textQuiet: string;
  halo: string;
  grid: string;
  otherNet: string;
  accent: string;
  camera: string;
  cameraDown: string;
  lights: { green: string; yellow: string; red: string; none: string };
  ring: string;
  /** From few to many. Light: d3-scale-chromatic's BuPu from 0.22 to 1; dark: the same backwards. */
  ramp: readonly string[];
}

export const THEMES = ['light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Where the colours of the ramp stand on `interpolateBuPu`; the dark theme goes from much ink to little. */
export const RAMP_STOPS: Record<Theme, readonly number[]> = {
  light: [0.22, 0.38, 0.54, 0.7, 0.85, 1],
  dark: [0.96, 0.82, 0.68, 0.52, 0.34, 0.08],
};

/** Lights differ in lightness as well as in hue, so that they can be told apart without seeing colours. */
export const PALETTES: Record<Theme, Palette> = {
  light: {
    ground: '#ecebe6',
    land: '#f8f7f4',
    water: '#a9cfe0',
    street: '#ffffff',
    streetCasing: '#d9d5ca',
    text: '#2b3440',
    textQuiet: '#6f737a',
    halo: '#fbfaf7',
    grid: '#6b7b90',
    otherNet: '#8a5a1f',
    accent: '#1d5fc4',
    camera: '#3f5468',
    cameraDown: '#a3452c',
    lights: { green: '#2c9a78', yellow: '#f0b400', red: '#c8281e', none: '#9aa1a9' },
    ring: '#ffffff',
    ramp: ['#c7d9e9', '#9fb8d8', '#8d88bf', '#8952a5', '#7f1c81', '#4d004b'],
  },
  dark: {
    ground: '#13161b',
    land: '#1c2128',
    water: '#1f4156',
    street: '#39414d',
    streetCasing: '#0f1216',
    text: '#e4e8ee',
    textQuiet: '#8d96a3',
    halo: '#14181d',
    grid: '#8595ab',
    otherNet: '#d9a766',
    accent: '#7fb2ff',
    camera: '#a9bccf',
    cameraDown: '#f08a6c',
    lights: { green: '#45c79d', yellow: '#ffd95e', red: '#f2493a', none: '#767f8a' },
    ring: '#14181d',
    ramp: ['#5d055b', '#83268a', '#8a58a8', '#8e8fc3', '#a8c2dd', '#e8f1f7'],
  },
};
