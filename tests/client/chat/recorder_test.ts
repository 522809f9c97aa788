import { assertEquals } from "@std/assert";

import { Recorder } from "../../../client/chat/recorder.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import type { Delivery } from "../../../common/wire/protocol.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { withKeptChat } from "../../support/start_chat.ts";

const NOON = Math.floor(new Date(2026, 0, 2, 12).getTime() / 1_000);

function start(): { recorder: Recorder; said: () => string[] } {
  const lines: string[] = [];
  const record = {
    add: (owner: string, name: string, line: string, at: Date): void => {
      lines.push(`${owner} ${name} ${at.getTime() / 1_000 - NOON} ${line}`);
    },
  };
  const clock = new FakeClock((NOON + 5) * 1_000);
  const recorder = new Recorder({ record, speaker: speakerOf("en"), clock });
  return { recorder, said: () => lines.splice(0) };
}

function delivery(more: Partial<Delivery> = {}): Delivery {
  return { event: "msg", time: NOON, to: "eve", from: "bob", message: "hi", ...more };
}

Deno.test("messages go to their conversation, own ones to the addressee's", () => {
  const { recorder, said } = start();
  recorder.message(delivery(), "eve", false);
  recorder.message(delivery({ to: "#dev", message: "one\ntwo" }), "eve", false);
  recorder.sent({ to: "bob", text: "hello" }, "eve");
  recorder.message(delivery({ kind: "action", message: "waves" }), "eve", false);
  recorder.message(delivery({ time: NaN }), "eve", true);
  assertEquals(said(), [
    "eve bob 0 [12:00:00] bob: hi",
    "eve #dev 0 [12:00:00] bob: one\ntwo",
    "eve bob 5 [12:00:05] eve: hello",
    "eve bob 0 [12:00:00] * bob waves",
    "eve bob 5 [--:--:--] bob: hi · came later",
  ]);
});

Deno.test("what comes a second time, as after an interruption, is there once", () => {
  const { recorder, said } = start();
  recorder.message(delivery({ seq: 1 }), "eve", false);
  recorder.message(delivery({ seq: 1, from: "Bob" }), "eve", true);
  recorder.message(delivery({ seq: 2 }), "eve", true);
  recorder.message(delivery({ seq: 1, time: NOON + 1 }), "eve", true); // a room that was made anew
  assertEquals(said().length, 3);
});

Deno.test("changes and deletions are lines", () => {
  const { recorder, said } = start();
  const known = { seq: 1, time: NOON - 60, from: "bob", message: "hi" };
  const change = { time: NOON, to: "#dev", from: "bob", seq: 1 };
  recorder.change({ event: "edit", ...change, message: "bye" }, known, "eve");
  recorder.change({ event: "delete", ...change, by: "kim" }, undefined, "eve");
  assertEquals(said(), [
    "eve #dev 0 [12:00:00] #dev *** bob changed 11:59: bye",
    "eve #dev 0 [12:00:00] #dev *** kim deleted an earlier message",
  ]);
});

Deno.test("a chat records what is said in it", async () => {
  const lines: string[] = [];
  const record = {
    add: (_owner: string, name: string, line: string): void => {
      lines.push(`${name} ${line.replace(/^\[.*?\] /, "")}`);
    },
  };
  await withKeptChat(async ({ enter }) => {
    await enter("message bob hello", "chat bob", "next one");
  }, { record });
  assertEquals(lines, ["bob eve: hello", "bob eve: next one"]);
});
