/** How the pages are looked at. */
export interface Look {
  name: string;
  colorScheme: 'light' | 'dark';
  width: number;
  height: number;
  locale: 'en-GB' | 'zh-TW';
  forcedColors?: 'active';
}

const WAYS: Omit<Look, 'locale'>[] = [
  { name: 'light', colorScheme: 'light', width: 1280, height: 800 },
  { name: 'dark', colorScheme: 'dark', width: 1280, height: 800 },
  { name: 'light-narrow', colorScheme: 'light', width: 380, height: 800 },
  { name: 'dark-narrow', colorScheme: 'dark', width: 380, height: 800 },
  { name: 'forced-colours', colorScheme: 'light', width: 1280, height: 800, forcedColors: 'active' },
];

export const LOOKS: Look[] = (['en-GB', 'zh-TW'] as const).flatMap((locale) =>
  WAYS.map((way) => ({ ...way, locale, name: `${way.name}-${locale === 'en-GB' ? 'en' : 'zh'}` })),
);
