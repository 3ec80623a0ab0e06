import type { SourceRow } from '../import/row.ts';
import { ancestor } from './area.ts';
import { type BuiltBlock, crossingOf } from './blocks.ts';
import { pad } from './numerals.ts';
import { apportion, Random } from './random.ts';
import type { NameSettings, SizeSettings } from './settings.ts';
import type { Terrain } from './terrain.ts';

/** Three cameras of five look at a crossing, the others at a gate. */
const AT_CROSSINGS = 0.6;
const ZONES = { estate: 'entrance', roadside: 'public', hamlet: 'entrance', site: 'unit' } as const;

/** Where a camera hangs and what it looks at, before it has a code. */
interface Mount {
  at: BuiltBlock;
  i: number;
  j: number;
  name: string;
  zone: string;
  heading: number;
}

/** Cameras at crossings (often several on one pole) and at the gates of estates, villages and dedicated places. */
export function* cameraRows(
  built: BuiltBlock[],
  size: SizeSettings,
  names: NameSettings,
  terrain: Terrain,
  seed: number,
): Generator<SourceRow> {
  const random = new Random(seed, 0xca3e);
  const crossings = Math.round(size.cameras * AT_CROSSINGS);
  const gated = built.filter((b) => b.use !== 'roadside');
  const serials = new Map<string, number>();
  let line = 0;
  function row({ at, i, j, name, zone, heading }: Mount): SourceRow {
    const district = ancestor(at.block.area, 'district')!.code;
    const serial = (serials.get(district) ?? 0) + 1;
    serials.set(district, serial);
    // 8 digits of centre, 2 of industry, 3 of type (131 camera, 132 network camera), 1 of network, 6 of serial.
    const code = `${district}0000${random.chance(0.2) ? '131' : '132'}0${pad(serial, 6)}`;
    const x = random.next();
    const status = x < 0.93 ? 'online' : x < 0.98 ? 'offline' : 'fault';
    const owner = zone === 'public' ? random.pick(names.cameraOwners) : zone === 'unit' ? at.block.area.name : '物业';
    const properties = { code, name, zone, heading, status, owner };
    return { line: ++line, properties, geometry: { type: 'Point', coordinates: terrain.position(i, j) } };
  }
  for (const mount of crossingMounts(built, crossings, random)) yield row(mount);
  for (const mount of gateMounts(gated, size.cameras - crossings, random)) yield row(mount);
}

function* crossingMounts(built: BuiltBlock[], count: number, random: Random): Generator<Mount> {
  const shares = apportion(
    count,
    built.map(() => 1),
  );
  for (const [b, at] of built.entries()) {
    const { i, j, name } = crossingOf(at.block);
    for (let k = 1; k <= shares[b]!; k++) {
      const heading = (45 + 90 * random.int(0, 3) + random.int(0, 20)) % 360;
      yield { at, i, j, name: `${name}${k}号机`, zone: 'public', heading };
    }
  }
}

function* gateMounts(gated: BuiltBlock[], count: number, random: Random): Generator<Mount> {
  const shares = apportion(
    count,
    gated.map(() => 1),
  );
  for (const [b, at] of gated.entries()) {
    const { inner } = at.block;
    for (let k = 1; k <= shares[b]!; k++) {
      const i = inner.x0 + (k / (shares[b]! + 1)) * (inner.x1 - inner.x0);
      const zone = at.use === 'site' && random.chance(0.4) ? 'perimeter' : ZONES[at.use];
      const name = `${at.stem.slice(at.town.length)}大门${k}号机`;
      yield { at, i, j: inner.y0 + 0.4, name, zone, heading: random.int(0, 359) };
    }
  }
}
