import { assert, assertEquals } from "@std/assert";

import { close, hostAndPort, pause } from "../../../logs/handlers/collector_conn.ts";

Deno.test("hostAndPort puts an IPv6 address into brackets", () => {
  assertEquals(hostAndPort({ hostname: "logs.example", port: 7 }), "logs.example:7");
  assertEquals(hostAndPort({ hostname: "::1", port: 7 }), "[::1]:7");
});

Deno.test("close takes a connection that was closed before", () => {
  let closed = 0;
  const conn = {
    read: () => Promise.resolve(null),
    write: () => Promise.resolve(0),
    close: () => {
      if (closed++ > 0) throw new Deno.errors.BadResource();
    },
  };
  close(conn);
  close(conn);
  assertEquals(closed, 2);
});

Deno.test("pause ends with its time, or as soon as it is given up", async () => {
  const giveUp = new AbortController();
  const long = pause(600_000, giveUp.signal);
  // An unreferenced timer does not keep the process waiting, so that something else has to.
  const held = setTimeout(() => assert(false, "the pause did not end"), 10_000);
  await pause(1, giveUp.signal);
  giveUp.abort();
  await long;
  clearTimeout(held);
});
