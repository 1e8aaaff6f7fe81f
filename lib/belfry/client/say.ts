/** What this half itself has to say: messages of Belfry's catalogue. The page puts them into the reader's language. */
export type Say = (key: ClientMessage) => string;

type ClientMessage =
  | 'belfry.client.unreachable'
  | 'belfry.client.no-answer'
  | 'belfry.client.overtaken'
  | 'belfry.client.signed-out'
  | 'belfry.client.sign-in'
  | 'belfry.client.coming'
  | 'belfry.version.reload';

/** How somebody reads, for what the server puts into words, as it stands in an address: behind `?` or `&`. */
export function askedIn(locale: string): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return String(new URLSearchParams({ locale, timeZone }));
}
