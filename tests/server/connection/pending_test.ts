import { assertEquals } from "@std/assert";

import { type Network, Networks } from "../../../server/connection/networks.ts";
import { type Newcomer, Pending } from "../../../server/connection/pending.ts";
import { Turns } from "../../../server/connection/turns.ts";
import { FakeClock } from "../../support/fake_clock.ts";

interface Named extends Newcomer {
  readonly name: string;
  isBusy: boolean;
}

/** Nobody is pending yet; `come` makes somebody, from the network that the name begins with. */
function lobby(): {
  pending: Pending<Named>;
  network(letter: string): Network;
  come(...names: string[]): Named[];
} {
  const clock = new FakeClock();
  const networks = new Networks({ bytesPerSecond: 0, clock, turns: new Turns({ clock }) });
  const network = (letter: string): Network => {
    const it = networks.of(letter);
    networks.enter(it);
    return it;
  };
  const pending = new Pending<Named>();
  const come = (...names: string[]): Named[] =>
    names.map((name) => {
      const newcomer: Named = {
        name,
        isBusy: false,
        network: network(name[0]!),
        isAtWork: () => newcomer.isBusy,
      };
      pending.add(newcomer);
      return newcomer;
    });
  return { pending, network, come };
}

Deno.test("Pending: counts each once, until it is online or gone", () => {
  const { pending, come } = lobby();
  const [a1, a2] = come("a1", "a2");
  pending.delete(a1!);
  pending.delete(a1!);
  assertEquals(pending.count, 1);
  pending.delete(a2!);
  assertEquals(pending.count, 0);
});

Deno.test("Pending: one too many is the oldest of the network with the most, or the newcomer if that is its own", () => {
  const { pending, network, come } = lobby();
  const [, b1] = come("a1", "b1", "b2", "b3", "a2", "c1");
  const chosenFor = (letter: string): string | undefined =>
    pending.oneTooMany(network(letter))?.name;
  assertEquals(["a", "b", "c", "d"].map(chosenFor), ["b1", undefined, "b1", "b1"]);
  pending.delete(b1!);
  assertEquals(["a", "b", "c", "d"].map(chosenFor), [undefined, undefined, "a1", "a1"]);
});

Deno.test("Pending: among networks with one each, the one that has waited longest goes for a newcomer", () => {
  const { pending, network, come } = lobby();
  come("a1", "b1", "c1");
  assertEquals(pending.oneTooMany(network("d"))?.name, "a1");
});

Deno.test("Pending: who is being logged in is spared, and if all are, those who have waited longest", () => {
  const { pending, network, come } = lobby();
  const [a1, a2, a3] = come("a1", "a2", "a3");
  a1!.isBusy = true;
  assertEquals(pending.oneTooMany(network("b"))?.name, "a2");
  a2!.isBusy = a3!.isBusy = true;
  assertEquals(pending.oneTooMany(network("b"))?.name, "a3");
  const crowd = lobby();
  const [c1, d1] = crowd.come("c1", "d1");
  c1!.isBusy = true;
  assertEquals(crowd.pending.oneTooMany(crowd.network("e"))?.name, "d1");
  d1!.isBusy = true;
  assertEquals(crowd.pending.oneTooMany(crowd.network("e"))?.name, "d1");
});
