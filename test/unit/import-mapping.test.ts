import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRowMapper } from '../../src/import/map-row.ts';
import { loadMapping, parseMap, parseMapping, withMap } from '../../src/import/mapping.ts';

const TIME_ZONE = 'Asia/Shanghai';

/** What one field becomes of a row's columns: its value, or the reason. */
function make(spec: unknown, properties: Record<string, unknown>, timeZone = TIME_ZONE): unknown {
  const mapping = parseMapping({ layer: 'incidents', fields: { source: spec } }, 'test');
  const mapped = createRowMapper(mapping, timeZone)({ line: 1, properties, geometry: null });
  return mapped.ok ? mapped.row.properties.source : mapped.reasons[0];
}

describe('field specs', () => {
  it('takes columns and constants', () => {
    expect(make('a', { a: ' x ' })).toBe(' x ');
    expect(make('a', {})).toBeUndefined();
    expect(make({ const: 5 }, {})).toBe(5);
  });

  it('joins parts, and never half of them', () => {
    const spec = { join: [{ const: 'x' }, 'a', { column: 'b', match: '^\\d+' }], with: '-' };
    expect(make(spec, { a: 'A', b: '12-c' })).toBe('x-A-12');
    expect(make(spec, { a: ' ', b: '12-c' })).toBeUndefined();
    expect(make(spec, { a: 'A', b: 'c' })).toBe("source: b 'c' does not match ^\\d+");
  });

  it('looks values up', () => {
    const lookup = { north: 0, none: null };
    expect(make({ column: 'a', lookup }, { a: 'north' })).toBe(0);
    expect(make({ column: 'a', lookup }, { a: 'none' })).toBeUndefined();
    expect(make({ column: 'a', lookup }, { a: '' })).toBeUndefined();
    expect(make({ column: 'a', lookup }, { a: 'toString' })).toContain(
      "a 'toString' is not in the lookup of the mapping",
    );
    expect(make({ column: 'a', lookup, otherwise: 'keep' }, { a: 'up' })).toBe('up');
  });

  it('makes the same id of the same content only', () => {
    const id = make({ hash: ['a', 'b'] }, { a: '1', b: '23', c: 'x' });
    expect(id).toMatch(/^[0-9a-f]{24}$/);
    expect(make({ hash: ['a', 'b'] }, { a: '1', b: '23', c: 'y' })).toBe(id);
    expect(make({ hash: ['a', 'b'] }, { a: '12', b: '3' })).not.toBe(id);
    expect(make({ hash: ['a', 'b'] }, { a: '1' })).toBe('source: the source has no column b');
  });

  it.each([
    ['YYYYMMDD', 'HHMMSS', '20240531', '235512', '2024-05-31T23:55:12+08:00'],
    ['roc', 'hours', '1040101', '16~18', '2015-01-01T16:00:00+08:00'],
    ['roc', 'hours', '1070517', '06~8', '2018-05-17T06:00:00+08:00'],
    ['roc', 'hours', '99/1/31', '20-22', '2010-01-31T20:00:00+08:00'],
    ['roc', 'hours', '113.02.29', '23~01', '2024-02-29T23:00:00+08:00'],
    ['YYYY/MM/DD', 'HH:MM', '2025/3/1', '8:05', '2025-03-01T08:05:00+08:00'],
    ['YYYY-MM-DD', 'HH:MM:SS', '2025-03-01', '08:05:09', '2025-03-01T08:05:09+08:00'],
  ])('reads %s %s: %s %s', (form, timeForm, d, t, expected) => {
    expect(make({ date: 'd', form, time: 't', timeForm }, { d, t })).toBe(expected);
  });

  it.each([
    ['YYYYMMDD', 'HHMMSS', '參考地址', '20240526', "d '參考地址' is not of the form YYYYMMDD"],
    ['YYYYMMDD', 'HHMMSS', '20240526', '2024', "t '2024' is not of the form HHMMSS"],
    ['YYYYMMDD', 'HHMMSS', '20240526', '', "t '' is not of the form HHMMSS"],
    ['YYYYMMDD', 'HHMMSS', '20250229', '000000', "d '20250229' is not a time that exists"],
    ['YYYYMMDD', 'HHMMSS', '20250228', '240000', "d '20250228' is not a time that exists"],
    ['roc', 'hours', '110420', '20~22', "d '110420' is not of the form roc"],
    ['roc', 'hours', '1130230', '20~22', "d '1130230' is not a time that exists"],
    ['roc', 'hours', '1080618', '00-002', "t '00-002' is not of the form hours"],
  ])('refuses %s %s: %s %s', (form, timeForm, d, t, reason) => {
    expect(make({ date: 'd', form, time: 't', timeForm }, { d, t })).toContain(reason);
  });

  it('means the zone of the spec, else the service, and refuses times that clocks skip', () => {
    const spec = { date: 'd', form: 'YYYYMMDD', time: 't', timeForm: 'HHMMSS' };
    expect(make(spec, { d: '20250330', t: '013000' }, 'Europe/Berlin')).toBe('2025-03-30T01:30:00+01:00');
    expect(make(spec, { d: '20250330', t: '023000' }, 'Europe/Berlin')).toContain(
      'not a time that exists in Europe/Berlin',
    );
    expect(make(spec, { d: '20251026', t: '023000' }, 'Europe/Berlin')).toBe('2025-10-26T02:30:00+02:00');
    const elsewhere = { ...spec, timeZone: 'America/St_Johns' };
    expect(make(elsewhere, { d: '20250101', t: '000000' })).toBe('2025-01-01T00:00:00-03:30');
  });
});

describe('mapping files', () => {
  it('names every fault', () => {
    const wrong = { layer: 'cameras', fields: { kode: 'x', code: { colunm: 'y' } }, speed: 1 };
    expect(() => parseMapping(wrong, 'm.json')).toThrow(/mapping m.json is not valid: .*fields.code.*speed/s);
    const misnamed = { layer: 'cameras', fields: { kode: 'x' } };
    expect(() => parseMapping(misnamed, 'm.json')).toThrow('cameras have no field kode; there are code, name');
  });

  it.each(readdirSync('data/mappings').filter((name) => name.endsWith('.json')))('%s is valid', async (name) => {
    const mapping = await loadMapping(`data/mappings/${name}`);
    expect(mapping.description).toMatch(/Open Government Data License Taiwan 1.0|CC BY 4.0/);
  });

  it('says that a file is not there', async () => {
    await expect(loadMapping('nowhere.json')).rejects.toThrow('mapping nowhere.json cannot be read');
  });
});

describe('--map', () => {
  it('renames over nothing and keeps the other columns', () => {
    const mapping = withMap(undefined, 'addresses', parseMap('编号=id, 地址=text'));
    const mapped = createRowMapper(
      mapping,
      TIME_ZONE,
    )({
      line: 3,
      properties: { 编号: '1', 地址: 'x', lon: '114', note: 'n' },
      geometry: null,
    });
    expect(mapped).toEqual({
      ok: true,
      row: { line: 3, properties: { id: '1', text: 'x', lon: '114', note: 'n' }, geometry: null },
    });
  });

  it('overrides a mapping file', () => {
    const base = parseMapping({ layer: 'addresses', fields: { id: 'a', text: 'b' } }, 'test');
    expect(withMap(base, 'addresses', parseMap('c=text')).fields).toEqual({ id: 'a', text: 'c' });
  });

  it.each(['a', 'a=', '=b', 'a=b=c', 'a=id,b=id'])('refuses %s', (text) => {
    expect(() => parseMap(text)).toThrow('--map');
  });
});
