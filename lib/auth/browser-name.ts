/** What a browser calls itself, in words that people know it by. */
import Bowser from 'bowser';
import { inWords } from '../belfry/language/say.ts';
import type { Translate } from '../belfry/language/translate.ts';
import { say } from '../language/languages.ts';

// What programs such as curl begin with; anything else would be a sentence for machines.
const PROGRAM = /^[\w.+-]+/;
const LONGEST_NAME = 40;

/**
 * "Firefox on Windows", as far as the User-Agent tells; "An unknown browser" when it does not.
 *
 * @param translate Into the language of whoever reads it. Default: English.
 */
export function browserName(agent: string, translate?: Translate): string {
  const unknown = inWords(say('server.browser.unknown'), translate);
  if (agent.trim() === '') return unknown;
  const { browser, os } = Bowser.parse(agent);
  const name = browser.name || PROGRAM.exec(agent)?.[0] || unknown;
  // Of a program that nobody knows it takes the name as it comes.
  const short = name.slice(0, LONGEST_NAME);
  return os.name
    ? inWords(say('server.browser.on-system', { browser: short, system: os.name }), translate)
    : short;
}
