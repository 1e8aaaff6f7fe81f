/** Translates a message of this half into the language of the page. */
export type TranslateClient = (key: ClientMessage) => string;

type ClientMessage =
  | 'belfry.client.unreachable'
  | 'belfry.client.no-answer'
  | 'belfry.client.overtaken'
  | 'belfry.client.signed-out'
  | 'belfry.client.sign-in'
  | 'belfry.client.coming'
  | 'belfry.settings.example'
  | 'belfry.settings.example-text'
  | 'belfry.version.reload';

/** How somebody reads, for what the server puts into words, as it stands in an address: behind `?` or `&`. */
export function localeQuery(locale: string): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return String(new URLSearchParams({ locale, timeZone }));
}
