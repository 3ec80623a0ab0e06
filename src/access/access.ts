import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../config.ts';
import { HttpError } from '../errors.ts';
import { headerOf } from '../http.ts';

/** Who may do what, until there are users: holders of the one key, and everybody else. */
export interface Access {
  /** @throws HttpError 401 without the key, 403 where no key could help */
  requireWrite(req: IncomingMessage): void;
  /** Whether telephone numbers and incident addresses may leave the service in this answer. */
  seesPersonal(req: IncomingMessage): boolean;
}

/**
 * @param adminKey the bearer key; undefined: nobody has it
 * @param openDemo writes are free from this machine: the embedded demo, which holds nothing of value
 */
export function createAccess(adminKey: string | undefined, openDemo: boolean): Access {
  const hasKey = (req: IncomingMessage): boolean => {
    if (adminKey === undefined) return false;
    const token = /^Bearer (.+)$/i.exec(headerOf(req, 'authorization') ?? '')?.[1];
    return token !== undefined && sameText(token, adminKey);
  };
  return {
    requireWrite(req) {
      if (hasKey(req)) return;
      if (adminKey === undefined && openDemo && isLocal(req)) return;
      if (adminKey === undefined) {
        throw new HttpError(403, 'Writes are closed: start the service with ADMIN_KEY set and send it as a bearer key');
      }
      throw new HttpError(401, 'Writes need the key: send it as Authorization: Bearer <ADMIN_KEY>', [], {
        'WWW-Authenticate': 'Bearer',
      });
    },
    seesPersonal: hasKey,
  };
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * Whether a request comes from this machine by its own will: a web page of another origin that a local browser shows,
 * or a foreign name that resolves to this machine, does not count.
 */
function isLocal(req: IncomingMessage): boolean {
  const host = hostName(`http://${req.headers.host ?? ''}`);
  if (!isLoopback(req.socket.remoteAddress ?? '') || host === undefined || !isLoopback(host)) return false;
  const { origin } = req.headers;
  return origin === undefined || new URL(`http://${req.headers.host}`).host === safeHost(origin);
}

function hostName(url: string): string | undefined {
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, '');
  } catch {
    return undefined;
  }
}

function safeHost(url: string): string | undefined {
  try {
    return new URL(url).host;
  } catch {
    return undefined;
  }
}
