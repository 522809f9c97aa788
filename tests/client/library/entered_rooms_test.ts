import { assertEquals } from "@std/assert";

import { Connection } from "../../../client/library/connection.ts";
import { EnteredRooms } from "../../../client/library/entered_rooms.ts";
import { FakeConn } from "../../support/fake_conn.ts";
import { settle } from "../../support/settle.ts";

/** Rooms whose server is in the test's hands; rooms that end in "2" are entered behind number 2. */
function fixture(): {
  rooms: EnteredRooms;
  told: string[];
  connect: () => { link: FakeConn; connection: Connection };
} {
  const told: string[] = [];
  const rooms = new EnteredRooms({
    entering: (room) => room.endsWith("2") ? 2 : undefined,
    onReturn: (room, { after, refused }) => told.push(`${room} ${after} ${refused?.error}`),
    onLost: (room, { code }) => told.push(`lost ${room} ${code}`),
  });
  const connect = (): { link: FakeConn; connection: Connection } => {
    const link = new FakeConn();
    return { link, connection: new Connection(link, { onEvent: () => {}, onEnd: () => {} }) };
  };
  return { rooms, told, connect };
}

Deno.test("all rooms are entered; those for which there was no answer are entered again, and no others", async () => {
  const { rooms, told, connect } = fixture();
  const [first, second] = [connect(), connect()];
  for (const room of ["#Dev", "#tea2", "#gone"]) rooms.entered(room.toLowerCase(), room);
  rooms.enterMissing(first.connection);
  await settle();
  assertEquals([first.link.frames, rooms.names], [[], ["#Dev", "#tea2", "#gone"]]);
  rooms.enterAll(first.connection);
  first.link.feedFrames({ response: 200 });
  await settle();
  assertEquals(first.link.frames, [
    { event: "join", room: "#Dev" },
    { event: "join", room: "#tea2", after: 2 },
    { event: "join", room: "#gone" },
  ]);
  rooms.left("#GONE");
  first.connection.close();
  rooms.enterMissing(second.connection);
  await settle();
  assertEquals(second.link.frames, [{ event: "join", room: "#tea2", after: 2 }]);
  assertEquals(told, ["#Dev undefined undefined", "#tea2 2 undefined"]);
  second.connection.close();
});

Deno.test("a number that is refused is left out; a room that is refused is lost", async () => {
  const { rooms, told, connect } = fixture();
  const { link, connection } = connect();
  for (const room of ["#a2", "#b2"]) rooms.entered(room, room);
  rooms.enterAll(connection);
  link.feedFrames({ response: 403, error: "no history" }, { response: 404, error: "no" });
  await settle();
  link.feedFrames({ response: 200 }, { response: 404, error: "no" });
  await settle();
  assertEquals(told, ["#a2 undefined no history", "lost #b2 404"]);
  assertEquals(rooms.names, ["#a2"]);
  connection.close();
});

Deno.test("a room that was left before the answer came is left again", async () => {
  const { rooms, told, connect } = fixture();
  const { link, connection } = connect();
  rooms.entered("#dev", "#dev");
  rooms.enterAll(connection);
  rooms.left("#dev");
  link.feedFrames({ response: 200 });
  await settle();
  assertEquals(link.frames.slice(1), [{ event: "leave", room: "#dev" }]);
  assertEquals(told, []);
  connection.close();
});
