import type { Holding } from '../threads/task.ts';
import { AddressIndex, type TableNews } from './search/index.ts';

export interface AddressNews {
  /** The news are of another index than before. */
  isWhole: boolean;
  news: TableNews;
}

/**
 * The address book in a thread: columns and texts are shared, a thread has its own dictionaries, heads of chains and
 * tombstones.
 */
export const ADDRESSES: Holding<AddressIndex, AddressNews> = {
  name: 'addresses',
  accept(held, { isWhole, news }) {
    const index = held === undefined || isWhole ? new AddressIndex() : held;
    index.take(news);
    return index;
  },
};
