import { assertEquals } from "@std/assert";

import {
  alreadyOnline,
  blocked,
  blockedSentence,
  refused,
} from "../../../server/events/refusals.ts";
import { FakeUser } from "../../support/fake_user.ts";

Deno.test("refusals: a blocked user is told why, if there is a reason, and it is the last word", () => {
  assertEquals(blocked("spam"), {
    code: 403,
    sentence: "This user is blocked: spam",
    closes: true,
  });
  assertEquals(blockedSentence(""), "This user is blocked");
});

Deno.test("refusals: who is online is told under which name, as typed", () => {
  assertEquals(alreadyOnline(new FakeUser("Eve")), {
    code: 400,
    sentence: "user.account_name must be Eve: this connection is online under that name",
  });
});

Deno.test("refusals: what a room refuses is one sentence, and for programs why, for how long and what was said", () => {
  const cases: [Parameters<typeof refused>[1], string, object][] = [
    [
      { why: "banned", until: 7_150, reason: "spamming" },
      "You are banned from #dev for another 1 h 59 min: spamming",
      { retry: 7_140, reason: "spamming" },
    ],
    [{ why: "banned", until: undefined }, "You are banned from #dev for good", {}],
    [
      { why: "muted", until: 70.5 },
      "You are muted in #dev for another 1 min 1 s: you may listen, not speak",
      { retry: 61 },
    ],
    [{ why: "muted" }, "You are muted in #dev for good: you may listen, not speak", {}],
    [{ why: "private" }, "#dev is private: only who is invited may enter", {}],
    [{ why: "moderated" }, "#dev is moderated: only its owners and moderators may speak", {}],
    [
      { why: "slow", until: 10.2 },
      "#dev is in slow mode: you may speak again in 1 s",
      { retry: 1 },
    ],
    [
      { why: "slow", until: 9 }, // over in this very moment
      "#dev is in slow mode: you may speak again in 1 s",
      { retry: 1 },
    ],
    [{ why: "not-member" }, "You are not a member of #dev; join it first", {}],
    [{ why: "role" }, "You may do that only to those of a lower role in #dev", {}],
    [{ why: "role", needs: "owner" }, "Only an owner of #dev may do that", {}],
    [{ why: "role", needs: "moderator" }, "Only an owner or moderator of #dev may do that", {}],
    [
      { why: "passing" },
      "A guest has made #dev: it goes with its last member and cannot be changed",
      {},
    ],
  ];
  for (const [refusal, sentence, more] of cases) {
    const extras = { refused: refusal.why, ...more };
    assertEquals(refused("#dev", refusal, 10), { code: 403, sentence, extras });
  }
});
