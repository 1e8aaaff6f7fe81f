/** What a browser calls itself, in words that people know it by. */
import Bowser from 'bowser';
import type { Translate } from '../belfry/language/translate.ts';
import type { AppMessages } from '../language/messages.ts';

// What programs such as curl begin with; anything else would be a sentence for machines.
const PROGRAM = /^[\w.+-]+/;
const LONGEST_NAME = 40;

/** "Firefox on Windows", as far as the User-Agent tells. */
export function browserName(agent: string, t: Translate<AppMessages>): string {
  if (agent.trim() === '') return t('account.unknown-browser');
  const { browser, os } = Bowser.parse(agent);
  const name = browser.name || PROGRAM.exec(agent)?.[0] || t('account.unknown-browser');
  // Of a program that nobody knows it takes the name as it comes.
  const short = name.slice(0, LONGEST_NAME);
  return os.name ? t('account.browser', { browser: short, system: os.name }) : short;
}
