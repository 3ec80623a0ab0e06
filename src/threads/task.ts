/**
 * Work that must not delay requests: a pure function that a thread runs. Input and output are copied as by
 * `structuredClone`; what lies in a `SharedArrayBuffer` is shared. `src/thread.ts` lists all tasks.
 */
export interface Task<I, O> {
  readonly name: string;
  run(input: I, held: Held): O | Promise<O>;
}

/**
 * State that a thread keeps between tasks, brought up to date by messages before a task that needs it.
 */
export interface Holding<S, M> {
  readonly name: string;
  /** @param state as of the message before; undefined at first */
  accept(state: S | undefined, message: M): S;
}

/** The state of a holding in the thread that runs the task; it was handed along as a `Source`. */
export type Held = <S, M>(holding: Holding<S, M>) => S;

/** Where threads get the state of a holding from. */
export interface Source<S, M> {
  readonly holding: Holding<S, M>;
  /** Of the present state; equal versions are equal states. */
  readonly version: number;
  /**
   * What brings a thread to the present state.
   *
   * @param held the version that the thread holds; undefined: none
   */
  message(held: number | undefined): M;
}

/** A task may need several states, each of its own kind. */
// biome-ignore lint/suspicious/noExplicitAny: the kinds differ within one list, and each message meets its own holding.
export type Sources = readonly Source<any, any>[];

/** Something that runs tasks: threads, or where there are none, the caller's own. */
export interface Runner {
  /** How many tasks run at once. */
  readonly size: number;
  run<I, O>(task: Task<I, O>, input: I, sources?: Sources): Promise<O>;
}
