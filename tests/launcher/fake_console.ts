import type { OutputStream } from "../../launcher/child.ts";
import type { LaunchConsole } from "../../launcher/launch_console.ts";

/** A console without a terminal: lines are handed in, what is printed is kept. */
export class FakeConsole implements LaunchConsole {
  readonly isTerminal = false;
  readonly colour = false;
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  readonly #input: AsyncIterable<string>;

  /** @param input What is typed; it ends when the iterator does. */
  constructor(input: AsyncIterable<string> | readonly string[]) {
    this.#input = ReadableStream.from(input);
  }

  lines(): AsyncIterable<string> {
    return this.#input;
  }

  print(line: string, stream: OutputStream): void {
    this[stream].push(line);
  }

  async flush(): Promise<void> {}

  /** What somebody said, without the prefix. */
  saidBy(speaker: string): string[] {
    return [...this.stdout, ...this.stderr].filter((line) => line.startsWith(speaker))
      .map((line) => line.slice(line.indexOf("|") + 2));
  }
}
