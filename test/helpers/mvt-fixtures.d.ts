/** What the tests use of a package without types. */
declare module '@mapbox/mvt-fixtures' {
  export interface Fixture {
    id: string;
    description: string;
    validity: { v1: boolean; v2: boolean };
    buffer: Buffer;
  }

  export function each(visit: (fixture: Fixture) => void): void;
}
