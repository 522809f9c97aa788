import { assertEquals, assertRejects } from "@std/assert";

import {
  exchange,
  type HttpAnswer,
  type HttpRequest,
} from "../../../server/metrics/http_exchange.ts";
import { FakeConn } from "../../support/fake_conn.ts";

const BODY = "well\n";

/** What was asked and what was answered where a peer says these words, one piece after the other. */
async function said(
  ...pieces: string[]
): Promise<{ requests: HttpRequest[]; answer: string; conn: FakeConn }> {
  const conn = new FakeConn();
  const requests: HttpRequest[] = [];
  for (const piece of pieces) conn.feed(piece);
  conn.end();
  const answer = (request: HttpRequest): Promise<HttpAnswer> => {
    requests.push(request);
    return Promise.resolve({ status: 200, body: BODY });
  };
  await exchange(conn, answer, () => 0);
  return { requests, answer: conn.writes.join(""), conn };
}

Deno.test("a request is answered, with all that HTTP wants, and the connection ends", async () => {
  const { requests, answer, conn } = await said("GET /metrics?a=/b HTTP/1.1\r\nHost: a\r\n\r\n");
  assertEquals(requests, [{ method: "GET", path: "/metrics" }]);
  assertEquals(
    answer,
    "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 5\r\n" +
      `date: Thu, 01 Jan 1970 00:00:00 GMT\r\nconnection: close\r\n\r\n${BODY}`,
  );
  assertEquals(conn.isWriteClosed, true);
});

Deno.test("HEAD is answered with the length of a body, and none", async () => {
  const { answer } = await said("HEAD / HTTP/1.1\r\n\r\n");
  assertEquals([answer.includes("content-length: 5\r\n"), answer.endsWith("\r\n\r\n")], [
    true,
    true,
  ]);
});

Deno.test("a request may come in any pieces, with LF alone, from a proxy, of HTTP/1.0, with a body", async () => {
  const requests = [
    ["G", "ET / HT", "TP/1.1\r\n\r", "\n"],
    ["GET / HTTP/1.0\n\n"],
    ["GET http://a:1/?b HTTP/1.1\r\nHost: [\r\n\r\n"],
    ["GET / HTTP/1.1\r\ncontent-length: 3\r\n\r\n", "abc"],
  ];
  for (const pieces of requests) {
    assertEquals((await said(...pieces)).requests, [{ method: "GET", path: "/" }], pieces[0]);
  }
});

Deno.test("what is no request is 400, and so is one with endless headers", async () => {
  const wrong = [
    "hello\r\n\r\n",
    "GET / HTTP/2.0\r\n\r\n",
    "GET x HTTP/1.1\r\n\r\n",
    "\r\n\r\n",
    `GET / HTTP/1.1\r\nx: ${"y".repeat(16_384)}`,
  ];
  for (const words of wrong) {
    const { requests, answer } = await said(words);
    assertEquals([requests, answer.split("\r\n")[0]], [[], "HTTP/1.1 400 Bad Request"], words);
  }
});

Deno.test("who hangs up before the end of a request gets no answer", async () => {
  for (const words of ["", "GET / HTTP/1.1\r\n"]) {
    assertEquals((await said(words)).answer, "");
  }
});

Deno.test("a connection that fails is the caller's to know", async () => {
  const conn = new FakeConn();
  const done = exchange(conn, () => Promise.resolve({ status: 200, body: BODY }), () => 0);
  conn.reset();
  await assertRejects(() => done, Deno.errors.ConnectionReset);
});
