import { assertEquals } from "@std/assert";

import { alreadyOnline, blocked, blockedSentence } from "../../../server/events/refusals.ts";
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
