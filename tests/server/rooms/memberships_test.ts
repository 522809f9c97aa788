import { assertEquals } from "@std/assert";

import { Memberships } from "../../../server/rooms/memberships.ts";
import { Room } from "../../../server/rooms/room.ts";
import { StoreError, StoreFullError } from "../../../server/store/store.ts";
import { fakeAccount, FakeUser } from "../../support/fake_user.ts";
import { MemoryRooms } from "../../support/memory_rooms.ts";
import { openedRoom } from "../../support/stored_room.ts";
import { RecordingLog } from "../../support/recording_log.ts";

const LASTING = new Room("#dev", openedRoom({ id: 7 }));

Deno.test("Memberships: accounts in rooms that last, from coming until leaving for good", async () => {
  const store = new MemoryRooms();
  const memberships = new Memberships(store, new RecordingLog());
  await memberships.begin(fakeAccount("Eve"), LASTING);
  await memberships.begin(new FakeUser("guest"), LASTING);
  await memberships.begin(fakeAccount("Eve"), new Room("#guests"));
  assertEquals([...store.members], ["eve 7"]);
  assertEquals(memberships.end(new FakeUser("eve"), LASTING), undefined);
  assertEquals(memberships.end(fakeAccount("eve"), new Room("#guests")), undefined);
  await memberships.end(fakeAccount("eve"), LASTING);
  assertEquals([...store.members], []);
});

Deno.test("Memberships: a store that fails keeps nobody out; the log says so, unless it is only full", async () => {
  const log = new RecordingLog();
  const store = new MemoryRooms();
  const memberships = new Memberships(store, log);
  store.remember = () => Promise.reject(new StoreFullError("full"));
  await memberships.begin(fakeAccount("eve"), LASTING);
  assertEquals(log.records.length, 0);
  store.remember = () => Promise.reject(new StoreError("disk on fire"));
  await memberships.begin(fakeAccount("eve"), LASTING);
  assertEquals(log.records.map(({ message }) => message), ["member not remembered"]);
});
