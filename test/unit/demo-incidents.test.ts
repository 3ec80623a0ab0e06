import { booleanPointInPolygon } from '@turf/turf';
import type { Point, Polygon } from 'geojson';
import { latLngToCell } from 'h3-js';
import { describe, expect, test } from 'vitest';
import { demoPlants, generateDemo } from '../../src/demo/demo.ts';

const options = { size: 'county', seed: 1, until: new Date('2026-07-01T10:00:00+08:00') } as const;
const start = Date.parse('2025-07-01T00:00:00+08:00');
const end = Date.parse('2026-07-01T00:00:00+08:00');
const DAY = 86_400_000;

const demo = generateDemo(options);
const layer = (id: string) => [...demo.layers.find((l) => l.layer === id)!.rows()];
const incidents = layer('incidents');
const occurred = incidents.map((row) => Date.parse(String(row.properties.occurred_at)));
const places = incidents.map((row) => (row.geometry as Point).coordinates as [number, number]);

/** Metres between two places, on a plane that is good enough for one county. */
function metres([lon, lat]: [number, number], to: { lon: number; lat: number }): number {
  const k = 111_320;
  return Math.hypot((lon - to.lon) * k * Math.cos((to.lat * Math.PI) / 180), (lat - to.lat) * k);
}

/** Incidents per day within a plant in a part of the year. */
function rate(plant: { lon: number; lat: number; radius_m: number }, fromDay: number, toDay: number): number {
  let n = 0;
  places.forEach((place, k) => {
    const day = (occurred[k]! - start) / DAY;
    if (day >= fromDay && day < toDay && metres(place, plant) <= plant.radius_m) n++;
  });
  return n / (toDay - fromDay);
}

describe('incidents', () => {
  test('fill the 365 days before the last midnight, in order, with ids of their day', () => {
    expect(occurred[0]).toBeGreaterThanOrEqual(start);
    expect(occurred.at(-1)).toBeLessThan(end);
    expect(occurred.every((at, k) => k === 0 || at >= occurred[k - 1]!)).toBe(true);
    const days = new Set(incidents.map((row) => String(row.properties.id).slice(0, 10)));
    expect(days.size).toBe(365);
    expect(new Set(incidents.map((row) => row.properties.id)).size).toBe(incidents.length);
    for (const { properties: p } of incidents) {
      expect(String(p.id).slice(2, 10)).toBe(String(p.occurred_at).slice(0, 10).replaceAll('-', ''));
    }
  });

  test('go through their steps in order and never beyond the end', () => {
    const steps = ['occurred_at', 'reported_at', 'triaged_at', 'handled_at', 'closed_at', 'revisited_at'];
    for (const { properties: p } of incidents) {
      const times = steps.flatMap((step) => (p[step] === undefined ? [] : [Date.parse(String(p[step]))]));
      expect(times.every((at, k) => at <= end && (k === 0 || at >= times[k - 1]!))).toBe(true);
      expect(p.closed_at !== undefined).toBe(p.status === 'closed' || p.status === 'revisited');
    }
  });

  test('are open when recent and closed when old, some overdue and about one in a hundred void', () => {
    const limits = new Map(layer('categories').map(({ properties: p }) => [p.code, Number(p.hours_limit)]));
    const share = (from: number, to: number, statuses: string[]) => {
      const some = incidents.filter((_, k) => occurred[k]! >= end - to * DAY && occurred[k]! < end - from * DAY);
      return some.filter((row) => statuses.includes(String(row.properties.status))).length / some.length;
    };
    const open = ['reported', 'triaged', 'handling', 'supervised'];
    expect(share(0, 1, open)).toBeGreaterThan(0.5);
    expect(share(30, 365, open)).toBeLessThan(0.01);
    expect(share(0, 365, ['void'])).toBeGreaterThan(0.007);
    expect(share(0, 365, ['void'])).toBeLessThan(0.013);
    const late = incidents
      .filter((row) => open.includes(String(row.properties.status)))
      .map(({ properties: p }) => {
        const due = p.due_at
          ? Date.parse(String(p.due_at))
          : Date.parse(String(p.reported_at)) + limits.get(p.category)! * 3_600_000;
        return (end - due) / 3_600_000;
      });
    expect(late.filter((hours) => hours < 0).length).toBeGreaterThan(20);
    expect(late.filter((hours) => hours >= 0 && hours < 12).length).toBeGreaterThan(2);
    expect(late.filter((hours) => hours > 72).length).toBeGreaterThan(20);
  });

  test('follow the day and the week', () => {
    const hours = new Array<number>(24).fill(0);
    const weekdays = new Array<number>(7).fill(0);
    for (const at of occurred) {
      const local = new Date(at + 8 * 3_600_000);
      hours[local.getUTCHours()]!++;
      weekdays[local.getUTCDay()]!++;
    }
    expect(hours[9]!).toBeGreaterThan(8 * hours[3]!);
    expect(weekdays[0]!).toBeLessThan(0.85 * weekdays[1]!);
  });

  test('lie in the county, but for six', () => {
    const outline = layer('grids')[0]!.geometry as Polygon;
    expect(places.filter((place) => !booleanPointInPolygon(place, outline)).length).toBe(6);
  });
});

describe('planted hotspots', () => {
  const plants = demoPlants(options);
  const everywhere = incidents.length / 365;
  const background = (radius: number) => (everywhere * Math.PI * radius * radius) / 19e6;

  test('stand out all year if stable', () => {
    const stable = plants.filter(({ kind }) => kind === 'stable');
    expect(stable.length).toBe(3);
    for (const plant of stable) {
      for (const [from, to] of [
        [0, 120],
        [120, 240],
        [240, 365],
      ] as const) {
        expect(rate(plant, from, to)).toBeGreaterThan(2 * background(plant.radius_m));
      }
    }
  });

  test('appear late if emerging and fade if dying', () => {
    const emerging = plants.filter(({ kind }) => kind === 'emerging');
    const dying = plants.filter(({ kind }) => kind === 'dying');
    expect([emerging.length, dying.length]).toEqual([1, 1]);
    expect(rate(emerging[0]!, 340, 365)).toBeGreaterThan(2.5 * rate(emerging[0]!, 0, 300));
    expect(rate(emerging[0]!, 345, 365)).toBeGreaterThan(1.3 * rate(emerging[0]!, 315, 335));
    expect(rate(dying[0]!, 0, 60)).toBeGreaterThan(2.5 * rate(dying[0]!, 185, 365));
  });

  test('explain every cell that grew or faded', () => {
    const cells = new Map<string, { early: number; late: number; place: [number, number] }>();
    places.forEach((place, k) => {
      const id = latLngToCell(place[1], place[0], 9);
      const cell = cells.get(id) ?? { early: 0, late: 0, place };
      const day = (occurred[k]! - start) / DAY;
      if (day < 40) cell.early++;
      if (day >= 325) cell.late++;
      cells.set(id, cell);
    });
    const moved = [...cells.values()].filter(({ early, late }) => Math.abs(early - late) > 5 * Math.sqrt(early + late));
    expect(moved.length).toBeGreaterThanOrEqual(2);
    for (const { early, late, place } of moved) {
      const kind = late > early ? 'emerging' : 'dying';
      expect(Math.min(...plants.filter((p) => p.kind === kind).map((p) => metres(place, p)))).toBeLessThan(500);
    }
  });
});
