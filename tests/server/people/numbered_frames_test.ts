import { assert, assertEquals } from "@std/assert";

import { Envelope, Message } from "../../../server/delivery/message.ts";
import { type FramesHost, NumberedFrames } from "../../../server/people/numbered_frames.ts";
import { FakeOutlet } from "../../support/fake_user.ts";
import { settle } from "../../support/settle.ts";

const NOTICE = '{"response":100,"alert":"x"}\n';
const eve = { name: "eve", nameJson: '"eve"' };
const bob = { name: "bob", nameJson: '"bob"' };

function direct(text: string): Message {
  return new Message(new Envelope(eve, bob, 1), JSON.stringify(text));
}

/** Frames, and the test's hands on where they go. */
class Host implements FramesHost {
  outlet = new FakeOutlet();
  readonly frames = new NumberedFrames("s1", this);

  hold(bytes: number): void {
    this.outlet.hold(bytes);
  }

  get numbers(): unknown[] {
    return this.outlet.frames.map(({ n }) => n);
  }

  /** The connection is lost. */
  interrupt(end: () => void = () => {}): void {
    this.outlet = this.outlet.interruption(end);
    this.frames.moved();
  }

  /** There is a new one. */
  connect(key: "event" | "action" = "event"): void {
    this.outlet = new FakeOutlet(key);
    this.frames.moved();
  }
}

Deno.test("NumberedFrames: numbers have no gaps, and what is refused takes none", () => {
  const host = new Host();
  const { frames } = host;
  assertEquals([frames.send(NOTICE), frames.take(direct("a"))], [true, true]);
  host.outlet.takes = false;
  assertEquals([frames.send(NOTICE), frames.take(direct("b"))], [false, false]);
  host.outlet.takes = true;
  assert(frames.sendStored('{"event":"msg","stored":9}\n', 9));
  assertEquals([host.numbers, frames.last, frames.confirmed], [[1, 2, 3], 3, 0]);
});

Deno.test("NumberedFrames: confirms each frame once, says what of it a mailbox has, and counts what is left", () => {
  const host = new Host();
  const { frames } = host;
  for (const text of ["a", "b"]) frames.take(direct(text));
  frames.sendStored('{"event":"msg","stored":4}\n', 4);
  frames.sendStored('{"event":"msg","stored":7}\n', 7);
  assertEquals(frames.confirm(5), undefined, "it was never sent");
  assertEquals(frames.confirm(1), { stored: 0, wasSaved: false });
  assertEquals(frames.confirm(0), { stored: 0, wasSaved: false });
  assertEquals(frames.takeUnsaved().marks, [{ stored: 4, n: 3 }, { stored: 7, n: 4 }]);
  assertEquals(frames.takeUnsaved(), { messages: [], marks: [] });
  assertEquals(frames.confirm(3), { stored: 4, wasSaved: true });
  assertEquals(frames.confirm(4), { stored: 7, wasSaved: false });
  assertEquals([host.outlet.heldBytes, frames.last, frames.confirmed], [0, 4, 4]);
});

Deno.test("NumberedFrames: without a connection room frames are kept, direct ones and those of the mailbox refused", () => {
  const host = new Host();
  const { frames } = host;
  frames.take(direct("a"));
  host.interrupt();
  assertEquals([frames.send(NOTICE), frames.last], [false, 2]);
  assertEquals([frames.take(direct("b")), frames.sendStored("{}\n", 1)], [false, false]);
  host.connect();
  frames.confirm(1);
  frames.resend();
  frames.take(direct("c"));
  assertEquals(host.outlet.lines, [
    '{"response":100,"alert":"x","n":2}\n',
    '{"event":"msg","time":1,"to":"bob","from":"eve","message":"c","n":3}\n',
  ]);
});

Deno.test("NumberedFrames: what comes again has the dialect of the new connection", () => {
  const host = new Host();
  for (const key of ["event", "action"] as const) {
    const member = new Message(new Envelope(eve, { name: "#a", nameJson: '"#a"' }, 1), '"hi"');
    host.frames.send(member.lineFor(key));
  }
  host.frames.send(NOTICE);
  host.frames.take(direct("a"));
  for (const key of ["action", "event"] as const) {
    host.connect(key);
    host.frames.resend();
    const kinds = host.outlet.frames.map((frame) => frame[key] ?? frame.response);
    assertEquals([kinds, host.numbers], [["msg", "msg", 100, "msg"], [1, 2, 3, 4]]);
  }
});

