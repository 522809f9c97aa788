import { assertEquals } from "@std/assert";

import { NameTurns } from "../../../server/rooms/name_turns.ts";

Deno.test("NameTurns: one after the other for each name, in the order of the calls; other names do not wait", async () => {
  const turns = new NameTurns();
  const story: string[] = [];
  const begin = async (name: string, what: string): Promise<Disposable> => {
    const turn = await turns.take(name);
    story.push(what);
    return turn;
  };
  const first = await begin("#a", "a1");
  const [second, third] = [begin("#a", "a2"), begin("#a", "a3")];
  const other = await begin("#b", "b1");
  assertEquals([story, turns.size], [["a1", "b1"], 2]);
  first[Symbol.dispose]();
  const held = await second;
  assertEquals(story, ["a1", "b1", "a2"]);
  held[Symbol.dispose]();
  held[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  other[Symbol.dispose]();
  assertEquals([story, turns.size], [["a1", "b1", "a2", "a3"], 0]);
  (await begin("#a", "a4"))[Symbol.dispose]();
  assertEquals(turns.size, 0);
});
