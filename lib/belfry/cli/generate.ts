/** `belfry generate`: brings what an app keeps of Belfry's tables up to the version of the package. */
import type { Command } from './command.ts';
import { findApp } from './find-app.ts';
import { generatedFiles } from './generated-files.ts';
import { outcomeLines } from './outcome-lines.ts';
import { writeFiles } from './written-file.ts';

/** Twice does nothing the second time. */
export const generate: Command = async ({ folder, force, dryRun, now, say }) => {
  const files = generatedFiles(findApp(folder), now);
  if (files.length === 0) {
    say(
      'There is nothing to generate: this app has neither Prisma nor Drizzle that Belfry can live in. `npx belfry migrate` makes the tables.',
    );
    return 0;
  }
  for (const line of outcomeLines(writeFiles(folder, files, { force, dryRun }), { dryRun })) say(line);
  return 0;
};
