import { assertEquals } from "@std/assert";

import { MailboxReader } from "../../../server/delivery/mailbox.ts";
import { Envelope, Message } from "../../../server/delivery/message.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { FakeUser } from "../../support/fake_user.ts";

/** An account whose client has got an answer and was sent a, b and c. */
async function account(test: (user: FakeUser) => void): Promise<void> {
  await using store = openSqliteStore(":memory:");
  const user = new FakeUser("bob");
  user.becomeAccount(new MailboxReader(store, user));
  user.send('{"response":200}\n');
  for (const text of ["a", "b", "c"]) assertEquals(user.take(message(user, text)), true);
  test(user);
}

function message(user: FakeUser, text: string): Message {
  const eve = { name: "eve", nameJson: '"eve"' };
  return new Message(new Envelope(eve, user, 1), JSON.stringify(text));
}

/** The connection ends: what was not written? */
const unwritten = (user: FakeUser): string[] =>
  user.end().map((message) => message.toLetter(user.folded).message);

Deno.test("User: an account keeps direct messages until they are written, in order", async () => {
  for (
    const [framesWritten, kept] of [[0, "abc"], [1, "abc"], [2, "bc"], [3, "c"], [4, ""]] as const
  ) {
    await account((user) => {
      user.outlet.framesWritten = framesWritten;
      assertEquals(unwritten(user).join(""), kept);
    });
  }
});

Deno.test("User: what was written is let go of, what waits is kept, what was refused is the sender's", () =>
  account((user) => {
    user.outlet.framesWritten = 2;
    user.onWritten();
    user.outlet.isBehind = true;
    user.take(message(user, "d"));
    user.outlet.takes = false;
    assertEquals(user.take(message(user, "e")), false);
    assertEquals(unwritten(user), ["b", "c", "d"]);
  }));

Deno.test("User: after the end nothing is taken, kept or said", () =>
  account((user) => {
    assertEquals(unwritten(user), ["a", "b", "c"]);
    assertEquals(unwritten(user), []);
    assertEquals([user.take(message(user, "d")), user.send("{}\n")], [false, false]);
    assertEquals(user.frames.length, 4);
  }));

Deno.test("User: a guest keeps nothing, and what is only sent is kept by nobody", async () => {
  const guest = new FakeUser("eve");
  guest.take(message(guest, "a"));
  assertEquals(unwritten(guest), []);
  await account((user) => {
    user.outlet.framesWritten = 4;
    user.send('{"response":100}\n');
    assertEquals(unwritten(user), []);
  });
});
