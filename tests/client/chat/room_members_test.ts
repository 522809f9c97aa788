import { assertEquals } from "@std/assert";

import { RoomMembers } from "../../../client/chat/room_members.ts";
import { settle } from "../../support/settle.ts";

Deno.test("who is in a room is what was told last; names are the same whatever their case", () => {
  const members = new RoomMembers({ isOnline: false, who: () => Promise.reject(new Error()) });
  members.moved("#dev", ["early"], []); // of a room about which nothing is known
  assertEquals(members.of("#dev"), []);
  members.set("#Dev", ["ann", "bob"]);
  members.moved("#dev", ["kim"], []);
  members.moved("#DEV", [], ["BOB"]);
  assertEquals([members.of("#dev"), members.has("#dev", "ANN")], [["ann", "kim"], true]);
  assertEquals([members.has("#dev", "bob"), members.has("#ops", "ann")], [false, false]);
  members.set("#ops", ["zoe"]);
  members.forget("#dev");
  assertEquals([members.of("#dev"), members.of("#ops")], [[], ["zoe"]]);
  members.forget();
  assertEquals(members.of("#ops"), []);
});

Deno.test("a room about which nothing is known is asked for, once; a refusal does no harm", async () => {
  const asked: string[] = [];
  const members = new RoomMembers({
    isOnline: true,
    who: (room = "") => {
      asked.push(room);
      if (room === "#ops") return Promise.reject(new Error("not in"));
      return Promise.resolve({ users: [{ account_name: "ann", status: "" }], total: 1 });
    },
  });
  members.learn("#dev");
  members.learn("#Dev");
  members.learn("#ops");
  await settle();
  members.learn("#dev");
  assertEquals([asked, members.of("#dev"), members.of("#ops")], [["#dev", "#ops"], ["ann"], []]);
});
