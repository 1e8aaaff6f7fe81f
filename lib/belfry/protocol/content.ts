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

/** The same as it is on the wire: few notifications have the members that are not always there, and each is sent to many. */
export type FullContent = { title: string; message: string; link: string | null } & {
  [Member in 'linkLabel' | 'icon' | 'avatar' | 'image']?: string;
};

const PICTURES = ['icon', 'avatar', 'image'] as const;

/**
 * The content that somebody's code or an earlier version made, with what cannot be shown left out; `null` when it has no
 * title.
 */
export function toContent(made: unknown): FullContent | null {
  if (typeof made !== 'object' || made === null) return null;
  const said = made as Record<string, unknown>;
  const { title, message, link, linkLabel } = said;
  if (typeof title !== 'string' || lengthOf(title) === 0) return null;
  const content: FullContent = {
    title,
    message: typeof message === 'string' ? message : '',
    link: isAddress(link) ? link : null,
  };
  if (content.link !== null && typeof linkLabel === 'string' && linkLabel !== '') {
    content.linkLabel = linkLabel;
  }
  for (const name of PICTURES) {
    const address = said[name];
    if (isAddress(address)) content[name] = address;
  }
  return content;
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && isSafeLink(value);
}
