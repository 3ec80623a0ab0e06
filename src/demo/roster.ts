import { type Area, ancestor } from './area.ts';
import { timestamp } from './calendar.ts';
import { pad } from './numerals.ts';
import type { PoliceArea } from './police.ts';
import { Random } from './random.ts';
import type { ClassSettings, SizeSettings } from './settings.ts';

export interface Worker {
  id: string;
  name: string;
  role: string;
  phone: string;
  org: string;
}

export interface Assignment {
  worker: string;
  grid: string;
  duty: 'lead' | 'member' | 'backup';
  net?: string;
  category?: string;
  valid_from: string;
  valid_to?: string;
  hours?: string;
}

export interface Roster {
  workers: Worker[];
  assignments: Assignment[];
}

const ROLE_NAMES: Record<string, string> = {
  chief: '网格长',
  fulltime: '网格员',
  parttime: '兼职员',
  police: '民警',
  judge: '法官',
  prosecutor: '检察官',
  lawyer: '律师',
  liaison: '联络员',
  building: '楼栋长',
  volunteer: '志愿者',
  social: '社工',
};

const DAY_SHIFTS = [
  'Mo-Fr 08:00-18:00; PH off',
  'Mo-Fr 08:30-12:00,14:00-18:00; PH off',
  'Mo-Sa 08:00-18:00; PH off',
  'Mo-Fr 08:00-20:00; Sa 09:00-17:00; PH off',
];
const WEEKEND_SHIFT = 'Sa-Su 08:00-20:00';
const NIGHT_SHIFTS = ['Mo-Su 20:00-08:00', 'Mo-Su 18:00-08:00', 'Fr-Su 20:00-08:00; Mo-Th 19:00-07:30'];
const BACKUP_SHIFT = 'Mo-Su 07:00-23:00';
const LEGAL_SHIFT = 'Mo-Fr 09:00-17:00; PH off';
const LEGAL_ROLES = ['judge', 'prosecutor', 'police', 'lawyer'] as const;
const LEGAL_ORGS = { judge: '人民法院', prosecutor: '人民检察院', police: '公安局', lawyer: '律师事务所' };

interface Desk {
  roster: Roster;
  random: Random;
  size: SizeSettings;
  classes: ClassSettings[];
  /** Start of the roster and the day in it on which some leads were replaced. */
  since: string;
  replaced: string;
}

/**
 * Draws up who serves where. Every staffed base grid has a lead in working hours, weekend and night leads, a legal
 * officer, a backup and at least five people in all; every community and street has a chief; stations and beats of the
 * police net have officers. The first `unstaffedGrids` base grids of an even spread have no night lead and no backup
 * (the hours escalate to the community), and the first of them has no lead at all.
 */
export function drawRoster(
  areas: Area[],
  police: PoliceArea[],
  size: SizeSettings,
  classes: ClassSettings[],
  seed: number,
  start: number,
): Roster {
  const roster: Roster = { workers: [], assignments: [] };
  const desk: Desk = {
    roster,
    random: new Random(seed, 0x2057),
    size,
    classes,
    since: timestamp(start - 365 * 86_400_000),
    replaced: timestamp(start + 180 * 86_400_000),
  };
  const chiefs = appointChiefs(areas, desk);
  const legal = appointLegal(areas, desk);
  staffPolice(police, desk);
  staffDedicated(areas, chiefs, desk);
  const grids = areas.filter((area) => area.level === 'grid' && area.kind === 'base');
  const leads = hireLeads(grids, desk);
  const gap = Math.max(1, Math.floor(grids.length / Math.max(1, size.unstaffedGrids)));
  grids.forEach((grid, g) => {
    const unstaffed = g % gap === Math.floor(gap / 2) && Math.floor(g / gap) < size.unstaffedGrids;
    const own = Math.floor((g * leads.length) / grids.length);
    const lead = (offset: number) => leads[(own + offset + leads.length) % leads.length]!;
    assign(desk, legal.get(grid.parent!)!, grid, 'member', {
      hours: LEGAL_SHIFT,
      category: g % 3 === 0 ? '03' : undefined,
    });
    staffHelpers(grid, chiefs, lead, desk);
    if (unstaffed && g < gap) return;
    staffShifts(grid, g, lead, unstaffed, desk);
  });
  return roster;
}

function hire(desk: Desk, role: string, org: string): Worker {
  const { workers } = desk.roster;
  const n = workers.length + 1;
  const stem = '甲乙丙丁戊己庚辛壬癸'[n % 10]!;
  const worker = {
    id: `W${pad(n, 6)}`,
    name: `${ROLE_NAMES[role]}${stem}${pad(n, 4)}`,
    role,
    phone: `199-${pad(Math.floor(n / 10_000), 4)}-${pad(n % 10_000, 4)}`,
    org,
  };
  workers.push(worker);
  return worker;
}

type Terms = Partial<Pick<Assignment, 'hours' | 'category' | 'valid_from' | 'valid_to' | 'net'>>;

function assign(desk: Desk, worker: Worker, grid: { code: string }, duty: Assignment['duty'], terms: Terms = {}): void {
  desk.roster.assignments.push({
    worker: worker.id,
    grid: grid.code,
    duty,
    ...terms,
    valid_from: terms.valid_from ?? desk.since,
  });
}

