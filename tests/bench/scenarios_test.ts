import { assert, assertEquals } from "@std/assert";

import { SCENARIOS } from "../../bench/scenarios.ts";
import { ANSWERING_RELAY, JIM, PEERS, RELAY } from "../../bench/servers.ts";

Deno.test("scenarios have names of their own that --scenario can list", () => {
  const names = SCENARIOS.map(({ name }) => name);
  assertEquals([...new Set(names)], names);
  for (const name of names) assert(/^[a-z0-9]+$/.test(name), name);
});

Deno.test("our server takes part in all, relays only where nobody logs in", () => {
  for (const scenario of SCENARIOS) {
    assert(scenario.takes(JIM), scenario.name);
    const isPairs = scenario.kind === "rate" && scenario.load === "pairs";
    assertEquals([RELAY, ANSWERING_RELAY].map((relay) => scenario.takes(relay)), [
      isPairs,
      isPairs,
    ]);
    const isOursAlone = scenario.kind === "contrast" || scenario.kind === "hostile";
    assertEquals(PEERS.some((peer) => scenario.takes(peer)), !isOursAlone, scenario.name);
  }
});
