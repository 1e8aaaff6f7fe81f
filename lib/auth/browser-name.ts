/** What a browser calls itself, in words that people know it by. */
import Bowser from 'bowser';

// What programs such as curl begin with; anything else would be a sentence for machines.
const PROGRAM = /^[\w.+-]+/;
const LONGEST_NAME = 40;

/** "Firefox on Windows", as far as the User-Agent tells; "An unknown browser" when it does not. */
export function browserName(agent: string): string {
  if (agent.trim() === '') return 'An unknown browser';
  const { browser, os } = Bowser.parse(agent);
  const name = browser.name || PROGRAM.exec(agent)?.[0] || 'An unknown browser';
  // Of a program that nobody knows it takes the name as it comes.
  const short = name.slice(0, LONGEST_NAME);
  return os.name ? `${short} on ${os.name}` : short;
}
