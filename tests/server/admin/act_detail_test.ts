import { assertEquals } from "@std/assert";

import { actDetail } from "../../../server/admin/act_detail.ts";
import type { Act } from "../../../server/store/room_store.ts";

Deno.test("the particulars of an act in words", () => {
  const cases: [action: string, detail: Act["detail"] & object, words: string][] = [
    ["ban", { seconds: 7_200, reason: "spam" }, "for 2 h; spam"],
    ["ban", { reason: "" }, "for good"],
    ["mute", {}, "for good"],
    ["mute", { seconds: 0 }, "lifted"],
    ["kick", { reason: "enough" }, "enough"],
    ["kick", { reason: "" }, ""],
    ["invite", { on: true }, ""],
    ["invite", { on: false }, "taken back"],
    ["grant", { role: "owner" }, "owner"],
    ["room", { topic: "tea" }, "topic: tea"],
    [
      "room",
      { slow: 30, moderated: true, private: true },
      "private; moderated; one message in 30 s",
    ],
    [
      "room",
      { topic: "", private: false, moderated: false, slow: 0 },
      "no topic; not private; not moderated; no slow mode",
    ],
    ["invite", { uses: 2, days: 7, note: "course" }, "2 accounts; within 7 d; course"],
    ["invite", { uses: 1, days: 7, note: "" }, "1 account; within 7 d"],
    ["revoke", { id: 3 }, "ID 3"],
    ["block", { reason: "spam" }, "spam"],
  ];
  for (const [action, detail, words] of cases) assertEquals(actDetail({ action, detail }), words);
  assertEquals(actDetail({ action: "remove" }), "");
  assertEquals(actDetail({ action: "ban" }), "for good");
});
