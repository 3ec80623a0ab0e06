import { PbfReader } from 'pbf';

interface RawFeature {
  type: number;
  tags: number[];
  geometry: number[];
  hasId: boolean;
}

interface RawLayer {
  version: number;
  name: string;
  extent: number;
  keys: string[];
  /** Each with its wire field, so that text '1' and number 1 differ. */
  values: string[];
  features: RawFeature[];
}

/** Violations of MVT 2.1 (and of our own "no ids") in a tile's bytes, read without the help of the encoder. */
export function mvtFaults(bytes: Uint8Array): string[] {
  const layers: RawLayer[] = [];
  new PbfReader(bytes).readFields((tag, list, pbf) => {
    if (tag === 3) list.push(readLayer(pbf));
  }, layers);
  const faults = layers.flatMap(faultsOfLayer);
  if (new Set(layers.map(({ name }) => name)).size < layers.length) faults.push('layer names repeat');
  return faults;
}

function readLayer(pbf: PbfReader): RawLayer {
  const layer: RawLayer = { version: 1, name: '', extent: 4096, keys: [], values: [], features: [] };
  return pbf.readMessage((tag, target, reader) => {
    if (tag === 15) target.version = reader.readVarint();
    else if (tag === 1) target.name = reader.readString();
    else if (tag === 2) target.features.push(readFeature(reader));
    else if (tag === 3) target.keys.push(reader.readString());
    else if (tag === 4) target.values.push(Buffer.from(reader.readBytes()).toString('hex'));
    else if (tag === 5) target.extent = reader.readVarint();
  }, layer);
}

function readFeature(pbf: PbfReader): RawFeature {
  const feature: RawFeature = { type: 0, tags: [], geometry: [], hasId: false };
  return pbf.readMessage((tag, target, reader) => {
    if (tag === 1) target.hasId = true;
    else if (tag === 2) target.tags = reader.readPackedVarint([]);
    else if (tag === 3) target.type = reader.readVarint();
    else if (tag === 4) target.geometry = reader.readPackedVarint([]);
  }, feature);
}

function faultsOfLayer(layer: RawLayer): string[] {
  const faults: string[] = [];
  if (layer.version !== 2) faults.push(`${layer.name}: version ${layer.version}`);
  if (layer.name === '') faults.push('a layer has no name');
  if (layer.features.length === 0) faults.push(`${layer.name}: no features`);
  if (new Set(layer.keys).size < layer.keys.length) faults.push(`${layer.name}: keys repeat`);
  if (new Set(layer.values).size < layer.values.length) faults.push(`${layer.name}: values repeat`);
  layer.features.forEach((feature, i) => {
    for (const fault of faultsOfFeature(feature, layer)) faults.push(`${layer.name}, feature ${i}: ${fault}`);
  });
  return faults;
}

function faultsOfFeature({ type, tags, geometry, hasId }: RawFeature, { keys, values }: RawLayer): string[] {
  const faults: string[] = [];
  if (hasId) faults.push('has an id');
  if (tags.length % 2 === 1) faults.push('odd number of tags');
  const used = tags.filter((_, i) => i % 2 === 0);
  if (new Set(used).size < used.length) faults.push('a key is there twice');
  if (tags.some((tag, i) => tag >= (i % 2 === 0 ? keys : values).length)) faults.push('a tag points nowhere');
  if (type === 1) return [...faults, ...faultsOfPoints(geometry)];
  if (type === 2) return [...faults, ...faultsOfParts(geometry, 2, false)];
  if (type === 3) return [...faults, ...faultsOfParts(geometry, 3, true)];
  return [...faults, `type ${type}`];
}

function faultsOfPoints(geometry: number[]): string[] {
  const count = geometry[0]! >> 3;
  const isOneMoveTo = (geometry[0]! & 7) === 1 && count > 0 && geometry.length === 1 + 2 * count;
  return isOneMoveTo ? [] : ['points are not one MoveTo'];
}

function faultsOfParts(geometry: number[], least: number, closed: boolean): string[] {
  const faults: string[] = [];
  let cursor: [number, number] = [0, 0];
  let at = 0;
  let isFirst = true;
  while (at < geometry.length) {
    if (geometry[at] !== ((1 << 3) | 1)) return [...faults, 'a part does not begin with MoveTo of 1'];
    const count = geometry[at + 3]! >> 3;
    if ((geometry[at + 3]! & 7) !== 2 || count < least - 1) return [...faults, 'a part has too few LineTo'];
    const deltas = [...geometry.slice(at + 1, at + 3), ...geometry.slice(at + 4, at + 4 + 2 * count)].map(unzigzag);
    const part: [number, number][] = [];
    for (let i = 0; i < deltas.length; i += 2) {
      if (i > 0 && deltas[i] === 0 && deltas[i + 1] === 0) faults.push('a position repeats');
      cursor = [cursor[0] + deltas[i]!, cursor[1] + deltas[i + 1]!];
      part.push(cursor);
    }
    at += 4 + 2 * count;
    if (closed) {
      if (geometry[at] !== ((1 << 3) | 7)) return [...faults, 'a ring is not closed by ClosePath of 1'];
      at += 1;
      faults.push(...faultsOfRing(part, isFirst));
    }
    isFirst = false;
  }
  return isFirst ? ['no geometry'] : faults;
}

function faultsOfRing(ring: [number, number][], isFirst: boolean): string[] {
  const [first, last] = [ring[0]!, ring.at(-1)!];
  if (first[0] === last[0] && first[1] === last[1]) return ['a ring repeats its first position'];
  const area = ring.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = ring[(i + 1) % ring.length]!;
    return sum + x * nextY - nextX * y;
  }, 0);
  if (area === 0) return ['a ring has no area'];
  return isFirst && area < 0 ? ['the first ring is a hole'] : [];
}

function unzigzag(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}
