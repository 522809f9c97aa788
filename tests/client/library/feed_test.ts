import { assertEquals, assertRejects } from "@std/assert";

import type { ClientEvent } from "../../../client/library/events.ts";
import { Feed } from "../../../client/library/feed.ts";
import type { Subscription } from "../../../client/library/subscription.ts";

function message(text: string): ClientEvent {
  const frame = { event: "msg", time: 7, to: "eve", from: "bob", message: text } as const;
  return { type: "message", message: frame, line: "" };
}

const MALFORMED: ClientEvent = { type: "malformed", reason: "bad" };

function messages(feed: Feed): Subscription<ClientEvent, string> {
  return feed.subscribe({
    takesMessages: true,
    accepts: (event) => event.type === "message",
    read: (event) => event.type === "message" ? event.message.message : "",
  });
}

/** All that there is. */
async function rest(subscription: Subscription<ClientEvent, string>): Promise<string[]> {
  const items = [];
  while (subscription.queued > 0) items.push((await subscription.next()).value!);
  return items;
}

Deno.test("messages are kept for the first who listens, all else is not", async () => {
  const feed = new Feed(() => {});
  feed.publish(MALFORMED);
  feed.publish(message("one"));
  feed.publish(message("two"));
  assertEquals(feed.backlog, { events: 2, units: 2 * 256 });
  const first = messages(feed);
  const second = messages(feed);
  feed.publish(MALFORMED);
  feed.publish(message("three"));
  assertEquals(await rest(first), ["one", "two", "three"]);
  assertEquals(await rest(second), ["three"]);
  assertEquals(feed.messageListeners, 2);
});

Deno.test("who takes no messages does not stand for somebody who does", async () => {
  const feed = new Feed(() => {});
  feed.subscribe({ takesMessages: false, accepts: () => false, read: () => "" });
  feed.publish(message("one"));
  assertEquals(feed.messageListeners, 1);
  assertEquals(await rest(messages(feed)), ["one"]);
});

Deno.test("what the only listener left goes to the next one; what it had in hand counts as handled then", async () => {
  let roomy = 0;
  const handled: string[] = [];
  const feed = new Feed(() => roomy++);
  const first = messages(feed);
  for (const text of ["one", "two"]) feed.publish(message(text), () => handled.push(text));
  await first.next();
  assertEquals(roomy, 1);
  await first.return();
  assertEquals([roomy, handled], [2, []]);
  const second = messages(feed);
  assertEquals(handled, ["one"]);
  assertEquals(await rest(second), ["two"]);
});

Deno.test("the slowest listener counts", async () => {
  const feed = new Feed(() => {});
  const quick = messages(feed);
  messages(feed);
  for (const text of ["one", "two"]) feed.publish(message(text));
  await rest(quick);
  assertEquals(feed.backlog, { events: 2, units: 2 * 256 });
});

Deno.test("the end reaches those who listen and those who come later", async () => {
  const feed = new Feed(() => {});
  const early = messages(feed);
  feed.publish(message("one"));
  feed.end(new Error("over"));
  feed.publish(message("too late"));
  assertEquals(await rest(early), ["one"]);
  await assertRejects(() => early.next(), Error, "over");
  await assertRejects(() => messages(feed).next(), Error, "over");
});

Deno.test("what waits is counted with its texts, also while nobody listens", async () => {
  const feed = new Feed(() => {});
  const event = { ...message("one"), line: "x".repeat(100) } as ClientEvent;
  feed.publish(event);
  assertEquals(feed.backlog, { events: 1, units: 256 + 200 });
  const first = messages(feed);
  assertEquals(feed.backlog, { events: 1, units: 256 + 200 });
  await first.return();
  assertEquals(feed.backlog, { events: 1, units: 256 + 200 });
  await messages(feed).next();
  assertEquals(feed.backlog, { events: 0, units: 0 });
  const all = feed.subscribe({ takesMessages: true, accepts: () => true, read: () => "" });
  feed.publish({ type: "offline", error: new Error("x".repeat(50)), attempt: 1, retryMs: 1 });
  const outcome = { state: "refused", code: 403, id: "1", sentence: "x".repeat(20) } as const;
  feed.publish({ type: "outcome", to: "bob", message: "x".repeat(30), outcome });
  assertEquals([all.queued, all.queuedSize], [2, 2 * 256 + 100]);
  const change = { event: "edit", time: 1, to: "#a", from: "bob", seq: 1, message: "" } as const;
  feed.publish({ type: "change", change, line: "x".repeat(40) });
  const sentence = "x".repeat(20);
  feed.publish({ type: "gap", with: "#a", after: 1, reason: "refused", sentence });
  assertEquals([all.queued, all.queuedSize], [4, 4 * 256 + 200]);
});
