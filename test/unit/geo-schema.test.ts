import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { boxOfBounds } from '../../src/geo/bbox.ts';
import { bboxSchema, latSchema, lonSchema, tileSchema } from '../../src/geo/schema.ts';

function messageOf(schema: z.ZodType, input: unknown): string | undefined {
  return schema.safeParse(input).error?.issues[0]?.message;
}

describe('bboxSchema', () => {
  test('reads west,south,east,north', () => {
    expect(bboxSchema.parse('113.9,22.5,114.1,22.6')).toEqual([113.9, 22.5, 114.1, 22.6]);
    expect(bboxSchema.parse(' -180, -90 ,180,90')).toEqual([-180, -90, 180, 90]);
    expect(boxOfBounds({ west: 1, south: 2, east: 3, north: 4 })).toEqual([1, 2, 3, 4]);
  });

  test.each([
    ['1,2,3', /four numbers: west,south,east,north/],
    ['1,2,3,4,5', /four numbers/],
    ['1,2,three,4', /"three" is not a number/],
    ['1,2,,4', /"" is not a number/],
    ['1,2,Infinity,4', /"Infinity" is not a number/],
    ['170,0,-170,10', /west must not exceed east; ask for a box across the antimeridian as two boxes/],
    ['0,10,1,5', /south must not exceed north/],
    ['22.5,113.9,22.6,114.1', /-90 to 90; the order is west,south,east,north/],
    ['-181,0,0,1', /-180 to 180/],
  ])('refuses %s', (text, message) => expect(messageOf(bboxSchema, text)).toMatch(message));
});

describe('lonSchema and latSchema', () => {
  test('take degrees on the earth', () => {
    expect([lonSchema.parse(-180), lonSchema.parse(180), latSchema.parse(90)]).toEqual([-180, 180, 90]);
    expect(messageOf(lonSchema, 180.1)).toBe('must be at most 180');
    expect(messageOf(latSchema, 114)).toBe('must be at most 90; the order is longitude, latitude');
    expect(messageOf(lonSchema, Number.NaN)).toBe('must be a number of degrees');
  });
});

describe('tileSchema', () => {
  test('reads a path', () =>
    expect(tileSchema.parse({ z: '14', x: '13382', y: '7137' })).toEqual({ z: 14, x: 13382, y: 7137 }));

  test.each([
    [{ z: '23', x: '0', y: '0' }, /z must be a whole number from 0 to 22/],
    [{ z: '1', x: '2', y: '0' }, /x must be a whole number from 0 to 1 at zoom 1/],
    [{ z: '1', x: '0', y: '-1' }, /must be a whole number/],
    [{ z: '1e0', x: '0', y: '0' }, /must be a whole number/],
    [{ z: '', x: '0', y: '0' }, /must be a whole number/],
    [{ z: '1', x: '99999999999999999999', y: '0' }, /must be a whole number/],
  ])('refuses %o', (path, message) => expect(messageOf(tileSchema, path)).toMatch(message));
});
