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

/** The connection ends: what was not confirmed? */
function unconfirmed(user: FakeUser): string[] {
  const { messages } = user.takeUnsaved();
  user.end();
  return messages.map((message) => message.toLetter(user.folded).message);
}

Deno.test("User: an account's direct messages are its own until they are written and a request came after that", async () => {
  for (
    const [framesWritten, kept] of [[0, "abc"], [1, "abc"], [2, "bc"], [3, "c"], [4, ""]] as const
  ) {
    await account((user) => {
      user.outlet.framesWritten = framesWritten;
      user.confirm();
      assertEquals(unconfirmed(user).join(""), kept);
    });
  }
  await account((user) => {
    user.outlet.framesWritten = 4;
    assertEquals(unconfirmed(user), ["a", "b", "c"], "written, but who knows who has read it");
  });
});

Deno.test("User: counts what it keeps, until that is confirmed or handed back", async () => {
  await account((user) => {
    const sizes = user.lines.slice(1).map((line) => new TextEncoder().encode(line).length);
    assertEquals(user.outlet.heldBytes, sizes[0]! + sizes[1]! + sizes[2]!);
    user.outlet.framesWritten = 3;
    user.confirm();
    assertEquals(user.outlet.heldBytes, sizes[2]);
    user.end();
    assertEquals(user.outlet.heldBytes, 0);
  });
});

Deno.test("User: what was refused is the sender's", () =>
  account((user) => {
    user.outlet.takes = false;
    assertEquals(user.take(message(user, "d")), false);
    assertEquals(unconfirmed(user), ["a", "b", "c"]);
  }));

Deno.test("User: no more is kept than the queue may hold; at half of that the client is asked, once", () =>
  account((user) => {
    user.outlet.framesWritten = 100;
    const bytes = new TextEncoder().encode(user.lines[1]!).length;
    user.outlet.capacity = 6 * bytes;
    assertEquals([user.take(message(user, "д")), user.outlet.probes], [true, 1], "д has two bytes");
    assertEquals([user.take(message(user, "e")), user.outlet.probes], [true, 1]);
    assertEquals([user.take(message(user, "f")), user.outlet.isOverdue], [false, true]);
    user.confirm(0);
    assertEquals(user.outlet.isOverdue, true, "it has shown nothing");
    user.confirm();
    assertEquals(user.outlet.isOverdue, false);
    for (const text of ["g", "h", "i"]) assertEquals(user.take(message(user, text)), true);
    assertEquals(user.outlet.probes, 1);
    user.take(message(user, "j"));
    assertEquals(user.outlet.probes, 2);
    assertEquals(unconfirmed(user), ["g", "h", "i", "j"]);
  }));

Deno.test("User: after the end nothing is taken, kept or said", () =>
  account((user) => {
    assertEquals(unconfirmed(user), ["a", "b", "c"]);
    assertEquals(unconfirmed(user), []);
    assertEquals([user.take(message(user, "d")), user.send("{}\n")], [false, false]);
    assertEquals(user.frames.length, 4);
  }));

Deno.test("User: a guest keeps nothing, and what is only sent is kept by nobody", async () => {
  const guest = new FakeUser("eve");
  guest.take(message(guest, "a"));
  assertEquals(unconfirmed(guest), []);
  await account((user) => {
    user.outlet.framesWritten = 4;
    user.confirm();
    user.send('{"response":100}\n');
    assertEquals(unconfirmed(user), []);
  });
});
