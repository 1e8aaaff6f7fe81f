/** Reads a file of JSON piece by piece: an array of objects, or an object on each line. */
import { BelfryError } from '../protocol/errors.ts';
import type { FoundRow, Source } from './source.ts';

/** @param text The file, in pieces of any length. @throws BelfryError `invalid_input` for what is cut off, or no array of objects. */
export async function* jsonRows(text: AsyncIterable<string>): Source {
  let begun = '';
  let rows: ((piece: string) => Iterable<FoundRow>) | undefined;
  let splitter: ArraySplitter | LineSplitter | undefined;
  for await (const piece of text) {
    if (rows) {
      yield* rows(piece);
      continue;
    }
    begun += piece;
    const first = begun.replace(/^\uFEFF/, '').trimStart();
    if (first === '') continue;
    const chosen = first.startsWith('[') ? new ArraySplitter() : new LineSplitter();
    splitter = chosen;
    rows = (next) => chosen.take(next);
    yield* rows(begun.replace(/^\uFEFF/, ''));
  }
  if (splitter) yield* splitter.end();
}

class LineSplitter {
  #rest = '';
  #line = 0;

  *take(piece: string): Iterable<FoundRow> {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() as string;
    for (const line of lines) yield* this.#read(line);
  }

  end(): Iterable<FoundRow> {
    return this.#read(this.#rest);
  }

  *#read(line: string): Iterable<FoundRow> {
    this.#line += 1;
    if (line.trim() !== '') yield found(`line ${this.#line}`, line);
  }
}

/** Finds where each element of the array ends; what is in it is for `JSON.parse` to judge. */
class ArraySplitter {
  #text = '';
  /** How many brackets are open: 1 is the array's own. */
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isOver = false;
  #row = 0;

  *take(piece: string): Iterable<FoundRow> {
    let from = 0;
    for (let at = 0; at < piece.length && !this.#isOver; at += 1) {
      const character = piece[at];
      if (this.#isInString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (character === '\\') this.#isEscaped = true;
        else if (character === '"') this.#isInString = false;
      } else if (character === '"') {
        this.#isInString = true;
      } else if (character === '[' || character === '{') {
        this.#depth += 1;
        if (this.#depth === 1) from = at + 1;
      } else if (character === ']' || character === '}') {
        this.#depth -= 1;
        this.#isOver = this.#depth === 0;
      }
      const isComma = character === ',' && this.#depth === 1 && !this.#isInString;
      if (!isComma && !this.#isOver) continue;
      yield* this.#element(this.#text + piece.slice(from, at), isComma);
      this.#text = '';
      from = at + 1;
    }
    this.#text += piece.slice(from);
  }

  end(): Iterable<FoundRow> {
    if (!this.#isOver)
      throw new BelfryError(
        'invalid_input',
        `The array has no end: after row ${this.#row} the file is cut off. Make it again.`,
      );
    if (this.#text.trim() !== '')
      throw new BelfryError(
        'invalid_input',
        'Something stands behind the end of the array. Make the file again.',
      );
    return [];
  }

  *#element(text: string, isFollowed: boolean): Iterable<FoundRow> {
    // An empty array.
    if (text.trim() === '' && !isFollowed && this.#row === 0) return;
    this.#row += 1;
    yield found(`row ${this.#row}`, text);
  }
}

function found(place: string, text: string): FoundRow {
  try {
    return { place, row: { value: JSON.parse(text) } };
  } catch {
    return { place, row: { fault: 'It is no JSON.' } };
  }
}
