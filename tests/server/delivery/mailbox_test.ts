import { assertEquals, assertRejects } from "@std/assert";

import { MailboxReader, type MailSink } from "../../../server/delivery/mailbox.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { type Store, StoreError } from "../../../server/store/store.ts";
import { storeWith } from "../../support/store_with.ts";
import { UNSHARED } from "../../support/unshared.ts";

/** A connection that takes so many frames before it has to be emptied. */
class FakeSink implements MailSink {
  readonly folded = "bob";
  readonly key = "event";
  readonly session = "this one";
  readonly taken: string[] = [];
  /** Called each time when there is no room. */
  onFull: () => void | Promise<void> = () => {};
  isClosing = false;
  /** Bytes that are held, and the most that were. */
  held = 0;
  mostHeld = 0;
  readonly #capacity: number;
  #room: number;

  constructor(capacity = Infinity) {
    this.#capacity = this.#room = capacity;
  }

  send(frame: string): boolean {
    return this.sendStored(frame);
  }

  sendStored(frame: string): boolean {
    if (this.#room === 0) return false;
    this.#room--;
    this.taken.push(JSON.parse(frame).message);
    return true;
  }

  hold(bytes: number): void {
    this.held += bytes;
    this.mostHeld = Math.max(this.mostHeld, this.held);
  }

  async roomy(): Promise<boolean> {
    await this.onFull();
    this.#room = this.#capacity;
    return !this.isClosing;
  }
}

async function withMailbox(run: (store: Store, texts: string[]) => Promise<void>): Promise<void> {
  await using store = openSqliteStore(":memory:", { mailbox: UNSHARED });
  await store.createAccount("bob", "bob", "hash");
  const texts = Array.from({ length: 250 }, (_, n) => `m${n}`);
  await Promise.all(texts.map((text) => put(store, text)));
  await run(store, texts);
}

async function put(store: Store, message: string): Promise<void> {
  const time = Date.now() / 1000;
  await store.storeLetter({ folded: "bob", to: "bob", from: "eve", message, time, id: undefined });
}

const left = async (store: Store): Promise<number> =>
  (await store.listLetters("bob", 0, 1_000)).length;

Deno.test("a mailbox that is larger than the queue goes out whole, in order", async () => {
  await withMailbox(async (store, texts) => {
    const sink = new FakeSink(7);
    await new MailboxReader(store, sink).run();
    assertEquals(sink.taken, texts);
    // "m100" … "m199": a page at a time is held, and nothing when it is out.
    assertEquals([sink.mostHeld, sink.held], [400, 0]);
  });
});

Deno.test("what arrives while letters go out follows them, and nothing goes out twice", async () => {
  await withMailbox(async (store, texts) => {
    const sink = new FakeSink(200);
    const reader = new MailboxReader(store, sink);
    sink.onFull = async (): Promise<void> => {
      assertEquals(reader.isRunning, true);
      await put(store, "late");
      await reader.run(); // looks again later, returns at once
    };
    await reader.run();
    assertEquals(sink.taken, [...texts, "late"]);
    await put(store, "later");
    await Promise.all([reader.run(), reader.run()]);
    assertEquals(sink.taken, [...texts, "late", "later"]);
    assertEquals(reader.isRunning, false);
  });
});

Deno.test("a connection that ends leaves the rest in the mailbox, and no more can be acknowledged", async () => {
  await withMailbox(async (store) => {
    const sink = new FakeSink(100);
    sink.onFull = (): void => {
      sink.isClosing = true;
    };
    const reader = new MailboxReader(store, sink);
    await reader.acknowledge(250);
    assertEquals(await left(store), 250);
    await reader.run();
    assertEquals(sink.taken.length, 100);
    await reader.acknowledge(40);
    assertEquals(await left(store), 210);
    await reader.acknowledge(250);
    assertEquals(await left(store), 150);
  });
});

Deno.test("a store that fails does not end the reading for ever", async () => {
  await withMailbox(async (store, texts) => {
    let isBroken = true;
    const shaky = storeWith(store, {
      listLetters: (...args) =>
        isBroken ? Promise.reject(new StoreError("broken")) : store.listLetters(...args),
    });
    const sink = new FakeSink();
    const reader = new MailboxReader(shaky, sink);
    await assertRejects(() => reader.run(), StoreError, "broken");
    isBroken = false;
    await reader.run();
    assertEquals(sink.taken, texts);
  });
});

Deno.test("letters that change while others go out come as they are by then, and the word of it behind all", async () => {
  await withMailbox(async (store, texts) => {
    const sink = new FakeSink(10);
    const reader = new MailboxReader(
      storeWith(store, {
        // As if they were kept, the one with the number n in the mailbox under the number n.
        listLetters: async (...args) =>
          (await store.listLetters(...args)).map((letter) => ({
            ...letter,
            place: { conversation: 1, seq: letter.stored },
          })),
      }),
      sink,
    );
    let calls = 0;
    sink.onFull = (): void => {
      if (++calls !== 2) return; // 20 are out, 100 are read
      const tell = (seq: number, text: string | undefined): void =>
        reader.change({ conversation: 1, seq }, text, `{"message":"word of ${seq}"}\n`);
      tell(5, "too late");
      tell(21, "edited");
      tell(22, undefined);
      reader.change({ conversation: 2, seq: 30 }, undefined, '{"message":"elsewhere"}\n');
      tell(150, "is not read yet");
    };
    await reader.run();
    const expected = texts.map((text, n) => n === 20 ? "edited" : text);
    expected.splice(21, 1);
    assertEquals(sink.taken.slice(0, expected.length), expected);
    // The sink had no room for the last: that is how a slow connection misses what members of rooms say, too.
    const told = ["word of 5", "word of 21", "word of 22", "elsewhere", "word of 150"];
    assertEquals(
      sink.taken.slice(expected.length),
      told.slice(0, sink.taken.length - expected.length),
    );
    assertEquals([sink.taken.length > expected.length, sink.held], [true, 0]);
  });
});

Deno.test("what happened to letters is held within a bound", async () => {
  await withMailbox(async (store) => {
    const sink = new FakeSink(200);
    const reader = new MailboxReader(store, sink);
    const line = `{"message":"${"x".repeat(99_000)}"}\n`;
    let before = 0;
    sink.onFull = (): void => {
      before = sink.held;
      for (let n = 0; n < 9; n++) reader.change({ conversation: 1, seq: 1 }, undefined, line);
      assertEquals(sink.held, before + 2 * line.length);
    };
    await reader.run();
    assertEquals([sink.held, sink.taken.length], [0, 252]);
  });
});

Deno.test("a connection that comes while the one before gives up gets the rest at once", () =>
  withMailbox(async (store, texts) => {
    const sink = new FakeSink(100);
    const reader = new MailboxReader(store, sink);
    let again: Promise<void> | undefined;
    sink.onFull = () => {
      // The old one takes nothing more, and there is a new one before that is noticed.
      sink.isClosing = again === undefined;
      if (sink.isClosing) again = reader.run();
    };
    await reader.run();
    await again;
    assertEquals(sink.taken, texts);
  }));

Deno.test("what was sent in this very session is skipped; what arrived in an earlier one is dropped before", () =>
  withMailbox(async (store, texts) => {
    const sink = new FakeSink();
    await store.markLetters("bob", "before", [{ stored: 1, n: 1 }, { stored: 2, n: 2 }]);
    await store.markLetters("bob", sink.session, [{ stored: 4, n: 1 }]);
    const reader = new MailboxReader(store, sink, { arrived: { session: "before", n: 1 } });
    await reader.run();
    assertEquals(sink.taken, texts.filter((_, index) => index !== 0 && index !== 3));
    await reader.arrived({ stored: 200, wasSaved: false }, { session: sink.session, n: 150 });
    assertEquals(await left(store), 50);
    await reader.arrived({ stored: 0, wasSaved: true }, { session: sink.session, n: 1 });
    assertEquals(await left(store), 50, "that one was acknowledged with the others");
  }));
