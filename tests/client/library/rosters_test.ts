import { assertEquals } from "@std/assert";

import { Rosters } from "../../../client/library/rosters.ts";
import type { Notice } from "../../../common/wire/protocol.ts";

const notice = (what: Partial<Notice>, room = "#Dev"): Notice => ({
  ...{ response: 100, time: 1, alert: "", room },
  ...what,
});

/** Eve is in #dev, where bob and kim are. */
function setUp(maxUnits?: number): {
  rosters: Rosters;
  news: (what: Partial<Notice>, room?: string) => Partial<Notice> | undefined;
} {
  const rosters = new Rosters({
    ownName: () => "Eve",
    ...(maxUnits === undefined ? {} : { maxUnits }),
  });
  rosters.entered("#dev", ["Bob", "Eve", "kim"]);
  return {
    rosters,
    news: (what, room) => {
      const news = rosters.newsOf(notice(what, room));
      if (news === undefined) return undefined;
      const { response: _, time: __, alert: ___, room: ____, ...rest } = news;
      return rest;
    },
  };
}

Deno.test("Rosters: of a list, the own name and who is known to be in already are no news", () => {
  const { news } = setUp();
  assertEquals(news({ joined: ["bob", "zoe", "EVE", "Kim", "ann"] }), { joined: ["zoe", "ann"] });
  assertEquals(news({ joined: ["zoe", "eve", "ann"] }), undefined);
  assertEquals(news({ left: ["zoe", "bob"] }), { left: ["zoe", "bob"] });
  assertEquals(news({ left: ["zoe", "bob", "nobody"] }), undefined);
  assertEquals(news({ joined: ["zoe"] }), { joined: ["zoe"] });
  assertEquals(news({ left: ["eve"] }), undefined);
});

Deno.test("Rosters: what is told of one alone is news, and counts for the lists that follow", () => {
  const { news } = setUp();
  assertEquals(news({ joined: "zoe" }), { joined: "zoe" });
  assertEquals(news({ joined: ["zoe", "ann"] }), { joined: ["ann"] });
  assertEquals(news({ left: "bob" }), { left: "bob" });
  assertEquals(news({ left: ["bob"] }), undefined);
  assertEquals(news({ left: "eve" }), { left: "eve" });
  assertEquals(news({ topic: "tea", by: "bob" }), { topic: "tea", by: "bob" });
});

Deno.test("Rosters: of a room that is not entered all is news but the own name, and so of one that was left", () => {
  const { rosters, news } = setUp();
  assertEquals(news({ joined: ["bob", "eve"] }, "#tea"), { joined: ["bob"] });
  assertEquals(news({ left: ["bob"] }, "#tea"), { left: ["bob"] });
  rosters.left("#DEV");
  assertEquals(news({ joined: ["bob"] }), { joined: ["bob"] });
  rosters.entered("#dev", ["eve", "zoe"]);
  assertEquals(news({ joined: ["bob", "zoe"] }), { joined: ["bob"] });
});

Deno.test("Rosters: more names than have a place are forgotten: then all is news", () => {
  const { rosters, news } = setUp(10 * 40);
  assertEquals(news({ joined: ["bob"] }), undefined);
  assertEquals(
    news({ joined: Array.from({ length: 20 }, (_, n) => `user ${n}`) })!.joined!.length,
    20,
  );
  assertEquals(news({ joined: ["bob", "user 1"] }), { joined: ["bob", "user 1"] });
  // There is a place again, for a smaller one.
  rosters.entered("#dev", ["bob"]);
  assertEquals(news({ joined: ["bob"] }), undefined);
  // What comes and goes takes none.
  for (let n = 0; n < 1_000; n++) {
    assertEquals(news({ joined: ["ann"] }), { joined: ["ann"] });
    assertEquals(news({ left: ["ann"] }), { left: ["ann"] });
  }
  assertEquals(news({ joined: ["bob"] }), undefined);
});
