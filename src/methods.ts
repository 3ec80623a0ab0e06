import type { RequestHandler, Router } from 'express';

/**
 * Tell browsers that pages of any origin may send what the routes take. Cookies are not among it: whoever writes shows a
 * key, and the open demo does not count other origins as its own machine.
 */
export function answerPreflight(): RequestHandler {
  return (req, res, next) => {
    if (req.method !== 'OPTIONS' || req.headers['access-control-request-method'] === undefined) return next();
    res.writeHead(204, {
      'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'Access-Control-Allow-Headers':
        'Authorization, Content-Type, Content-Encoding, If-Match, If-None-Match, Idempotency-Key, Last-Event-ID, X-Request-Id',
      'Access-Control-Max-Age': '86400',
    });
    res.end();
  };
}

/** A layer of a router as express 5 has it; its types are still those of express 4. */
interface Layer {
  route?: { stack: readonly { method: string }[] };
  match(path: string): boolean;
}

/** The methods that routers have a route for at a path; empty: there is none. */
export function methodsOf(routers: readonly Router[], path: string): string[] {
  const layers = routers.flatMap(({ stack }) => stack as unknown as Layer[]);
  const routes = layers.flatMap((layer) => (layer.route && layer.match(path) ? [layer.route] : []));
  return [...new Set(routes.flatMap(({ stack }) => stack.map(({ method }) => method.toUpperCase())))];
}