Deno.test("NumberedFrames: keeps no more than the capacity; at half of it the client is asked", () => {
  const host = new Host();
  const { frames } = host;
  const bytes = new TextEncoder().encode('{"response":100,"alert":"x","n":1}\n').length;
  host.outlet.capacity = 4 * bytes;
  for (let n = 1; n <= 2; n++) assert(frames.send(NOTICE));
  assertEquals(host.outlet.probes, 0);
  for (let n = 3; n <= 4; n++) assert(frames.send(NOTICE));
  assertEquals([host.outlet.probes, host.outlet.isOverdue], [1, false]);
  assertEquals([frames.send(NOTICE), host.outlet.isOverdue, frames.last], [false, true, 4]);
  frames.confirm(0);
  assertEquals(host.outlet.isOverdue, true, "it has shown nothing");
  frames.confirm(1);
  assertEquals([host.outlet.isOverdue, frames.send(NOTICE)], [false, true]);
});

Deno.test("NumberedFrames: without a connection, more than may be kept ends the session", () => {
  const host = new Host();
  host.outlet.capacity = 10;
  host.frames.send(NOTICE);
  host.interrupt();
  assertEquals([host.frames.send(NOTICE), host.outlet.isOverdue], [false, true]);
});

Deno.test("NumberedFrames: says as what direct messages were sent, and takes back what could not be saved", () => {
  const host = new Host();
  const { frames } = host;
  frames.send(NOTICE);
  const message = direct("a");
  frames.take(message);
  const unsaved = (): unknown => frames.takeUnsaved().messages.map(({ sent }) => sent);
  assertEquals(unsaved(), [{ session: "s1", n: 2 }]);
  assertEquals(unsaved(), []);
  assertEquals([frames.take(message), frames.last], [true, 2], "it is there already");
  assertEquals(unsaved(), [{ session: "s1", n: 2 }]);
  frames.confirm(2);
  assertEquals([frames.take(message), frames.last], [true, 2], "it has arrived");
  const later = new Host();
  message.sent = { session: "s0", n: 2 };
  assertEquals([later.frames.take(message), later.frames.last], [true, 1], "in another session");
});

Deno.test("NumberedFrames: waits for room until something is confirmed, or for the next connection", async () => {
  const host = new Host();
  const { frames } = host;
  const outcomes: boolean[] = [];
  const wait = (): void => void frames.roomy().then((isRoomy) => outcomes.push(isRoomy));
  host.outlet.capacity = 10;
  frames.send(NOTICE);
  assert(!frames.sendStored(NOTICE, 1));
  wait();
  await settle();
  assertEquals(outcomes, []);
  frames.confirm(1);
  await settle();
  assertEquals(outcomes, [true]);
  frames.send(NOTICE);
  assert(!frames.sendStored(NOTICE, 1));
  wait();
  host.interrupt();
  await settle();
  assertEquals(outcomes, [true, false]);
  wait();
  await settle();
  assertEquals(outcomes, [true, false, false]);
  host.outlet.capacity = 1_000;
  assert(!frames.send(NOTICE), "no connection takes it, but it is kept");
  wait();
  host.connect();
  await settle();
  assertEquals(outcomes, [true, false, false, false], "so it is not to be sent again");
  frames.resend();
  assertEquals(host.numbers, [2, 3]);
  host.outlet.takes = false;
  assert(!frames.send(NOTICE));
  wait();
  host.connect();
  await settle();
  assertEquals(outcomes.at(-1), true, "what was refused may be sent to the next connection");
});

Deno.test("NumberedFrames: waits for work until that is done, or has to wait for the client's word", async () => {
  const host = new Host();
  const { frames } = host;
  const waited: string[] = [];
  const wait = (name: string, work: Promise<void>): void =>
    void frames.unlessShort(work).then(() => waited.push(name));
  const [one, two] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  wait("one", one.promise);
  await settle();
  assertEquals(waited, []);
  one.resolve();
  await settle();
  assertEquals(waited, ["one"]);
  wait("two", two.promise);
  host.outlet.capacity = 10;
  frames.send(NOTICE);
  assert(!frames.sendStored(NOTICE, 1));
  await settle();
  assertEquals(waited, ["one", "two"]);
  wait("three", two.promise);
  await settle();
  assertEquals(waited, ["one", "two", "three"], "it is short already");
  frames.confirm(1);
  wait("four", two.promise);
  await settle();
  assertEquals(waited, ["one", "two", "three"]);
  two.resolve();
  await settle();
  assertEquals(waited, ["one", "two", "three", "four"]);
});
