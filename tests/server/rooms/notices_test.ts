import { assertEquals } from "@std/assert";

import {
  joinedNotice,
  leftNotice,
  removedNotice,
  topicNotice,
} from "../../../server/rooms/notices.ts";
import { Room } from "../../../server/rooms/room.ts";
import { FakeUser } from "../../support/fake_user.ts";

Deno.test("notices name the room and the person as typed, for people and for programs", () => {
  const [room, eve] = [new Room("#Dev"), new FakeUser("Eve")];
  const frame = { response: 100, time: 7, room: "#Dev" };
  assertEquals(joinedNotice(room, eve, 7), { ...frame, alert: "Eve joined #Dev", joined: "Eve" });
  assertEquals(leftNotice(room, eve, 7), { ...frame, alert: "Eve left #Dev", left: "Eve" });
  assertEquals(topicNotice(room, "tea", eve, 7), {
    ...{ ...frame, alert: "Eve set the topic of #Dev: tea" },
    ...{ topic: "tea", by: "Eve" },
  });
  assertEquals(topicNotice(room, "", eve, 7), {
    ...{ ...frame, alert: "Eve cleared the topic of #Dev" },
    ...{ topic: "", by: "Eve" },
  });
  assertEquals(removedNotice(room, eve, 7), {
    ...{ ...frame, alert: "Eve removed #Dev" },
    ...{ remove: true, by: "Eve" },
  });
});
