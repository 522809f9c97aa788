import { assertEquals } from "@std/assert";

import type { Answer, Commit } from "../../../server/answer.ts";
import { whois } from "../../../server/events/whois.ts";
import { RemoteUser } from "../../../server/people/remote_user.ts";
import { Router } from "../../../server/router.ts";
import { enterRoom } from "../../support/enter_room.ts";
import { withHouse } from "../../support/house.ts";

const PERSON = { isAccount: false, session: "s", network: "", status: "busy", moves: 0 };

Deno.test("whois: it is paid for by its size, as who is (--work)", () =>
  withHouse({}, ({ context }) => {
    const router = new Router(context);
    assertEquals(router.isCostly({ event: "whois", user: "eve" }), true);
    return Promise.resolve();
  }));

Deno.test("whois: the answer is as things are when it is put out, not when the store was asked", () =>
  withHouse({}, async ({ context, come }) => {
    const eve = come("eve");
    await context.store.rememberName("bob", "Bob");
    const commit = await whois.handle(context, eve, { event: "whois", user: "bob" }) as Commit;
    const bob = come("bob");
    await enterRoom(context.rooms, eve, "#dev");
    await enterRoom(context.rooms, bob, "#dev");
    const { code, extras } = commit();
    const { online, rooms } = extras as { online: boolean; rooms: string[] };
    assertEquals([code, online, rooms], [200, true, ["#dev"]]);
  }));

Deno.test("whois: somebody on another node, of an older version that does not tell since when", () =>
  withHouse({}, async ({ context, come }) => {
    const eve = come("eve");
    const told = async (person: object): Promise<Answer["extras"]> => {
      const user = new RemoteUser("b", { ...PERSON, name: "Bob", ...person });
      context.registry.add(user);
      const commit = await whois.handle(context, eve, { event: "whois", user: "bob" }) as Commit;
      const { extras } = commit();
      context.registry.remove(user);
      return extras;
    };
    const known = { account_name: "Bob", account: false, online: true, status: "busy", rooms: [] };
    assertEquals(await told({}), known);
    assertEquals(await told({ since: 123, away: "tea" }), { ...known, since: 120, away: "tea" });
  }));
