import { assertEquals } from "@std/assert";

import { history } from "../../../server/events/history.ts";
import { join } from "../../../server/events/join.ts";
import { search } from "../../../server/events/search.ts";
import { withAccount } from "../../support/account_user.ts";
import { enterRoom } from "../../support/enter_room.ts";
import { answerOf, withHouse } from "../../support/house.ts";
import { storeWith } from "../../support/store_with.ts";

Deno.test("history, join and search ask in the name of the network, however many names it has", () => {
  const askers: unknown[] = [];
  return withHouse({
    storeFor: (store) =>
      storeWith(store, {
        listMessages(conversation, page) {
          askers.push(page.asker);
          return store.listMessages(conversation, page);
        },
        search(what) {
          askers.push(what.asker);
          return store.search(what);
        },
      }),
  }, async (house) => {
    const { context } = house;
    const eve = await withAccount(house, "eve");
    const { room } = await enterRoom(context.rooms, eve, "#dev");
    await context.delivery.toRoom(eve, room, { event: "msg", to: "#dev", message: "hello" });
    for (const name of ["bob", "ann"]) {
      const guest = house.come(name);
      guest.outlet.network = "2001:db8::/64";
      const requests = [
        () => join.handle(context, guest, { event: "join", room: "#dev", history: 1 }),
        () => history.handle(context, guest, { event: "history", with: "#dev" }),
        () => search.handle(context, guest, { event: "search", text: "hello" }),
      ];
      for (const request of requests) assertEquals((await answerOf(request())).code, 200);
    }
    assertEquals(askers, Array(6).fill("2001:db8::/64"));
  });
});
