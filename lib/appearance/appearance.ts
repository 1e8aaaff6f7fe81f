/** How somebody likes the pages to look: a choice of this browser's. Pure: pages read and write it as well. */

export const THEMES = ['system', 'light', 'dark'] as const;
export const DENSITIES = ['comfortable', 'compact'] as const;

export type Theme = (typeof THEMES)[number];
export type Density = (typeof DENSITIES)[number];

export interface Appearance {
  /** `system`: as the reader's system has it. */
  theme: Theme;
  density: Density;
}

/** A cookie for each, with the value as it is. */
export const APPEARANCE_COOKIES = { theme: 'belfry-theme', density: 'belfry-density' } as const;

/** The colour of the page, for what the browser draws around it: `--paper` of globals.css. */
export const PAPER = { light: '#f6faf9', dark: '#071311' } as const;

/** What the cookies say. Whatever else they hold counts as not chosen. @param cookies A header `Cookie`, or `document.cookie`. */
export function appearanceIn(cookies: string): Appearance {
  const kept = (name: string) =>
    cookies
      .split(/;\s*/)
      .find((one) => one.startsWith(`${name}=`))
      ?.slice(name.length + 1);
  return {
    theme: oneOf(THEMES, kept(APPEARANCE_COOKIES.theme)),
    density: oneOf(DENSITIES, kept(APPEARANCE_COOKIES.density)),
  };
}

/** What a form chose; what it does not name, or is none, is left as it is. */
export function chosenIn(form: { get: (name: string) => unknown }): Partial<Appearance> {
  const theme = THEMES.find((one) => one === form.get('theme'));
  const density = DENSITIES.find((one) => one === form.get('density'));
  return { ...(theme ? { theme } : {}), ...(density ? { density } : {}) };
}

/** The colour around a page, where the system is light and where it is dark. */
export function paperOf(theme: Theme): { light: string; dark: string } {
  return theme === 'system' ? PAPER : { light: PAPER[theme], dark: PAPER[theme] };
}

/** What `color-scheme` says. */
export function schemeOf(theme: Theme): 'light' | 'dark' | 'light dark' {
  return theme === 'system' ? 'light dark' : theme;
}

// The first is what counts where nothing was chosen.
function oneOf<T extends string>(all: readonly [T, ...T[]], value: string | undefined): T {
  return all.find((one) => one === value) ?? all[0];
}
