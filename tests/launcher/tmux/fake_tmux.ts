import type { RunTmux, TmuxResult } from "../../../launcher/tmux/tmux.ts";

/** Remembers what it is asked; answers as told, else that it is done. */
export class FakeTmux {
  readonly asked: string[][] = [];
  readonly #answers: Record<string, TmuxResult[]>;

  /** @param answers The next results by command. */
  constructor(answers: Record<string, TmuxResult[]> = {}) {
    this.#answers = answers;
  }

  readonly run: RunTmux = (...args) => {
    this.asked.push(args);
    return Promise.resolve(this.#answers[args[0]!]?.shift() ?? { isDone: true, text: "" });
  };

  /** What was asked of that command. */
  of(command: string): string[][] {
    return this.asked.filter(([name]) => name === command);
  }
}

export function done(text: string): TmuxResult {
  return { isDone: true, text };
}

export function failed(text: string): TmuxResult {
  return { isDone: false, text };
}
