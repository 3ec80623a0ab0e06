import type { Held, Holding, Runner } from './task.ts';

/** The states that one thread holds, by the name of their holding. */
export class Holdings {
  readonly #states = new Map<string, unknown>();

  accept<S, M>(holding: Holding<S, M>, message: M): void {
    this.#states.set(holding.name, holding.accept(this.#states.get(holding.name) as S | undefined, message));
  }

  readonly held: Held = <S, M>({ name }: Holding<S, M>) => {
    if (!this.#states.has(name)) throw new Error(`the task needs ${name}: hand its source along`);
    return this.#states.get(name) as S;
  };
}

/** Runs tasks where they are asked for: for commands, which have no requests to delay. */
export function ownThread(): Runner {
  const holdings = new Holdings();
  const versions = new Map<string, number>();
  return {
    size: 1,
    run: async (task, input, sources = []) => {
      for (const source of sources) {
        const { name } = source.holding;
        const version = versions.get(name);
        if (version === source.version) continue;
        holdings.accept(source.holding, source.message(version));
        versions.set(name, source.version);
      }
      return task.run(input, holdings.held);
    },
  };
}
