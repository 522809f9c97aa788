import { assertEquals, assertRejects } from "@std/assert";

import { Connection } from "../../../client/library/connection.ts";
import { ConnectionLostError } from "../../../client/library/errors.ts";
import { OutstandingRequests } from "../../../client/library/outstanding_requests.ts";
import type { Request, Response } from "../../../common/wire/protocol.ts";
import { FakeConn } from "../../support/fake_conn.ts";
import { settle } from "../../support/settle.ts";

/** A connection whose far end is in the test's hands. */
function connect(): { link: FakeConn; connection: Connection } {
  const link = new FakeConn();
  const connection = new Connection(link, { onEvent: () => {}, onEnd: () => {} });
  return { link, connection };
}

const codeOf = (response: Response): number => response.response;

Deno.test("a request waits for a connection, and goes out once on each", async () => {
  const requests = new OutstandingRequests(() => true);
  const first = requests.add({ event: "who", id: 1 }, codeOf, undefined);
  const one = connect();
  requests.transmit(one.connection);
  const second = requests.add({ event: "who", id: 2 }, codeOf, one.connection);
  requests.transmit(one.connection);
  await settle();
  assertEquals(one.link.frames.map(({ id }) => id), [1, 2]);
  one.link.feedFrames({ response: 200, id: 1 });
  assertEquals([await first, requests.size], [200, 1]);
  one.connection.close();

  const two = connect();
  requests.transmit(two.connection);
  await settle();
  assertEquals(two.link.frames.map(({ id }) => id), [2]);
  two.link.feedFrames({ response: 404, id: 2, error: "no" });
  assertEquals([await second, requests.size], [404, 0]);
  two.connection.close();
});

Deno.test("without repetition a lost connection rejects its requests, and no others", async () => {
  const requests = new OutstandingRequests(() => false);
  const { connection } = connect();
  const sent = requests.add({ event: "who", id: 1 }, codeOf, connection);
  const waiting = requests.add({ event: "who", id: 2 }, codeOf, undefined);
  connection.close();
  await assertRejects(() => sent, ConnectionLostError);
  assertEquals(requests.size, 1);
  requests.rejectAll(new Error("over"));
  await assertRejects(() => waiting, Error, "over");
  assertEquals(requests.size, 0);
});

Deno.test("what reading the response throws rejects the request alone", async () => {
  const requests = new OutstandingRequests(() => true);
  const { link, connection } = connect();
  const refused = requests.add({ event: "who", id: 1 }, () => {
    throw new Error("refused");
  }, connection);
  const answered = requests.add({ event: "who", id: 2 }, codeOf, connection);
  link.feedFrames({ response: 403, id: 1 }, { response: 200, id: 2 });
  await assertRejects(() => refused, Error, "refused");
  assertEquals(await answered, 200);
  connection.close();
});

Deno.test("an aborted request that has not gone out never will", async () => {
  const requests = new OutstandingRequests(() => true);
  const abort = new AbortController();
  const aborted = requests.add({ event: "who", id: 1 }, codeOf, undefined, abort.signal);
  abort.abort(new Error("enough"));
  await assertRejects(() => aborted, Error, "enough");
  const { link, connection } = connect();
  requests.transmit(connection);
  await settle();
  assertEquals([link.frames, requests.size], [[], 0]);
  connection.close();
});

Deno.test("the length of the messages that have no answer is known", async () => {
  const requests = new OutstandingRequests(() => true);
  const { link, connection } = connect();
  const abort = new AbortController();
  const msg = { event: "msg", to: "bob" } as const;
  const sent = requests.add({ ...msg, message: "12345", id: 1 }, codeOf, connection);
  const aborted = requests.add({ ...msg, message: "123" }, codeOf, undefined, abort.signal);
  const waiting = requests.add({ ...msg, message: "1234567" }, codeOf, undefined);
  requests.add({ event: "who", id: 2 }, codeOf, connection).catch(() => {});
  assertEquals([requests.size, requests.units], [4, 15]);
  const edit = { event: "edit", to: "bob", seq: 1, message: "1234" } as const;
  const editing = new AbortController();
  requests.add(edit, codeOf, undefined, editing.signal).catch(() => {});
  assertEquals([requests.size, requests.units], [5, 19]);
  editing.abort();
  abort.abort(new Error("enough"));
  await assertRejects(() => aborted, Error, "enough");
  link.feedFrames({ response: 200, id: 1 });
  await sent;
  assertEquals(requests.units, 7);
  requests.rejectAll(new Error("over"));
  await assertRejects(() => waiting, Error, "over");
  assertEquals(requests.units, 0);
  connection.close();
});

Deno.test("what is asked about a room does not overtake a message to it that is held back", async () => {
  const requests = new OutstandingRequests(() => true);
  const { link, connection } = connect();
  requests.transmit(connection, (room) => room === "#dev");
  const ask = (request: Request): void => {
    requests.add(request, codeOf, connection).catch(() => {});
  };
  ask({ event: "msg", to: "#dev", message: "hi", id: 1 });
  ask({ event: "history", with: "#Dev", id: 2 });
  ask({ event: "edit", to: "#dev", seq: 4, message: "ho", id: 3 });
  ask({ event: "read", with: "bob", seq: 4, id: 4 });
  ask({ event: "delete", to: "#tea", seq: 4, id: 5 });
  await settle();
  assertEquals(link.frames.map(({ id }) => id), [4, 5]);
  requests.transmit(connection);
  await settle();
  assertEquals(link.frames.map(({ id }) => id), [4, 5, 1, 2, 3]);
  connection.close();
});
