import type { RequestHandler } from 'express';
import type { z } from 'zod';
import { parseQuery, sendJson } from '../http.ts';
import { type suggestionsSchema, suggestQuerySchema } from './addresses.schema.ts';
import type { AddressBook } from './live.ts';

export interface AddressDeps {
  book: Pick<AddressBook, 'catchUp' | 'suggest'>;
}

/** `GET /addresses/suggest`: completions while typing. */
export function getSuggestions({ book }: AddressDeps): RequestHandler {
  return async (req, res) => {
    const { q, limit } = parseQuery(suggestQuerySchema, req.url);
    await book.catchUp();
    const answer: z.infer<typeof suggestionsSchema> = { suggestions: book.suggest(q, limit) };
    sendJson(res, answer);
  };
}
