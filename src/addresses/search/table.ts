/**
 * The address book in memory: rows as integer columns chained by their stem, stems and scopes interned. Append-only with
 * tombstones, so an edit is visible at once and costs microseconds; compaction is building another table beside.
 * 36 bytes a row in columns (40 with the table of ids, made at the first edit), and its id and raw text as UTF-8.
 */
import { divisionStem } from '../divisions.ts';
import { type Door, readDoor } from '../doors.ts';
import type { Components } from '../parse.ts';
import { hashText, IntColumn, TextPages, Words } from './columns.ts';
import { Names } from './names.ts';

export const LEVELS = ['province', 'city', 'district', 'street', 'community'] as const;
export type Level = (typeof LEVELS)[number];
/** The parts that tell stems of one name apart, in the order of the columns of a stem. */
export const STEM_PARTS = ['section', 'lane', 'alley', 'phase', 'group'] as const;
/** The parts of a tail, in the order of the columns of a row. A floor without a room stands as `3层` in `room`. */
export const TAIL_PARTS = ['number', 'building', 'unit', 'room'] as const;

export interface AddressRow {
  id: string;
  text: string;
  /** Degrees, WGS 84. */
  lon: number;
  lat: number;
}

/** Everything that decides the stem of a row, and the number for its aliases. */
const STEM_COMPONENTS = [...LEVELS, ...STEM_PARTS, 'road', 'estate', 'place', 'number'] as const;

/** Degrees × 10⁷ fit 32 bits: 1 cm. */
const SCALE = 1e7;
const DEAD = -1;

/** Counts and bounds of the addresses of one scope; bounds never shrink before compaction. */
export interface Extent {
  count: number;
  west: number;
  south: number;
  east: number;
  north: number;
  sample: number;
}

export class AddressTable {
  readonly names = new Names();
  readonly words = new Words();
  readonly divisions = new Words();
  /** Parsed doors by the id of their word. */
  readonly doors: (Door | null)[] = [null];
  readonly scopes: Int32Array[] = [];
  readonly extents: Extent[] = [];
  readonly stem = {
    name: new IntColumn(),
    road: new IntColumn(),
    scope: new IntColumn(),
    parts: STEM_PARTS.map(() => new IntColumn()),
    firstRow: new IntColumn(),
    nextOfName: new IntColumn(),
    nextOfRoad: new IntColumn(),
  };
  readonly row = {
    stem: new IntColumn(),
    next: new IntColumn(),
    parts: TAIL_PARTS.map(() => new IntColumn()),
    lon: new IntColumn(),
    lat: new IntColumn(),
    text: new IntColumn(),
  };
  /** The estates behind a road and number, and the roads and numbers of an estate. */
  readonly estatesAt = new Map<string, Set<number>>();
  readonly doorsOf = new Map<number, Set<string>>();
  private readonly stems = new Map<string, number>();
  private readonly scopeIds = new Map<string, number>();
  private readonly firstStem: { name: number[]; road: number[] } = { name: [], road: [] };
  private readonly pages = new TextPages();
  private last: { components: Components; stem: number } | null = null;
  private ids: Int32Array | null = null;
  private idCount = 0;
  removed = 0;

  get rowCount(): number {
    return this.row.stem.length;
  }

  get stemCount(): number {
    return this.stem.name.length;
  }

  /** Appends a row; `components` are those of its normalised text. */
  append(row: AddressRow, normalised: string, components: Components): number {
    const stem = this.stemOf(normalised, components);
    const parts = [components.number, components.building, components.unit, roomOf(components)];
    parts.forEach((part, i) => {
      this.row.parts[i]!.push(this.word(part));
    });
    const index = this.row.stem.push(stem);
    this.row.next.push(this.stem.firstRow.data[stem]!);
    this.stem.firstRow.data[stem] = index + 1;
    this.row.lon.push(Math.round(row.lon * SCALE));
    this.row.lat.push(Math.round(row.lat * SCALE));
    this.row.text.push(this.pages.write(row.id, row.text));
    this.extend(this.stem.scope.data[stem]!, index);
    if (this.ids !== null) this.enterId(row.id, index);
    return index;
  }

  /** Marks a row as gone; its bytes stay until the next compaction. */
  kill(index: number): void {
    const stem = this.row.stem.data[index]!;
    if (stem === DEAD) return;
    const extent = this.extents[this.stem.scope.data[stem]!]!;
    extent.count--;
    this.row.stem.data[index] = DEAD;
    this.removed++;
  }

  isAlive(index: number): boolean {
    return this.row.stem.data[index] !== DEAD;
  }

  /** The living row with this id, or −1. The first call builds the table of ids. */
  findId(id: string): number {
    if (this.ids === null) this.buildIds();
    const ids = this.ids!;
    const mask = ids.length - 1;
    for (let slot = hashText(id) & mask; ids[slot] !== 0; slot = (slot + 1) & mask) {
      const index = ids[slot]! - 1;
      if (this.isAlive(index) && this.id(index) === id) return index;
    }
    return -1;
  }

  id(index: number): string {
    return this.pages.id(this.row.text.data[index]!);
  }

  text(index: number): string {
    return this.pages.text(this.row.text.data[index]!);
  }

  lon(index: number): number {
    return this.row.lon.data[index]! / SCALE;
  }

  lat(index: number): number {
    return this.row.lat.data[index]! / SCALE;
  }

