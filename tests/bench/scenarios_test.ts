import { assert, assertEquals } from "@std/assert";

import { SCENARIOS } from "../../bench/scenarios.ts";
import { KEPT, UNKEPT } from "../../bench/kept/contestants.ts";
import { PROSODY, PROSODY_SQLITE } from "../../bench/kept/prosody.ts";
import { METERED } from "../../bench/metered.ts";
import { LINKED_PEERS } from "../../bench/nodes/linked_inspircd.ts";
import { KEPT_NODES, KEPT_NODES_R3, NODE, NODES, NODES_3 } from "../../bench/nodes/our_nodes.ts";
import { PEERS } from "../../bench/peers.ts";
import { HAPROXY, TLS } from "../../bench/tls/tls_servers.ts";
import { ANSWERING_RELAY, CONTROL, JIM, RELAY } from "../../bench/servers.ts";

Deno.test("scenarios have names of their own that --scenario can list", () => {
  const names = SCENARIOS.map(({ name }) => name);
  assertEquals([...new Set(names)], names);
  for (const name of names) assert(/^[a-z0-9]+$/.test(name), name);
});

/** Those that keep what is said, or are compared with that. */
const KEEPING = [KEPT, UNKEPT, PROSODY, PROSODY_SQLITE];
/** Several that are one. */
const SEVERAL = [NODE, NODES, NODES_3, KEPT_NODES, KEPT_NODES_R3, ...LINKED_PEERS];

Deno.test("where messages are kept, accounts and archives take part, and nobody else", () => {
  for (const scenario of SCENARIOS) {
    if (scenario.kind === "nodes") continue;
    const isKept = scenario.kind === "kept";
    for (const server of KEEPING) assertEquals(scenario.takes(server), isKept, server.title);
    for (const server of [JIM, RELAY, ANSWERING_RELAY, ...PEERS]) {
      if (isKept) assert(!scenario.takes(server), server.title);
    }
  }
});

Deno.test("each load of kept has a name of its own and says how much is in flight", () => {
  const loads = SCENARIOS.flatMap((scenario) => scenario.kind === "kept" ? scenario.loads : []);
  const titles = loads.map(({ title }) => title);
  assertEquals([...new Set(titles)], titles);
  for (const { title, inFlight, options: { pairs, window } } of loads) {
    assert(title.endsWith(` ${pairs}x${window}`), title);
    assertEquals(inFlight, Number(pairs) * Number(window));
  }
});

Deno.test("several nodes take part where they are measured, beside a server that is alone, and nowhere else", () => {
  for (const scenario of SCENARIOS) {
    const isNodes = scenario.kind === "nodes";
    for (const server of SEVERAL) assertEquals(scenario.takes(server), isNodes, server.title);
    if (!isNodes) continue;
    const alone = KEEPING.filter((server) => scenario.takes(server));
    assertEquals(alone, [KEPT]);
    const titles = scenario.loads.map(({ title }) => title);
    assertEquals([...new Set(titles)], titles);
    // What is left of those that take part is measured under some load: each load has one that is alone.
    for (const { title, pledges } of scenario.loads) {
      assertEquals([JIM, KEPT].filter(({ id }) => pledges[id] !== undefined).length, 1, title);
    }
  }
});

Deno.test("our server with other flags takes part where that is what is measured, and nowhere else", () => {
  for (const scenario of SCENARIOS) {
    const { name } = scenario;
    for (const server of [CONTROL, METERED]) {
      assertEquals(scenario.takes(server), name === "metrics");
    }
    for (const server of [TLS, HAPROXY]) assertEquals(scenario.takes(server), name === "tls");
  }
});

Deno.test("our server takes part in all others, relays only where nobody logs in", () => {
  for (const scenario of SCENARIOS) {
    if (scenario.kind === "kept") continue;
    assert(scenario.takes(JIM), scenario.name);
    const isPairs = scenario.kind === "rate" && scenario.load === "pairs";
    assertEquals([RELAY, ANSWERING_RELAY].map((relay) => scenario.takes(relay)), [
      isPairs,
      isPairs,
    ]);
    const isOursAlone = ["contrast", "hostile", "work", "variants", "nodes"].includes(
      scenario.kind,
    );
    assertEquals(PEERS.some((peer) => scenario.takes(peer)), !isOursAlone, scenario.name);
  }
});
