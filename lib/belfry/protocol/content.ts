/** How a notification reads, as plain data that every way of showing it can use. */
import { isSafeLink } from './site-path.ts';
import { lengthOf } from './text.ts';

/** What a definition's `render` gives. */
export interface Content {
  /** Plain text, one line. */
  title: string;
  /** Text with a little Markdown: see markdown.ts. Default: none. */
  message?: string | undefined;
  /** Where a click leads: a path of this site or an http(s) address. Default: nowhere. */
  link?: string | null | undefined;
  /** What the link is called. Default: where it leads. */
  linkLabel?: string | null | undefined;
  /** The address of a small picture of what happened. */
  icon?: string | null | undefined;
  /** The address of a picture of whoever did it. */
  avatar?: string | null | undefined;
  /** The address of a picture to look at. */
  image?: string | null | undefined;
}

/** The same with nothing left out: as it is on the wire. */
export type FullContent = { [Member in keyof Required<Content>]: NonNullable<Content[Member]> | null } & {
  title: string;
  message: string;
};

const ADDRESSES = ['link', 'icon', 'avatar', 'image'] as const;

/**
 * The content that somebody's code or an earlier version made, with what cannot be shown left out; `null` when it has no
 * title.
 */
export function toContent(made: unknown): FullContent | null {
  if (typeof made !== 'object' || made === null) return null;
  const said = made as Record<string, unknown>;
  const { title, message, linkLabel } = said;
  if (typeof title !== 'string' || lengthOf(title) === 0) return null;
  const [link, icon, avatar, image] = ADDRESSES.map((name) => {
    const address = said[name];
    return typeof address === 'string' && isSafeLink(address) ? address : null;
  }) as [string | null, string | null, string | null, string | null];
  return {
    title,
    message: typeof message === 'string' ? message : '',
    link,
    linkLabel: link !== null && typeof linkLabel === 'string' && linkLabel !== '' ? linkLabel : null,
    icon,
    avatar,
    image,
  };
}