  /** Calls `visit` for the stems that have `name` as their own name or as their road, until it returns false. */
  forStems(name: number, visit: (stem: number) => boolean): void {
    for (let s = this.firstStem.name[name] ?? 0; s !== 0; s = this.stem.nextOfName.data[s - 1]!)
      if (!visit(s - 1)) return;
    for (let s = this.firstStem.road[name] ?? 0; s !== 0; s = this.stem.nextOfRoad.data[s - 1]!)
      if (!visit(s - 1)) return;
  }

  trim(): void {
    const columns = [...this.row.parts, this.row.stem, this.row.next, this.row.lon, this.row.lat, this.row.text];
    for (const column of columns) column.trim();
  }

  /** Bytes outside the V8 heap: columns of rows, raw texts with ids, and the indexes of names. */
  memory(): { rows: number; texts: number; names: number } {
    const columns = [...this.row.parts, this.row.stem, this.row.next, this.row.lon, this.row.lat, this.row.text];
    const rows = columns.reduce((sum, column) => sum + column.bytes, 0) + (this.ids?.byteLength ?? 0);
    return { rows, texts: this.pages.bytes, names: this.names.bytes };
  }

  private word(text: string | undefined): number {
    const id = this.words.intern(text);
    if (id === this.doors.length) this.doors.push(readDoor(text ?? ''));
    return id;
  }

  /** Books list doors in order, so most rows have the stem of the row before. */
  private stemOf(normalised: string, components: Components): number {
    const { last } = this;
    if (last !== null && STEM_COMPONENTS.every((part) => last.components[part] === components[part])) return last.stem;
    const stem = this.findStem(normalised, components);
    const isNamed = (components.road ?? components.estate ?? components.place ?? components.community) !== undefined;
    this.last = isNamed ? { components, stem } : null;
    return stem;
  }

  private findStem(normalised: string, components: Components): number {
    const road = this.names.intern(components.road);
    const name = this.names.intern(nameOf(normalised, components));
    const parts = STEM_PARTS.map((part) => this.word(components[part]));
    const scope = this.scopeOf(components);
    const key = `${name},${road},${scope},${parts.join()}`;
    const known = this.stems.get(key);
    const stem = known ?? this.newStem(key, name, road, scope, parts);
    if (road > 0 && name > 0 && components.number !== undefined)
      this.alias(name, doorKey(road, parts, components.number));
    return stem;
  }

  private newStem(key: string, name: number, road: number, scope: number, parts: number[]): number {
    const { stem, firstStem } = this;
    const index = stem.name.push(name);
    stem.road.push(road);
    stem.scope.push(scope);
    stem.firstRow.push(0);
    parts.forEach((part, i) => {
      stem.parts[i]!.push(part);
    });
    stem.nextOfName.push(name > 0 ? (firstStem.name[name] ?? 0) : 0);
    stem.nextOfRoad.push(road > 0 ? (firstStem.road[road] ?? 0) : 0);
    if (name > 0) firstStem.name[name] = index + 1;
    if (road > 0) firstStem.road[road] = index + 1;
    this.stems.set(key, index);
    return index;
  }

  private alias(estate: number, door: string): void {
    const estates = this.estatesAt.get(door);
    if (estates === undefined) this.estatesAt.set(door, new Set([estate]));
    else estates.add(estate);
    const doors = this.doorsOf.get(estate);
    if (doors === undefined) this.doorsOf.set(estate, new Set([door]));
    else doors.add(door);
  }

  private scopeOf(components: Components): number {
    const ids = LEVELS.map((level) => {
      const name = components[level];
      return this.divisions.intern(name === undefined ? undefined : divisionStem(name));
    });
    const key = ids.join();
    const known = this.scopeIds.get(key);
    if (known !== undefined) return known;
    this.extents.push({ count: 0, west: 180, south: 90, east: -180, north: -90, sample: 0 });
    this.scopeIds.set(key, this.scopes.length);
    return this.scopes.push(Int32Array.from(ids)) - 1;
  }

  private extend(scope: number, index: number): void {
    const extent = this.extents[scope]!;
    extent.count++;
    extent.sample = index;
    extent.west = Math.min(extent.west, this.lon(index));
    extent.east = Math.max(extent.east, this.lon(index));
    extent.south = Math.min(extent.south, this.lat(index));
    extent.north = Math.max(extent.north, this.lat(index));
  }

  private buildIds(): void {
    let size = 1024;
    while (size < this.rowCount * 2) size *= 2;
    this.ids = new Int32Array(size);
    this.idCount = 0;
    for (let index = 0; index < this.rowCount; index++) if (this.isAlive(index)) this.enterId(this.id(index), index);
  }

  private enterId(id: string, index: number): void {
    if (this.idCount * 4 >= this.ids!.length * 3) {
      this.buildIds();
      return;
    }
    const ids = this.ids!;
    const mask = ids.length - 1;
    let slot = hashText(id) & mask;
    while (ids[slot] !== 0) slot = (slot + 1) & mask;
    ids[slot] = index + 1;
    this.idCount++;
  }
}

/** The name of a stem beside its road: the estate, or what else names the place; the whole text where nothing does. */
function nameOf(normalised: string, components: Components): string | undefined {
  const named = components.estate ?? components.place;
  if (named !== undefined || components.road !== undefined) return named;
  if (components.community !== undefined) return divisionStem(components.community);
  return normalised === '' ? undefined : normalised;
}

export function roomOf(components: Components): string | undefined {
  return components.room ?? (components.floor === undefined ? undefined : `${components.floor}层`);
}

/** One door of one road, as the key of aliases: the ids of road, section, lane and alley, and the number. */
export function doorKey(road: number, parts: readonly number[], number: string): string {
  return `${road},${parts.slice(0, 3).join()},${number}`;
}
