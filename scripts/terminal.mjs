// What a person reads in the terminal: sentences, and progress on whatever takes long.

const TICK_MS = 1000;

/** Something went wrong that a person can put right; `message` is the sentence that says how. */
export class Problem extends Error {
  constructor(sentence, { output = '', exitCode = 1 } = {}) {
    super(sentence);
    this.output = output;
    this.exitCode = exitCode;
  }
}

export function say(sentence = '') {
  process.stdout.write(`${sentence}\n`);
}

export function complain(sentence) {
  process.stderr.write(`${sentence}\n`);
}

/** From now on this process goes on when nobody takes what it says: a closed pipe, a full disk. */
export function goOnUnheard() {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Runs a command's story and turns whatever stops it into a sentence and an exit code. */
export async function tell(story) {
  try {
    process.exitCode = (await story()) ?? 0;
  } catch (error) {
    if (!(error instanceof Problem)) {
      complain(`Something unexpected happened.\n${error?.stack ?? error}`);
      process.exit(1);
    }
    if (error.output.trim()) complain(`\n${error.output.trim()}\n`);
    complain(error.message);
    process.exit(error.exitCode);
  }
}

export function seconds(ms) {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

/**
 * One long step: `step('Building', 'Built', work)`. In a terminal the line counts the seconds;
 * elsewhere (a log, CI) there is one line at the start and one at the end.
 */
export async function step(doing, done, work) {
  const startedAt = Date.now();
  const elapsed = () => Date.now() - startedAt;
  const live = process.stdout.isTTY;
  const showProgress = () => process.stdout.write(`\r\x1b[2K${doing} … ${Math.round(elapsed() / 1000)} s`);
  if (live) showProgress();
  else say(`${doing} …`);
  const timer = live ? setInterval(showProgress, TICK_MS) : undefined;
  let finished = false;
  try {
    const result = await work();
    finished = true;
    return result;
  } finally {
    clearInterval(timer);
    if (live) process.stdout.write('\r\x1b[2K');
    if (finished) say(`${done} in ${seconds(elapsed())}.`);
  }
}
