/**
 * The neighbours of every place as compressed sparse rows: those of row i are
 * `index[start[i]] … index[start[i + 1] − 1]`, each column at most once in a row. The row of a place holds the place
 * itself where the statistic counts it (Gi*, smoothing).
 */
export interface Neighbours {
  /** rows + 1 offsets into `index` */
  start: Uint32Array;
  /** columns: positions in the array of values */
  index: Uint32Array;
}

/** Rows from plain lists, one list of columns per place. */
export function neighboursOf(lists: readonly (readonly number[])[]): Neighbours {
  const start = new Uint32Array(lists.length + 1);
  lists.forEach((list, row) => {
    if (new Set(list).size < list.length) {
      throw new RangeError(`Row ${row} names a neighbour twice: give each once and use weights instead.`);
    }
    start[row + 1] = start[row]! + list.length;
  });
  return { start, index: Uint32Array.from(lists.flat()) };
}

/** Number of rows. */
export function rowCount(neighbours: Neighbours): number {
  return neighbours.start.length - 1;
}

/** Spatial lag of every row, Σ w·x over its neighbours, into `out`; without weights every w is 1. */
export function lag(
  x: Float64Array,
  { start, index }: Neighbours,
  weights: Float64Array | undefined,
  out: Float64Array,
): Float64Array {
  const rows = start.length - 1;
  for (let row = 0; row < rows; row++) {
    const end = start[row + 1]!;
    let sum = 0;
    if (weights) for (let e = start[row]!; e < end; e++) sum += weights[e]! * x[index[e]!]!;
    else for (let e = start[row]!; e < end; e++) sum += x[index[e]!]!;
    out[row] = sum;
  }
  return out;
}

/** Refuses weights that do not belong to the neighbours. */
export function checkWeights({ index }: Neighbours, weights: Float64Array | undefined): void {
  if (weights && weights.length !== index.length) {
    throw new RangeError(`${weights.length} weights for ${index.length} neighbours: give one weight per entry.`);
  }
}
