import { assertEquals } from "@std/assert";

import { KnownNames } from "../../../client/chat/known_names.ts";
import type { WhoAnswer } from "../../../client/library/options.ts";

/** Answers `who` when it is told to. */
class FakeClient {
  isOnline = true;
  asked = 0;
  answer = Promise.withResolvers<WhoAnswer>();

  who(): Promise<WhoAnswer> {
    this.asked++;
    return this.answer.promise;
  }
}

Deno.test("a name is known once, in its last spelling, until it leaves", () => {
  const names = new KnownNames(new FakeClient());
  names.add(["bob", "Eve"]);
  names.add(["BOB"]);
  assertEquals(names.all, ["BOB", "Eve"]);
  names.delete("eve");
  assertEquals(names.all, ["BOB"]);
});

Deno.test("spellings that fold to the same are one name", () => {
  const names = new KnownNames(new FakeClient());
  names.add(["Αίας", "αίασ", "ǰ", "J\u030c"]);
  assertEquals(names.all, ["αίασ", "J\u030c"]);
  names.delete("ΑΊΑΣ");
  assertEquals(names.all, ["J\u030c"]);
});

Deno.test("the server is asked once at a time, and not while there is no connection", async () => {
  const client = new FakeClient();
  const names = new KnownNames(client);
  const learning = [names.learn(), names.learn()];
  client.answer.resolve({ users: [{ account_name: "bob", status: "" }], total: 1 });
  await Promise.all(learning);
  assertEquals([client.asked, names.all], [1, ["bob"]]);
  client.isOnline = false;
  await names.learn();
  assertEquals(client.asked, 1);
});

Deno.test("a server that does not answer costs no more than a few names", async () => {
  const client = new FakeClient();
  const names = new KnownNames(client);
  client.answer.reject(new Error("lost"));
  await names.learn();
  await names.learn();
  assertEquals([client.asked, names.all], [2, []]);
});

Deno.test("of ever new names the oldest are forgotten", () => {
  const names = new KnownNames(new FakeClient());
  names.add(Array.from({ length: 200_000 }, (_, i) => `bob${i}`));
  const { all } = names;
  assertEquals([all.length, all[0], all.at(-1)], [10_000, "bob190000", "bob199999"]);
});

Deno.test("who is here goes first, then who has spoken last; of these nobody is forgotten too late", () => {
  const names = new KnownNames(new FakeClient());
  for (const name of ["bob", "zoe", "Kim", "BOB"]) names.spoke(name);
  assertEquals(names.likeliest([]), ["BOB", "Kim", "zoe"]);
  assertEquals(names.likeliest(["kim", "eve", "ann", "zoe"]), ["Kim", "zoe", "ann", "eve", "BOB"]);
  assertEquals(names.all, [], "to have spoken is not to be there");
  for (let i = 0; i < 600; i++) names.spoke(`user${i}`);
  const likely = names.likeliest([]);
  assertEquals([likely.length, likely[0], likely.at(-1)], [500, "user599", "user100"]);
});
