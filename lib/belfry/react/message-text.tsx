'use client';

import { Fragment, type ReactNode, useMemo } from 'react';
import { type Part, parseMarkdown } from '../protocol/markdown.ts';
import { NotificationLink } from './notification-link.tsx';

/** Of a `MessageText`. */
export interface MessageTextProps {
  /** The `message` of an item. */
  text: string;
  /** After a link in it was followed, and this page is still there. */
  onFollow?: (() => void) | undefined;
  /** Whenever a link in it is followed. */
  onVisit?: (() => void) | undefined;
  /** Of its links. */
  linkClassName?: string | undefined;
}

/** The message of an item, with its little Markdown as elements: nothing that a sender wrote becomes markup of its own. */
export function MessageText({ text, ...links }: MessageTextProps): ReactNode {
  const parts = useMemo(() => parseMarkdown(text), [text]);
  return <Parts parts={parts} links={links} />;
}

function Parts({ parts, links }: { parts: readonly Part[]; links: Omit<MessageTextProps, 'text'> }) {
  return parts.map((part, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a text has its parts in one order
    <Fragment key={at}>{toNode(part, links)}</Fragment>
  ));
}

function toNode(part: Part, links: Omit<MessageTextProps, 'text'>): ReactNode {
  if (typeof part === 'string') return part;
  if (part.kind === 'code') return <code>{part.text}</code>;
  const inner = <Parts parts={part.parts} links={links} />;
  if (part.kind === 'bold') return <strong>{inner}</strong>;
  if (part.kind === 'italic') return <em>{inner}</em>;
  const { linkClassName, ...on } = links;
  return (
    <NotificationLink {...on} link={part.link} className={linkClassName}>
      {() => inner}
    </NotificationLink>
  );
}
