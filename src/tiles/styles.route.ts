import type { RequestHandler } from 'express';
import { HttpError } from '../errors.ts';
import { isNotModified, type Reads, sendJson, weakEtag } from '../http.ts';
import type { Theme } from './styles.palette.ts';
import { describeForStyle, labelPoints } from './styles.read.ts';
import { buildStyle, STYLE_SUBJECTS, type StyleSubject } from './styles.ts';

export interface StyleDeps extends Reads {
  timeZone: string;
  /** Path of the stream of changes, told to the map page; absent while there is none. */
  changes?: string;
}

/** `light` and `dark` with the lights of incidents; each analysis by its name, and with `-dark`. */
const STYLES: Record<string, { theme: Theme; subject: StyleSubject }> = Object.fromEntries(
  STYLE_SUBJECTS.flatMap((subject) => [
    [subject === 'lights' ? 'light' : subject, { theme: 'light', subject }],
    [subject === 'lights' ? 'dark' : `${subject}-dark`, { theme: 'dark', subject }],
  ]),
);

/** `GET /styles/{name}.json`: a MapLibre style over the tiles of this service. */
export function getStyle(deps: StyleDeps): RequestHandler<{ name: string }> {
  return async (req, res) => {
    const { name } = req.params;
    if (!Object.hasOwn(STYLES, name)) {
      throw new HttpError(404, `There is no style ${name}; there are: ${Object.keys(STYLES).join(', ')}`);
    }
    const { bounds, nets, period } = await describeForStyle(deps.db, deps.now());
    const style = buildStyle({
      name,
      ...STYLES[name]!,
      origin: `${req.protocol}://${req.get('host') ?? 'localhost'}`,
      bounds,
      metadata: {
        'wangge:nets': nets,
        'wangge:period': period,
        'wangge:now': deps.now().toISOString(),
        'wangge:timeZone': deps.timeZone,
        ...(deps.changes !== undefined && { 'wangge:changes': deps.changes }),
      },
    });
    res.setHeader('Cache-Control', 'no-cache');
    sendJson(res, style);
  };
}

/** `GET /styles/names/{net}.geojson`: where the names of a net's grids are written, once each whatever the tiles cut. */
export function getGridNames({ db, now }: Reads): RequestHandler<{ net: string }> {
  return async (req, res) => {
    const body = await labelPoints(db, req.params.net, now());
    const etag = weakEtag(JSON.stringify(body));
    res.setHeader('ETag', etag);
    res.setHeader('Cache-Control', 'no-cache');
    if (isNotModified(req, etag)) return void res.writeHead(304).end();
    sendJson(res, body, { type: 'application/geo+json' });
  };
}
