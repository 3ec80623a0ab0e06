import type { SourceRow } from '../row.ts';
import { type Encoding, MAX_ROW, ReadError, type RowFault } from './fault.ts';
import { parseJsonRow } from './json.ts';
import { countOf } from './text.ts';

/**
 * Read a GeoJSON FeatureCollection feature by feature; only one feature is held at a time. A lone Feature or geometry
 * is one row.
 *
 * @throws ReadError when the document around the features is not GeoJSON or is cut off
 */
export async function* readGeojson(
  chunks: AsyncIterable<string>,
  encoding: Encoding,
): AsyncGenerator<SourceRow | RowFault> {
  const splitter = new FeatureSplitter();
  for await (const chunk of chunks) {
    for (const element of splitter.push(chunk)) yield parseJsonRow(element.line, element.text, encoding);
  }
  const whole = splitter.finish();
  if (whole !== null) yield parseJsonRow(whole.line, whole.text, encoding);
}

/** A piece of the document and the line where it starts. */
interface Piece {
  line: number;
  text: string;
}

/**
 * Cuts the elements out of the top level's `features` array by counting brackets. What is left, the document without
 * its features, is parsed at the end, so that damage outside of the features is found too.
 */
class FeatureSplitter {
  #part: 'before' | 'features' | 'after' = 'before';
  #line = 1;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #held: string[] = [];
  #length = 0;
  #start = 1;
  #elements = 0;
  #skeleton = '';

  *push(chunk: string): Generator<Piece> {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      if (!this.#cutsAt(chunk, at, from)) continue;
      this.#hold(chunk.slice(from, at));
      from = at + 1;
      const piece = this.#cut(chunk[at]!);
      if (piece !== null) yield piece;
    }
    this.#hold(chunk.slice(from));
  }

  /** The whole text when it held no `features` array, else null. */
  finish(): Piece | null {
    if (this.#part === 'features') {
      const { line } = this.#take();
      throw new ReadError(
        this.#line,
        `the file is cut off inside of the feature that starts at line ${line}; fetch it again`,
      );
    }
    const { line, text } = this.#take();
    const value = this.#parse(this.#skeleton + text);
    if (this.#part === 'before') return { line, text };
    if (value.type !== 'FeatureCollection') {
      throw new ReadError(1, 'the object has "features", so its "type" must be "FeatureCollection"');
    }
    return null;
  }

  /** Move over one character and tell whether a piece ends there. */
  #cutsAt(chunk: string, at: number, from: number): boolean {
    const char = chunk.charCodeAt(at);
    if (char === NEWLINE) this.#line++;
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (char === BACKSLASH) this.#escaped = true;
      else if (char === QUOTE) this.#inString = false;
      return false;
    }
    if (char === QUOTE) this.#inString = true;
    else if (char === OPEN_OBJECT) this.#depth++;
    else if (char === CLOSE_OBJECT) this.#depth--;
    else if (char === OPEN_ARRAY) {
      this.#depth++;
      return this.#part === 'before' && this.#depth === 2 && this.#isFeatures(chunk.slice(from, at));
    } else if (char === CLOSE_ARRAY) {
      this.#depth--;
      return this.#part === 'features' && this.#depth === 1;
    } else if (char === COMMA) return this.#part === 'features' && this.#depth === 2;
    return false;
  }

  #isFeatures(before: string): boolean {
    return /"features"\s*:\s*$/.test(this.#held.join('') + before);
  }

  /** End the held piece at a bracket or comma; an element of the array is returned. */
  #cut(delimiter: string): Piece | null {
    const piece = this.#take();
    if (this.#part === 'before') {
      this.#skeleton = `${piece.text}[`;
      this.#part = 'features';
      return null;
    }
    if (delimiter === ']') {
      this.#skeleton += ']';
      this.#part = 'after';
    }
    const empty = piece.text === '' && delimiter === ']' && this.#elements === 0;
    this.#elements++;
    return empty ? null : piece;
  }

  #hold(text: string): void {
    this.#held.push(text);
    this.#length += text.length;
    if (this.#length <= MAX_ROW) return;
    throw new ReadError(this.#start, `more than ${MAX_ROW} characters belong to one feature; is a bracket missing?`);
  }

  /** What is held, without the white space around it, and the line of its first character. */
  #take(): Piece {
    const text = this.#held.join('');
    const trimmed = text.trimStart();
    const line = this.#start + countOf(text.slice(0, text.length - trimmed.length), '\n');
    this.#held = [];
    this.#length = 0;
    this.#start = this.#line;
    return { line, text: trimmed.trimEnd() };
  }

  #parse(text: string): { type?: unknown } {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      if (text === '') throw new ReadError(this.#line, 'the file is empty');
      if (this.#depth > 0)
        throw new ReadError(this.#line, 'the file is cut off before its last bracket; fetch it again');
      const reason = (error as Error).message;
      throw new ReadError(this.#line, `not valid GeoJSON: ${reason}; for one feature per line use --format ndjson`);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ReadError(1, 'not a GeoJSON object; a list of objects is read as one object per line, --format ndjson');
    }
    return value;
  }
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
