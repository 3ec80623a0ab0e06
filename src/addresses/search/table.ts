/**
 * The address book in memory: rows as number columns chained by their stem, stems and scopes interned. Append-only with
 * tombstones, so an edit is visible at once and costs microseconds; compaction is building another table beside.
 * 52 bytes a row in columns (60 with the table of ids, made at the first edit), and its id and raw text as UTF-8.
 *
 * Columns and texts lie in shared memory. What is changed in place (heads of chains, tombstones, dictionaries) belongs to
 * one thread: another one takes the columns and makes its own of these, see `share` and `take`.
 */
import { type Door, readDoor } from '../doors.ts';
import type { Components } from '../parse.ts';
import { Aliases, doorKey } from './aliases.ts';
import { PlaceCells } from './cells.ts';
import { Bits, DoubleColumn, IntColumn, TextPages, Words } from './columns.ts';
import { IdTable } from './ids.ts';
import { Names } from './names.ts';
import type { TableMarks, TableNews } from './news.ts';
import { type AddressRow, nameOf, roomOf, STEM_COMPONENTS, STEM_PARTS, TAIL_PARTS } from './parts.ts';
import { Scopes } from './scopes.ts';

export class AddressTable {
  readonly names = new Names();
  readonly words = new Words();
  readonly scopes = new Scopes();
  /** Parsed doors by the id of their word. */
  readonly doors: (Door | null)[] = [null];
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
    /** The next row of the stem with another number or building, as a link. */
    nextRun: new IntColumn(),
    parts: TAIL_PARTS.map(() => new IntColumn()),
    lon: new DoubleColumn(),
    lat: new DoubleColumn(),
    nextNear: new IntColumn(),
    text: new IntColumn(),
  };
  readonly aliases = new Aliases();
  readonly cells = new PlaceCells();
  /** Rows that have gone, in the order of their going, and rows that brought an alias. */
  private readonly killed = new IntColumn();
  private readonly aliasing = new IntColumn();
  private readonly dead = new Bits();
  /** Rows that questions have read, all in all: what they cost. */
  rowsRead = 0;
  private readonly stems = new Map<string, number>();
  private readonly firstStem: { name: number[]; road: number[] } = { name: [], road: [] };
  private readonly pages = new TextPages();
  private last: { components: Components; stem: number } | null = null;
  private ids: IdTable | null = null;

  get removed(): number {
    return this.killed.length;
  }

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
    const link = this.stem.firstRow.data[stem]!;
    this.row.next.push(link);
    const isSameDoor = link > 0 && this.isSame(0, index, link - 1) && this.isSame(1, index, link - 1);
    this.row.nextRun.push(isSameDoor ? this.row.nextRun.data[link - 1]! : link);
    this.row.lon.push(row.lon);
    this.row.lat.push(row.lat);
    this.row.text.push(this.pages.write(row.id, row.text));
    this.row.nextNear.push(this.linkRow(index));
    if (this.ids !== null) this.enterId(row.id, index);
    return index;
  }

  /** Whether two rows have the same part of the tail. */
  private isSame(part: number, index: number, other: number): boolean {
    const { data } = this.row.parts[part]!;
    return data[index] === data[other];
  }

  /** Marks a row as gone; its bytes stay until the next compaction. */
  kill(index: number): void {
    if (!this.isAlive(index)) return;
    this.killed.push(index);
    this.bury(index);
  }

  isAlive(index: number): boolean {
    return !this.dead.has(index);
  }

  /** The living row with this id, or −1. The first call builds the table of ids. */
  findId(id: string): number {
    this.ids ??= this.buildIds();
    return this.ids.find(id, (index) => this.isAlive(index) && this.id(index) === id);
  }

  id(index: number): string {
    return this.pages.id(this.row.text.data[index]!);
  }

  text(index: number): string {
    return this.pages.text(this.row.text.data[index]!);
  }

  /** Whether the id of a row comes before that of another, by the bytes of UTF-8. */
  isBefore(index: number, other: number): boolean {
    return this.pages.compareIds(this.row.text.data[index]!, this.row.text.data[other]!) < 0;
  }

  lon(index: number): number {
    return this.row.lon.data[index]!;
  }

  lat(index: number): number {
    return this.row.lat.data[index]!;
  }

  /** Calls `visit` for the stems that have `name` as their own name or as their road, until it returns false. */
  forStems(name: number, visit: (stem: number) => boolean): void {
    for (let s = this.firstStem.name[name] ?? 0; s !== 0; s = this.stem.nextOfName.data[s - 1]!)
      if (!visit(s - 1)) return;
    for (let s = this.firstStem.road[name] ?? 0; s !== 0; s = this.stem.nextOfRoad.data[s - 1]!)
      if (!visit(s - 1)) return;
  }

  trim(): void {
    for (const column of this.rowColumns()) column.trim();
  }

  /** Bytes outside the V8 heap: columns of rows, raw texts with ids, and the indexes of names. */
  memory(): { rows: number; texts: number; names: number } {
    const columns = this.rowColumns().reduce((sum, column) => sum + column.bytes, 0);
    const rows = columns + this.cells.bytes + (this.ids?.bytes ?? 0);
    return { rows, texts: this.pages.bytes, names: this.names.bytes };
  }

  /** How far the dictionaries have come. */
  get marks(): TableMarks {
    const { words, scopes, names, pages } = this;
    return {
      words: words.texts.length,
      divisions: scopes.divisions.texts.length,
      scopes: scopes.list.length,
      names: names.count,
      spelled: names.spellings.length,
      pages: pages.count,
    };
  }

  /** What a table of these marks has to take to be as this one. */
  share(marks: TableMarks): TableNews {
    return {
      columns: this.sharedColumns().map((column) => column.share()),
      pages: this.pages.share(marks.pages),
      words: this.words.texts.slice(marks.words),
      ...this.scopes.since(marks.divisions, marks.scopes),
      names: this.names.since(marks.names, marks.spelled),
    };
  }

  /** Become as the table that shared these news; nothing may be appended or killed here from then on. */
  take(news: TableNews): void {
    const { stem, killed, aliasing } = this;
    const from = { stems: this.stemCount, rows: this.rowCount, killed: killed.length, aliasing: aliasing.length };
    this.sharedColumns().forEach((column, i) => {
      column.take(news.columns[i]!);
    });
    this.pages.take(news.pages);
    for (const word of news.words) this.word(word);
    this.scopes.take(news);
    this.names.take(news.names);
    for (let index = from.stems; index < this.stemCount; index++) {
      stem.firstRow.push(0);
      this.linkStem(index);
    }
    for (let index = from.rows; index < this.rowCount; index++) this.linkRow(index);
    for (let i = from.killed; i < killed.length; i++) this.bury(killed.data[i]!);
    for (let i = from.aliasing; i < aliasing.length; i++) this.takeAlias(aliasing.data[i]!);
  }

  private rowColumns(): (IntColumn | DoubleColumn)[] {
    const { stem, next, nextRun, parts, lon, lat, nextNear, text } = this.row;
    return [stem, next, nextRun, ...parts, lon, lat, nextNear, text];
  }

  private sharedColumns(): (IntColumn | DoubleColumn)[] {
    const { name, road, scope, parts, nextOfName, nextOfRoad } = this.stem;
    const stems = [name, road, scope, ...parts, nextOfName, nextOfRoad];
    return [...this.rowColumns(), ...stems, this.killed, this.aliasing];
  }

  /** Puts a row in front of the chain of its stem and of its square; answers what was in front of the square's. */
  private linkRow(index: number): number {
    const stem = this.row.stem.data[index]!;
    this.stem.firstRow.data[stem] = index + 1;
    this.scopes.extend(this.stem.scope.data[stem]!, this.lon(index), this.lat(index));
    return this.cells.enter(this.lon(index), this.lat(index), index);
  }

  private bury(index: number): void {
    this.scopes.shrink(this.stem.scope.data[this.row.stem.data[index]!]!);
    this.dead.add(index);
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
    const scope = this.scopes.of(components);
    const key = `${name},${road},${scope},${parts.join()}`;
    const known = this.stems.get(key);
    const stem = known ?? this.newStem(key, name, road, scope, parts);
    if (road > 0 && name > 0 && components.number !== undefined) {
      const isNew = this.aliases.add(name, doorKey(road, parts, components.number));
      if (isNew) this.aliasing.push(this.rowCount);
    }
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
    this.linkStem(index);
    this.stems.set(key, index);
    return index;
  }

  private linkStem(index: number): void {
    const [name, road] = [this.stem.name.data[index]!, this.stem.road.data[index]!];
    if (name > 0) this.firstStem.name[name] = index + 1;
    if (road > 0) this.firstStem.road[road] = index + 1;
  }

  /** The alias that a row of another thread brought. */
  private takeAlias(index: number): void {
    const { stem, row, words } = this;
    const own = row.stem.data[index]!;
    const parts = stem.parts.map((column) => column.data[own]!);
    const number = words.texts[row.parts[0]!.data[index]!]!;
    this.aliases.add(stem.name.data[own]!, doorKey(stem.road.data[own]!, parts, number));
  }

  private buildIds(): IdTable {
    const ids = new IdTable(this.rowCount);
    for (let index = 0; index < this.rowCount; index++) if (this.isAlive(index)) ids.enter(this.id(index), index);
    return ids;
  }

  private enterId(id: string, index: number): void {
    if (this.ids!.isFull) this.ids = this.buildIds();
    else this.ids!.enter(id, index);
  }
}
