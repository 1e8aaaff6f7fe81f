/** Mail of the shop's: it goes no further than to the page /check-mail. */
const kept = globalThis as unknown as { mailbox?: Map<string, string> };
kept.mailbox ??= new Map();

/** The link that somebody was sent last, by the address. */
export const mailbox = kept.mailbox;
