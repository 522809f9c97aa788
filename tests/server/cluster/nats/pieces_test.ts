import { assert, assertEquals, assertThrows } from "@std/assert";

import { cut, PieceError, Pieces } from "../../../../server/cluster/nats/pieces.ts";
import { seededRandom } from "../../../support/random.ts";

const MAX = 64;

Deno.test("what was cut comes back as it was, and no piece is too long", () => {
  const random = seededRandom(3);
  const pieces = new Pieces();
  let number = 0;
  for (let i = 0; i < 300; i++) {
    const text = ["", "a", "ж", "🦊"][i % 4]!.repeat(Math.floor(random() * 200));
    let back: string | undefined;
    for (const piece of cut(text, number, MAX)) {
      assert(piece.length <= MAX);
      assertEquals(back, undefined);
      const taken = pieces.take(piece);
      assert(!taken.isGap);
      back = taken.text;
      number++;
    }
    assertEquals(back, text);
  }
});

Deno.test("whichever pieces are lost, what comes is right, in order, and the loss is seen", () => {
  const random = seededRandom(5);
  const texts = Array.from(
    { length: 200 },
    (_, i) => `${i}:`.padEnd(1 + Math.floor(random() * 200), "x"),
  );
  const sent: Uint8Array[] = [];
  for (const text of texts) sent.push(...cut(text, sent.length, MAX));
  const pieces = new Pieces(0);
  const came: string[] = [];
  let gaps = 0;
  let losses = 0;
  let wasLost = false;
  for (const piece of sent) {
    const isLost = random() < 0.2;
    if (isLost && !wasLost) losses++;
    wasLost = isLost;
    if (isLost) continue;
    const { text, isGap } = pieces.take(piece);
    if (isGap) gaps++;
    if (text !== undefined) came.push(text);
  }
  if (wasLost) assert(pieces.upTo(sent.length));
  assertEquals(gaps + (wasLost ? 1 : 0), losses);
  assert(came.length > 20 && came.length < texts.length);
  const places = came.map((text) => texts.indexOf(text));
  assertEquals(places, places.toSorted((a, b) => a - b));
  assert(!places.includes(-1));
});

Deno.test("a way may begin in the middle of a text, and what has come already does not come again", () => {
  const sent = [...cut("x".repeat(100), 0, MAX), ...cut("whole", 3, MAX)];
  assertEquals(sent.length, 4);
  const pieces = new Pieces();
  assertEquals(pieces.take(sent[1]!), { isGap: false });
  assertEquals(pieces.take(sent[2]!), { isGap: false });
  assertEquals(pieces.take(sent[3]!), { text: "whole", isGap: false });
  assertEquals(pieces.take(sent[3]!), { isGap: false });
  assertEquals([pieces.upTo(4), pieces.upTo(6), pieces.upTo(6)], [false, true, false]);
});

Deno.test("what is no piece is refused, and the next one is taken", () => {
  const pieces = new Pieces();
  const encoder = new TextEncoder();
  for (const text of ["", "=", "x", "-1=", "1", "1?", " 1=", "9999999999999999=x"]) {
    assertThrows(() => pieces.take(encoder.encode(text)), PieceError);
  }
  assertThrows(() => pieces.take(new Uint8Array([0x31, 0x3d, 0xff])), PieceError, "no UTF-8");
  assertEquals(pieces.take(encoder.encode("2=x")), { text: "x", isGap: false });
});

Deno.test("a text that never ends is given up after 64 MiB", () => {
  const pieces = new Pieces();
  const piece = (head: string): Uint8Array => {
    const bytes = new Uint8Array(1024 * 1024 + head.length);
    bytes.set(new TextEncoder().encode(head));
    return bytes;
  };
  pieces.take(piece("1<"));
  for (let number = 2; number <= 64; number++) pieces.take(piece(`${number}-`));
  assertThrows(() => pieces.take(piece("65-")), PieceError, "64 MiB");
  assertEquals(pieces.take(piece("66>")), { isGap: false });
});
