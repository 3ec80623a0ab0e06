import type { LocateAnswer } from './locate.ts';

/** Writes an answer as JSON. */
export type AnswerWriter = (answer: LocateAnswer) => string;

/** A writer that remembers the lists of workers: half of an answer, and for a minute the same for a whole grid. */
export function answerWriter(): AnswerWriter {
  const lists = new WeakMap<object, string>();
  return ({ workers, query, match, candidates, grid, chain, edge, cameras, version, status, address, nearest }) => {
    let list = lists.get(workers);
    if (list === undefined) {
      list = JSON.stringify(workers);
      lists.set(workers, list);
    }
    // Named one by one they are written faster than the rest of an object; what is undefined is left out.
    const others = { query, match, candidates, grid, chain, edge, cameras, version, status, address, nearest };
    return `${JSON.stringify(others).slice(0, -1)},"workers":${list}}`;
  };
}
