import { assertEquals } from "@std/assert";

import { conversations, history } from "../../../server/events/history.ts";
import { join } from "../../../server/events/join.ts";
import { search } from "../../../server/events/search.ts";
import { withAccount } from "../../support/account_user.ts";
import { enterRoom } from "../../support/enter_room.ts";
import { answerOf, withHouse } from "../../support/house.ts";
import { storeWith } from "../../support/store_with.ts";

Deno.test("all that asks the archive does so for the network, however many names it has, and gives up with its connection", () => {
  const askers: unknown[] = [];
  const signals = new Set<AbortSignal | undefined>();
  return withHouse({
    storeFor: (store) =>
      storeWith(store, {
        listMessages(conversation, page) {
          askers.push(page.asker);
          signals.add(page.signal);
          return store.listMessages(conversation, page);
        },
        search(what) {
          askers.push(what.asker);
          signals.add(what.signal);
          return store.search(what);
        },
        listConversations(folded, limit, asking) {
          askers.push(asking?.asker);
          signals.add(asking?.signal);
          return store.listConversations(folded, limit, asking);
        },
      }),
  }, async (house) => {
    const { context } = house;
    const eve = await withAccount(house, "eve");
    const { room } = await enterRoom(context.rooms, eve, "#dev");
    await context.delivery.toRoom(eve, room, { event: "msg", to: "#dev", message: "hello" });
    const list = conversations.handle(context, eve, { event: "conversations" });
    assertEquals((await answerOf(list)).code, 200);
    assertEquals([askers.splice(0), [...signals]], [[eve.network], [eve.signal]]);
    for (const name of ["bob", "ann"]) {
      const guest = house.come(name);
      guest.outlet.network = "2001:db8::/64";
      const requests = [
        () => join.handle(context, guest, { event: "join", room: "#dev", history: 1 }),
        () => history.handle(context, guest, { event: "history", with: "#dev" }),
        () => search.handle(context, guest, { event: "search", text: "hello" }),
      ];
      signals.clear();
      for (const request of requests) assertEquals((await answerOf(request())).code, 200);
      assertEquals([...signals], [guest.signal]);
    }
    assertEquals(askers, Array(6).fill("2001:db8::/64"));
  });
});
