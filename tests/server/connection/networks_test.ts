import { assert, assertEquals } from "@std/assert";

import { type Network, Networks } from "../../../server/connection/networks.ts";
import { Turns } from "../../../server/connection/turns.ts";
import { FakeClock } from "../../support/fake_clock.ts";

/** Networks with a budget of 100 bytes a second, on a clock. */
function world(): { clock: FakeClock; networks: Networks; come(address: string): Network } {
  const clock = new FakeClock();
  const networks = new Networks({ bytesPerSecond: 100, clock, turns: new Turns({ clock }) });
  const come = (address: string): Network => {
    const network = networks.of(address);
    networks.enter(network);
    return network;
  };
  return { clock, networks, come };
}

Deno.test("Networks: one for all connections of a network, however their addresses are spelt", () => {
  const { networks, come } = world();
  const [one, two] = [come("2001:db8::1"), come("[2001:DB8:0:0:ffff::2]")];
  assert(one === two && one !== come("2001:db8:0:1::1"));
  assertEquals([one.key, one.connections, networks.size], ["2001:db8:0:0::/64", 2, 2]);
});

Deno.test("Networks: one that has used nothing of its budget is forgotten with its last connection", () => {
  const { networks, come } = world();
  const network = come("192.0.2.1");
  come("192.0.2.1");
  networks.leave(network);
  assertEquals(networks.size, 1);
  networks.leave(network);
  assertEquals(networks.size, 0);
});

Deno.test("Networks: coming again refills no budget", () => {
  const { clock, networks, come } = world();
  const network = come("192.0.2.1");
  network.work.spend(1_500);
  networks.leave(network);
  clock.advance(5_000);
  assert(come("::ffff:192.0.2.1") === network && !network.work.isOpen);
  networks.leave(network);
  clock.advance(10_000);
  networks.leave(come("192.0.2.2"));
  assertEquals(networks.size, 0, "once it is full, it is forgotten as soon as another one leaves");
});

Deno.test("Networks: at most 10 000 are remembered without a connection", () => {
  const { networks, come } = world();
  const stays = come("198.51.100.1");
  for (let n = 0; n < 10_100; n++) {
    const network = come(`10.0.${n >> 8}.${n & 255}`);
    network.work.spend(1_000_000);
    networks.leave(network);
  }
  assertEquals(networks.size, 10_001);
  assert(networks.of("198.51.100.1") === stays);
});
