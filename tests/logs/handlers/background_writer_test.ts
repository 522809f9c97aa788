import { assert, assertEquals } from "@std/assert";

import { BackgroundWriter } from "../../../logs/handlers/background_writer.ts";

/** A pipe that takes bytes when the test says so. */
class Pipe {
  text = "";
  #waiting: { bytes: Uint8Array; taken: PromiseWithResolvers<number> } | undefined;

  write(bytes: Uint8Array): Promise<number> {
    assert(this.#waiting === undefined, "one write at a time");
    const taken = Promise.withResolvers<number>();
    this.#waiting = { bytes, taken };
    return taken.promise;
  }

  /** Takes what is offered, or some of it. */
  async take(count = Infinity): Promise<void> {
    const { bytes, taken } = this.#waiting!;
    this.#waiting = undefined;
    const part = bytes.subarray(0, count);
    this.text += new TextDecoder().decode(part);
    taken.resolve(part.length);
    await settled();
  }

  async fail(error: Error): Promise<void> {
    const { taken } = this.#waiting!;
    this.#waiting = undefined;
    taken.reject(error);
    await settled();
  }

  get isAsked(): boolean {
    return this.#waiting !== undefined;
  }
}

async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

function writerTo(pipe: Pipe, maxBytes = 20): BackgroundWriter {
  return new BackgroundWriter(pipe, { notice: (lines) => `(${lines})`, maxBytes });
}

Deno.test("a line that comes in whatever turn goes out", async () => {
  for (let turns = 0; turns < 8; turns++) {
    let text = "";
    const sink = {
      write(bytes: Uint8Array): Promise<number> {
        text += new TextDecoder().decode(bytes);
        return Promise.resolve(bytes.length);
      },
    };
    const writer = new BackgroundWriter(sink, { notice: String });
    writer.add("one");
    for (let n = 0; n < turns; n++) await Promise.resolve();
    writer.add("two");
    await settled();
    assertEquals(text, "one\ntwo\n", `after ${turns} turns`);
  }
});

Deno.test("lines go out in order, each whole, however few bytes are taken", async () => {
  const pipe = new Pipe();
  const writer = writerTo(pipe);
  for (const line of ["one", "two", "three"]) writer.add(line);
  assertEquals(pipe.text, "");
  while (pipe.isAsked) await pipe.take(1);
  assertEquals(pipe.text, "one\ntwo\nthree\n");
  await writer.drained(60_000);
  writer.add("four");
  await pipe.take();
  assertEquals(pipe.text, "one\ntwo\nthree\nfour\n");
});

Deno.test("what finds no room is dropped, and how much is said once half of the queue is free", async () => {
  const pipe = new Pipe();
  const writer = writerTo(pipe);
  for (let i = 0; i < 10; i++) writer.add(`line${i}`); // three of six bytes and an end fit less
  await pipe.take(6); // "line0\n": twelve bytes are left, no gap is filled yet
  writer.add("x");
  await pipe.take(6);
  writer.add("y");
  while (pipe.isAsked) await pipe.take();
  assertEquals(pipe.text, "line0\nline1\nline2\n(8)\ny\n");
});

Deno.test("who waits for a full pipe waits no longer than it says", async () => {
  const pipe = new Pipe();
  const writer = writerTo(pipe);
  await writer.drained(60_000);
  writer.add("one");
  await writer.drained(1);
  assertEquals(pipe.text, "");
  await pipe.take();
});

Deno.test("a sink that fails loses what waits, says how much, and is tried again", async () => {
  const pipe = new Pipe();
  const writer = writerTo(pipe);
  writer.add("one");
  writer.add("two");
  await pipe.fail(new Deno.errors.BrokenPipe("Broken pipe"));
  assert(!pipe.isAsked);
  writer.add("three");
  while (pipe.isAsked) await pipe.take();
  assertEquals(pipe.text, "three\n(2)\n");
});

Deno.test("a sink that refuses for now loses nothing", async () => {
  const pipe = new Pipe();
  const writer = writerTo(pipe);
  writer.add("one");
  await pipe.fail(new Deno.errors.WouldBlock("Resource temporarily unavailable"));
  while (!pipe.isAsked) await new Promise((resolve) => setTimeout(resolve, 1));
  await pipe.take();
  await writer.drained(60_000);
  assertEquals(pipe.text, "one\n");
});
