import { assertEquals } from "@std/assert";

import { RecentMap } from "../../../server/rooms/recent_map.ts";

Deno.test("RecentMap: forgets what was set longest ago; setting anew makes the latest", () => {
  const map = new RecentMap<number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  map.set("c", 4);
  assertEquals([map.size, map.get("a"), map.get("b"), map.get("c")], [2, 3, undefined, 4]);
  assertEquals([...map.entries()], [["a", 3], ["c", 4]]);
  map.delete("a");
  map.delete("none");
  map.set("d", 5);
  assertEquals([...map.entries()], [["c", 4], ["d", 5]]);
});
