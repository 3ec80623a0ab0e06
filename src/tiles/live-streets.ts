import { type Queryable, sql } from '../db/db.ts';
import type { Box } from '../geo/bbox.ts';
import type { Edit } from '../live/edits.ts';
import { compareText } from '../live/order.ts';
import { boxOfPath, Shape } from '../live/shape.ts';
import { SpatialIndex } from '../live/spatial.ts';
import { lineOfWkb } from '../live/wkb.ts';
import { FloatStore } from '../threads/floats.ts';

export interface LiveStreet {
  readonly id: string;
  readonly name: string;
  readonly class: string | null;
  readonly box: Box;
  readonly shape: Shape;
  readonly positions: number;
}

interface StreetRow {
  id: string;
  name: string;
  class: string | null;
  geom: Uint8Array;
}

const COLUMNS = sql`s.id, s.name, s.class, st_asbinary(s.geom, 'NDR') as geom`;
const ALL_STREETS = sql`select ${COLUMNS} from street s`;
const STREETS_OF_IDS = sql`select ${COLUMNS} from street s where s.id = any($1::text[])`;

const BYTES_PER_STREET = 1_080;
const BYTES_PER_POSITION = 16;
const BATCH = 2_000;

/** All streets in memory: about 1,080 bytes each and 16 a position, beside what their tiles' zooms add (`Shape`). */
export class StreetLayer {
  readonly #byId: Map<string, LiveStreet>;
  readonly #index: SpatialIndex<LiveStreet>;

  private constructor(streets: LiveStreet[]) {
    this.#byId = new Map(streets.map((street) => [street.id, street]));
    this.#index = new SpatialIndex(streets);
  }

  /** Read everything. Needs a transaction. */
  static async load(tx: Queryable): Promise<StreetLayer> {
    const streets: LiveStreet[] = [];
    const store = new FloatStore();
    for await (const rows of tx.cursor<StreetRow>(ALL_STREETS, [], BATCH)) {
      for (const row of rows) streets.push(toStreet(row, store));
    }
    return new StreetLayer(streets);
  }

  /** Some streets as they are now; those that are gone are missing. */
  static async read(tx: Queryable, ids: readonly string[]): Promise<LiveStreet[]> {
    return (await tx.query<StreetRow>(STREETS_OF_IDS, [ids])).map((row) => toStreet(row));
  }

  get count(): number {
    return this.#byId.size;
  }

  get bytes(): number {
    let bytes = 0;
    for (const { positions } of this.#byId.values()) bytes += BYTES_PER_STREET + positions * BYTES_PER_POSITION;
    return bytes;
  }

  /** Put what `read` found in the place of the streets of these ids. */
  replace(ids: readonly string[], streets: readonly LiveStreet[]): Edit<LiveStreet>[] {
    const found = new Map(streets.map((street) => [street.id, street]));
    return ids.map((id) => {
      const before = this.#byId.get(id);
      const after = found.get(id);
      if (before) this.#index.remove(before);
      if (after) {
        this.#index.add(after);
        this.#byId.set(id, after);
      } else this.#byId.delete(id);
      return { before, after };
    });
  }

  /** Streets whose box meets a box, by id. */
  inBox(box: Box): LiveStreet[] {
    return this.#index.search(...box).sort((a, b) => compareText(a.id, b.id));
  }
}

/**
 * Named one by one the fields give all streets one layout; of what else there is in a row each would get its own.
 *
 * @param store where the lines of many streets are kept; absent: each by itself
 */
function toStreet({ id, name, class: kind, geom }: StreetRow, store?: FloatStore): LiveStreet {
  const line = lineOfWkb(geom);
  return { id, name, class: kind, box: boxOfPath(line), shape: Shape.ofLine(line, store), positions: line.length / 2 };
}
