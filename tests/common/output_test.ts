import { assertEquals, assertThrows } from "@std/assert";

import { StartError } from "../../common/errors.ts";
import { printLine, type SyncSink, writeText } from "../../common/output.ts";

/** Takes what `limits` say, one write after the other; an error is thrown instead. */
class Sink implements SyncSink {
  text = "";
  readonly #limits: (number | Error)[];

  constructor(...limits: (number | Error)[]) {
    this.#limits = limits;
  }

  writeSync(bytes: Uint8Array): number {
    const limit = this.#limits.shift() ?? bytes.length;
    if (limit instanceof Error) throw limit;
    const taken = bytes.subarray(0, limit);
    this.text += new TextDecoder("latin1").decode(taken);
    return taken.length;
  }
}

/** The bytes of a text as UTF-8, each as a character. */
function utf8(text: string): string {
  return new TextDecoder("latin1").decode(new TextEncoder().encode(text));
}

Deno.test("writeText goes on behind a write that took a part, in the middle of a character, too", () => {
  const sink = new Sink(1, 1, 3);
  writeText(sink, "я€ done");
  assertEquals(sink.text, utf8("я€ done"));
});

Deno.test("writeText waits for a stream that would block, and repeats nothing", () => {
  const sink = new Sink(2, new Deno.errors.WouldBlock(), new Deno.errors.WouldBlock());
  writeText(sink, "hello");
  assertEquals(sink.text, "hello");
});

Deno.test("writeText says in one line why it cannot", () => {
  const sink = new Sink(2, new Error("No space left on device (os error 28)"));
  assertThrows(
    () => writeText(sink, "hello"),
    StartError,
    "Cannot write to standard output: No space left on device",
  );
});

Deno.test("writeText writes nothing of an empty text, and leaves it to the caller that nobody reads", () => {
  writeText(new Sink(new Error("must not be called")), "");
  const sink = new Sink(2, new Deno.errors.BrokenPipe());
  assertThrows(() => writeText(sink, "hello"), Deno.errors.BrokenPipe);
  assertEquals(sink.text, "he");
});

Deno.test("printLine writes the line and its end in one piece", () => {
  const sink = new Sink();
  printLine("привет", sink);
  assertEquals(sink.text, utf8("привет\n"));
});
