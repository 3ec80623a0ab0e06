import { createHash } from 'node:crypto';
import { HttpError } from '../errors.ts';
import type { CollectionFeature } from './collections.ts';

/** What a writer knows of the stored feature, as the headers of the request say it. */
export interface Preconditions {
  ifMatch?: string | undefined;
  ifNoneMatch?: string | undefined;
}

/**
 * The strong ETag of a feature as its reader sees it. Whoever may not see a telephone number gets no hash of it either,
 * so the row's writing transaction stands for what is not shown.
 *
 * @param version of the row: changes whenever the row is written
 */
export function etagOf(feature: CollectionFeature, version: string): string {
  const hash = createHash('sha256').update(`${version}\n`).update(JSON.stringify(feature));
  return `"${hash.digest('base64url').slice(0, 27)}"`;
}

/**
 * Compare the preconditions of a write with what is stored (RFC 9110: `If-Match` by strong comparison).
 *
 * @param etag of the stored feature, undefined when there is none
 * @throws HttpError 412 when one does not hold
 */
export function checkPreconditions({ ifMatch, ifNoneMatch }: Preconditions, etag: string | undefined): void {
  if (ifMatch !== undefined && !matches(ifMatch, etag)) {
    throw new HttpError(
      412,
      etag === undefined
        ? 'If-Match: there is no such feature any more'
        : 'If-Match: the feature has changed since it was read: read it again and repeat the change',
    );
  }
  if (ifNoneMatch !== undefined && matches(ifNoneMatch.replaceAll('W/"', '"'), etag)) {
    throw new HttpError(412, 'If-None-Match: the feature exists already');
  }
}

function matches(header: string, etag: string | undefined): boolean {
  if (etag === undefined) return false;
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim() === etag);
}
