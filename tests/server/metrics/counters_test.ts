import { assertEquals } from "@std/assert";

import { Counters } from "../../../server/metrics/counters.ts";

Deno.test("answers are counted by event and code, each server's by itself", () => {
  const [counters, other] = [new Counters(), new Counters()];
  counters.answered("msg", 200);
  counters.answered("invalid", 400);
  counters.answered("msg", 200);
  counters.answered("msg", 410);
  assertEquals([...counters.answers()], [
    { event: "msg", code: "200", count: 2 },
    { event: "msg", code: "410", count: 1 },
    { event: "invalid", code: "400", count: 1 },
  ]);
  assertEquals([...other.answers()], []);
});
