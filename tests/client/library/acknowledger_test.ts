import { assertEquals } from "@std/assert";

import { Acknowledger } from "../../../client/library/acknowledger.ts";
import { Connection } from "../../../client/library/connection.ts";
import { FakeConn } from "../../support/fake_conn.ts";
import { settle } from "../../support/settle.ts";

/** A connection whose far end is in the test's hands. */
function connect(): { link: FakeConn; connection: Connection } {
  const link = new FakeConn();
  const connection = new Connection(link, { onEvent: () => {}, onEnd: () => {} });
  return { link, connection };
}

Deno.test("one request at a time acknowledges all that was dealt with meanwhile", async () => {
  const { link, connection } = connect();
  const acknowledger = new Acknowledger();
  acknowledger.acknowledge(1); // there is no connection: it will come again
  acknowledger.attach(connection);
  for (const stored of [3, 4]) acknowledger.acknowledge(stored);
  await settle();
  for (const stored of [7, 5]) acknowledger.acknowledge(stored);
  await settle();
  assertEquals(link.frames, [{ event: "ack", stored: 4 }]);
  link.feedFrames({ response: 200 });
  await settle();
  assertEquals(link.frames.slice(1), [{ event: "ack", stored: 7 }]);
  link.feedFrames({ response: 200 });
  acknowledger.acknowledge(6);
  await settle();
  assertEquals(link.frames.length, 2);
  connection.close();
});

Deno.test("a new connection begins with its own numbers", async () => {
  const [first, second] = [connect(), connect()];
  const acknowledger = new Acknowledger();
  acknowledger.attach(first.connection);
  acknowledger.acknowledge(9);
  await settle();
  acknowledger.attach(second.connection);
  acknowledger.acknowledge(2);
  await settle();
  assertEquals(first.link.frames, [{ event: "ack", stored: 9 }]);
  assertEquals(second.link.frames, [{ event: "ack", stored: 2 }]);
  for (const { connection } of [first, second]) connection.close();
});
