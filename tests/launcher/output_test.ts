import { assertEquals } from "@std/assert";

import { LineWriter, prefixer } from "../../launcher/output.ts";

/** Takes at most so many bytes at once, and refuses every second write. */
class SlowSink {
  text = "";
  #refuses = false;

  write(bytes: Uint8Array): Promise<number> {
    this.#refuses = !this.#refuses;
    if (this.#refuses) return Promise.reject(new Deno.errors.WouldBlock("not now"));
    const part = bytes.subarray(0, 100);
    this.text += new TextDecoder().decode(part);
    return Promise.resolve(part.length);
  }
}

Deno.test("all texts begin in one column, and none steers the terminal", () => {
  const prefixed = prefixer(["server", "eve"], false);
  assertEquals(prefixed("server", "up"), "server | up");
  assertEquals(prefixed("eve", "\x1b[2J\u202e"), "eve    | \\u{1b}[2J\\u{202e}");
  assertEquals(prefixed("a stranger", "hi"), "a stranger | hi");
});

Deno.test("each client has its own colour, and the text has none", () => {
  const names = Array.from({ length: 8 }, (_, index) => `user${index + 1}`);
  const prefixed = prefixer(["server", ...names], true);
  assertEquals(prefixed("user1", "hi"), "\x1b[32muser1  |\x1b[0m hi");
  const colours = names.map((name) => prefixed(name, "").split("m")[0]);
  assertEquals(new Set(colours).size, names.length);
});

Deno.test("lines come out whole and in order on a stream that takes little at a time", async () => {
  const sink = new SlowSink();
  const writer = new LineWriter(sink);
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
  for (const line of lines) writer.writeLine(line);
  await writer.flush();
  assertEquals(sink.text, lines.join("\n") + "\n");
});

Deno.test("a stream that nobody reads is reported once", async () => {
  let reports = 0;
  const writer = new LineWriter(
    { write: () => Promise.reject(new Deno.errors.BrokenPipe("gone")) },
    () => reports++,
  );
  writer.writeLine("one");
  await writer.flush();
  writer.writeLine("two");
  await writer.flush();
  assertEquals(reports, 1);
});
