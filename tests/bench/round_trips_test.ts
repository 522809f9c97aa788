import { assertEquals } from "@std/assert";

import { measureRoundTrips, percentiles } from "../../bench/round_trips.ts";
import { TestServer } from "../support/server_fixture.ts";

Deno.test("percentiles are by value, whatever the order, and of one value it is all three", () => {
  const values = Array.from({ length: 100 }, (_, n) => 100 - n);
  assertEquals(
    percentiles(values),
    "round trip of others: p50 51.00 ms, p99 100.00 ms, max 100.00 ms",
  );
  assertEquals(percentiles([7]), "round trip of others: p50 7.00 ms, p99 7.00 ms, max 7.00 ms");
});

Deno.test("round trips are those of messages between two users", async () => {
  await using server = new TestServer();
  const trips = await measureRoundTrips(server.address, 0.01);
  assertEquals(trips.length > 0 && trips.every((ms) => ms > 0 && ms < 5_000), true);
});