/** Chiefs of districts, streets and communities; those of communities are called at any hour. */
function appointChiefs(areas: Area[], desk: Desk): Map<Area, Worker> {
  const chiefs = new Map<Area, Worker>();
  for (const area of areas) {
    if (!['district', 'street', 'community'].includes(area.level)) continue;
    const chief = hire(desk, 'chief', area.name);
    chiefs.set(area, chief);
    assign(desk, chief, area, 'lead', { hours: area.level === 'community' ? '24/7' : DAY_SHIFTS[0] });
  }
  return chiefs;
}

/** One legal officer per community in the county, per area or street in a city, the four roles in turn. */
function appointLegal(areas: Area[], desk: Desk): Map<Area, Worker> {
  const legal = new Map<Area, Worker>();
  const officers = new Map<Area, Worker>();
  const communities = areas.filter((area) => area.level === 'community');
  communities.forEach((community) => {
    const scope = desk.size.ownHelpers ? community : ancestor(community, 'street')!;
    let officer = officers.get(scope);
    if (!officer) {
      const role = LEGAL_ROLES[officers.size % LEGAL_ROLES.length]!;
      officer = hire(desk, role, LEGAL_ORGS[role]);
      officers.set(scope, officer);
      assign(desk, officer, scope, 'member', { hours: LEGAL_SHIFT, category: role === 'police' ? '05' : undefined });
    }
    legal.set(community, officer);
  });
  return legal;
}

/** In the police net every station is manned day and night; a beat has its officer, in a city one for two beats. */
function staffPolice(police: PoliceArea[], desk: Desk): void {
  let officer: Worker | null = null;
  let beats = 0;
  for (const area of police) {
    if (area.level === 'bureau') continue;
    const shared = area.level === 'beat' && !desk.size.ownHelpers && beats++ % 2 === 1;
    if (!shared || !officer) officer = hire(desk, 'police', '公安局');
    assign(desk, officer, area, 'lead', {
      net: 'police',
      hours: area.level === 'station' ? '24/7' : 'Mo-Sa 08:00-20:00',
    });
  }
}

/** A dedicated grid is led by its own liaison; in a city the chief of its community answers for it. */
function staffDedicated(areas: Area[], chiefs: Map<Area, Worker>, desk: Desk): void {
  for (const grid of areas) {
    if (grid.kind !== 'dedicated') continue;
    const lead = desk.size.ownHelpers ? hire(desk, 'liaison', grid.name) : chiefs.get(grid.parent!)!;
    assign(desk, lead, grid, 'lead', { hours: 'Mo-Fr 07:30-18:00; PH off' });
  }
}

/** One full-time lead per base grid, or as many as are left of a fixed number of workers. */
function hireLeads(grids: Area[], desk: Desk): Worker[] {
  const left = desk.size.workers === undefined ? grids.length : desk.size.workers - desk.roster.workers.length;
  if (left < 1) throw new RangeError('workers is too small for the chiefs and officers alone: raise it in data/demo');
  return Array.from({ length: left }, (_, k) => {
    const grid = grids[Math.floor((k * grids.length) / left)]!;
    return hire(desk, 'fulltime', grid.parent!.name);
  });
}

/** People around the lead: part-timer, building leads, volunteer and social worker, or in a city the neighbours' leads. */
function staffHelpers(grid: Area, chiefs: Map<Area, Worker>, lead: (offset: number) => Worker, desk: Desk): void {
  assign(desk, chiefs.get(grid.parent!)!, grid, 'member', { hours: DAY_SHIFTS[2] });
  if (!desk.size.ownHelpers) {
    for (const offset of [2, 4]) assign(desk, lead(offset), grid, 'member', { hours: 'Mo-Fr 08:00-18:00; PH off' });
    return;
  }
  const org = grid.parent!.name;
  const hours = {
    parttime: 'Mo-Su 18:00-22:00',
    building: 'Mo-Su 07:00-21:00',
    volunteer: 'Sa-Su 09:00-17:00',
    social: 'Tu-Sa 09:00-17:00; PH off',
  };
  for (const role of ['parttime', 'building', 'volunteer', 'social'] as const) {
    const category = role === 'social' ? '06' : undefined;
    assign(desk, hire(desk, role, org), grid, 'member', { hours: hours[role], category });
  }
  for (const micro of grid.children)
    assign(desk, hire(desk, 'building', org), micro, 'lead', { hours: hours.building });
}

/** The lead in working hours (in some grids a newcomer who took over), the weekend and night leads and the backup. */
function staffShifts(grid: Area, g: number, lead: (offset: number) => Worker, unstaffed: boolean, desk: Desk): void {
  const { random } = desk;
  const hours = random.pick(DAY_SHIFTS);
  if (g % 12 === 5) {
    assign(desk, lead(3), grid, 'lead', { hours, valid_to: desk.replaced });
    assign(desk, lead(0), grid, 'lead', { hours, valid_from: desk.replaced });
  } else {
    assign(desk, lead(0), grid, 'lead', { hours });
  }
  if (unstaffed) return;
  assign(desk, lead(1), grid, 'lead', { hours: WEEKEND_SHIFT });
  assign(desk, lead(-1), grid, 'lead', { hours: random.pick(NIGHT_SHIFTS) });
  assign(desk, lead(-2), grid, 'backup', { hours: g % 4 === 0 ? undefined : BACKUP_SHIFT });
}
