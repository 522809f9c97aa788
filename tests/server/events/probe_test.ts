import { assertEquals } from "@std/assert";

import { probe } from "../../../server/events/probe.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import { withHouse } from "../../support/house.ts";

Deno.test("probe: the link works, also for who is not online, and nothing else happens", () =>
  withHouse({}, ({ context, log }) => {
    const peer = new FakePeer();
    const answer = probe.handle(context, peer, { event: "probe" });
    assertEquals(answer, { code: 200, sentence: "The link works" });
    assertEquals([peer.frames, log.records], [[], []]);
  }));
