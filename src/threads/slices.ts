import { setImmediate } from 'node:timers/promises';

const SLICE_MS = 4;

/** Cuts long work of this thread into slices of some milliseconds, so that requests get in between. */
export class Slices {
  #end = performance.now() + SLICE_MS;

  /** Whether it is time to pause. */
  get isOver(): boolean {
    return performance.now() > this.#end;
  }

  async pause(): Promise<void> {
    await setImmediate();
    this.#end = performance.now() + SLICE_MS;
  }
}
