import type { RequestHandler } from 'express';
import type { EventLog } from './events.ts';

/** Bytes that wait for a slow client before it is cut off; it comes back with `Last-Event-ID`. */
const MAX_WAITING = 2 ** 20;
const HEARTBEAT_MS = 15_000;
const RETRY_MS = 1_000;

/**
 * `GET /changes`: server-sent events of what changed. `Last-Event-ID` gets what was missed, or a `reset`: load everything
 * again.
 */
export function getChanges({ log }: { log: EventLog }): RequestHandler {
  return (req, res) => {
    res.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache, no-transform',
      'X-Accel-Buffering': 'no',
    });
    const lastId = req.get('last-event-id');
    const missed = lastId === undefined ? [] : log.since(lastId);
    res.write(`retry: ${RETRY_MS}\n${missed ? `id: ${lastId ?? log.last}\n` : ''}\n`);
    if (missed) for (const { text } of missed) res.write(text);
    else res.write(`id: ${log.last}\nevent: reset\ndata: {}\n\n`);
    const send = (text: string) => {
      if (res.writableLength > MAX_WAITING) res.destroy();
      else res.write(text);
    };
    const stopListening = log.listen(({ text }) => send(text));
    const heartbeat = setInterval(() => send(': alive\n\n'), HEARTBEAT_MS);
    res.on('close', () => {
      stopListening();
      clearInterval(heartbeat);
    });
  };
}
