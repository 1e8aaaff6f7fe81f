/** What Belfry asks of an app's accounts. They are the app's own: nothing of them is kept or changed here. */

/** Somebody who is signed in. */
export interface SignedInUser {
  /** The app's own id of the user. */
  id: string | number;
  /**
   * What the app calls this sign-in: the id of its session, or whatever else differs between two of them. `disconnect`
   * ends the streams of one by it. Default: all sign-ins of the user are one.
   */
  session?: string;
  /** When the sign-in ends by itself, and its streams with it. Default: it does not. */
  expiresAt?: Date | string | number | null;
  /** The language that they have chosen, as a BCP 47 tag. Default: as their page or their browser says. */
  locale?: string | null;
  /** An IANA name, such as `Europe/Berlin`. Default: as their page says, or else UTC. */
  timeZone?: string | null;
  /** What pages call the user by, where that is not the id. */
  key?: string;
  /** Whatever else `revalidate` needs. */
  info?: unknown;
}

/** An app's users, as far as it says something of them. */
export interface Users {
  /**
   * Who sends this request; null when nobody is signed in. It is asked by each route, and again, with the headers that a
   * stream was opened with and outside of any request of Next's, to find out whether the sign-in still stands.
   */
  current?: (request: Request) => Promise<SignedInUser | null> | SignedInUser | null;
  /** Which of these ids are users of the app. Not given: every id may be one. */
  find?: ((ids: readonly string[]) => Promise<readonly string[]>) | undefined;
  /**
   * The ids of the app's users, a page at a time, in an order that stays. The inbox never asks: what is for everyone is one
   * row there. `npx belfry doctor` tries it.
   */
  list?: ((page: UserPage) => Promise<readonly string[]>) | undefined;
}

/** Which users are asked for. */
export interface UserPage {
  /** Those after this one; null: from the first. */
  after: string | null;
  /** How many at most. Fewer may come; none at all means that there are no more. */
  limit: number;
}
