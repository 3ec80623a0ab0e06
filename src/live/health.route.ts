import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { HttpError } from '../errors.ts';
import { sendJson } from '../http.ts';
import { encodePosition } from './changes.ts';
import type { Live } from './live.ts';
import type { Mirror } from './mirror.ts';

/** `GET /healthz`: the process is alive. */
export function getHealthz(): RequestHandler {
  return (_req, res) => sendJson(res, { status: 'ok' });
}

/** `GET /readyz`: the database answers and what is derived from it is up to date. */
export function getReadyz({ mirror, live, log }: { mirror: Mirror; live?: Live; log: Logger }): RequestHandler {
  return async (_req, res) => {
    try {
      const position = await mirror.catchUp();
      await live?.caughtUp();
      sendJson(res, { status: 'ready', version: live?.version ?? encodePosition(position), lag: live?.lag });
    } catch (error) {
      log.warn({ err: error }, 'not ready');
      throw new HttpError(503, 'The database does not answer or cannot be read; the log has the cause', [], {
        'Retry-After': '1',
      });
    }
  };
}
