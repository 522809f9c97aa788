import { assertEquals } from "@std/assert";

import { User } from "../../../server/people/user.ts";
import { HeldFrames } from "../../../server/rooms/held_frames.ts";
import { FakeOutlet, FakeUser } from "../../support/fake_user.ts";

const frame = (n: number, length = 10): string => `${n}`.padEnd(length - 1) + "\n";

/** Frames for a user who may have 200 bytes waiting. */
function hold(): { user: FakeUser; frames: HeldFrames; ends: () => number } {
  const user = new FakeUser("eve");
  user.outlet.capacity = 200;
  let count = 0;
  return { user, frames: new HeldFrames(user, () => count++), ends: () => count };
}

Deno.test("HeldFrames: what is held is counted as the user's, and put out at once, in order, where there is room", () => {
  const { user, frames, ends } = hold();
  for (let n = 0; n < 10; n++) frames.add(frame(n));
  assertEquals([user.outlet.heldBytes, user.lines, ends()], [100, [], 0]);
  frames.putOut(); // not waited for
  assertEquals(user.lines, Array.from({ length: 10 }, (_, n) => frame(n)));
  assertEquals([user.outlet.heldBytes, ends(), frames.isOverflown], [0, 1, false]);
  frames[Symbol.dispose]();
  assertEquals(ends(), 1);
});

Deno.test("HeldFrames: over half of the capacity, in bytes, all are dropped, and so is what comes later", () => {
  const { user, frames, ends } = hold();
  frames.add("\u20ac".repeat(30));
  assertEquals(user.outlet.heldBytes, 90);
  frames.add(frame(1, 11));
  frames.add(frame(2));
  assertEquals([frames.isOverflown, user.outlet.heldBytes, ends()], [true, 0, 0]);
  frames.putOut();
  assertEquals([user.lines, ends()], [[], 1]);
});

Deno.test("HeldFrames: a full queue is waited for; what comes meanwhile keeps its place, as far as there is room", async () => {
  const { user, frames, ends } = hold();
  const { promise: roomy, resolve } = Promise.withResolvers<boolean>();
  user.outlet.roomy = () => roomy;
  for (let n = 0; n < 9; n++) frames.add(frame(n));
  user.outlet.takes = false;
  const done = frames.putOut();
  frames.add(frame(9));
  frames.add(frame(10)); // a user whose queue is full is passed over
  assertEquals([user.lines, frames.isOverflown, ends()], [[], false, 0]);
  user.outlet.takes = true;
  resolve(true);
  await done;
  assertEquals(user.lines, Array.from({ length: 10 }, (_, n) => frame(n)));
  assertEquals([user.outlet.heldBytes, ends()], [0, 1]);
});

Deno.test("HeldFrames: nothing is left of a user who is gone", async () => {
  const { user, frames, ends } = hold();
  frames.add(frame(1));
  user.outlet.takes = false;
  await frames.putOut();
  assertEquals([user.outlet.heldBytes, ends()], [0, 1]);
  const other = hold();
  other.frames.add(frame(1));
  other.frames[Symbol.dispose]();
  assertEquals([other.user.outlet.heldBytes, other.user.lines, other.ends()], [0, [], 1]);
});

/** Frames for a user whose session is numbered, and the way to the client. */
function holdNumbered(): { user: User; outlet: FakeOutlet; frames: HeldFrames } {
  const outlet = new FakeOutlet();
  const user = new User("eve", outlet);
  user.state = "attached";
  user.beginNumbering();
  return { user, outlet, frames: new HeldFrames(user, () => {}) };
}

const said = (text: string): string => `{"event":"msg","message":"${text}"}\n`;

/** What a further connection gets. */
function resent(user: User): unknown[] {
  const outlet = new FakeOutlet();
  user.attach(outlet);
  user.resend();
  return outlet.frames.map(({ message, n }) => [message, n]);
}

Deno.test("HeldFrames: a session without a connection keeps all of them", async () => {
  const { user, outlet, frames } = holdNumbered();
  for (const text of ["a", "b", "c"]) frames.add(said(text));
  user.attach(outlet.interruption(() => {}));
  await frames.putOut();
  assertEquals(resent(user), [["a", 1], ["b", 2], ["c", 3]]);
});

Deno.test("HeldFrames: nor is lost what found no room before the connection was lost", async () => {
  const { user, outlet, frames } = holdNumbered();
  const { promise: roomy, resolve } = Promise.withResolvers<boolean>();
  outlet.roomy = () => roomy;
  for (const text of ["a", "b"]) frames.add(said(text));
  outlet.takes = false;
  const done = frames.putOut();
  user.attach(outlet.interruption(() => {}));
  resolve(false);
  await done;
  assertEquals(resent(user), [["a", 1], ["b", 2]]);
});

Deno.test("HeldFrames: cut off, what finds room goes out at once and nothing later, nor of what was held before", async () => {
  const { user, frames, ends } = hold();
  frames.add(frame(1));
  frames.cutOff();
  assertEquals([user.lines, ends(), user.outlet.heldBytes], [[frame(1)], 1, 0]);
  const { promise: roomy, resolve } = Promise.withResolvers<boolean>();
  user.outlet.roomy = () => roomy;
  user.outlet.takes = false;
  const earlier = new HeldFrames(user, () => {});
  earlier.add(frame(2));
  const isOut = earlier.putOut(); // waits for room
  const later = new HeldFrames(user, () => {}, earlier);
  later.add(frame(3));
  later.cutOff();
  user.outlet.takes = true;
  resolve(true);
  await isOut;
  await later.putOut();
  assertEquals([user.lines, user.outlet.heldBytes], [[frame(1)], 0]);
});
