import { assertEquals } from "@std/assert";

import { MailboxReader } from "../../../server/delivery/mailbox.ts";
import { Envelope, Message } from "../../../server/delivery/message.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { FakeUser } from "../../support/fake_user.ts";

async function account(name: string, test: (user: FakeUser) => void): Promise<void> {
  await using store = openSqliteStore(":memory:");
  const user = new FakeUser(name);
  user.becomeAccount(new MailboxReader(store, user));
  test(user);
}

function message(user: FakeUser, text: string): Message {
  const eve = { name: "eve", nameJson: '"eve"' };
  return new Message(new Envelope(eve, user, 1), JSON.stringify(text));
}

const textsOf = (user: FakeUser): string[] =>
  user.unwritten().map((message) => message.toLetter(user.folded).message);

Deno.test("User: an account keeps direct messages until they are written, in order", () =>
  account("bob", (user) => {
    user.send('{"response":200}\n');
    for (const text of ["a", "b", "c"]) assertEquals(user.take(message(user, text)), true);
    assertEquals(textsOf(user), ["a", "b", "c"]);
    user.outlet.framesWritten = 2; // the answer and a
    user.onWritten();
    assertEquals(textsOf(user), ["b", "c"]);
    user.outlet.isBehind = true;
    user.take(message(user, "d"));
    user.outlet.takes = false;
    assertEquals(user.take(message(user, "e")), false);
    assertEquals(textsOf(user), ["b", "c", "d"], "what was refused is the sender's");
    user.outlet.framesWritten = 5;
    assertEquals(textsOf(user), []);
  }));

Deno.test("User: a guest keeps nothing, and what is only sent is kept by nobody", async () => {
  const guest = new FakeUser("eve");
  guest.take(message(guest, "a"));
  assertEquals(guest.unwritten(), []);
  await account("bob", (user) => {
    user.send('{"response":100}\n');
    assertEquals(user.unwritten(), []);
  });
});
