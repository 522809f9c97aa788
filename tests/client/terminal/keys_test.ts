import { assertEquals } from "@std/assert";

import { type Key, KeyDecoder } from "../../../client/terminal/keys.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { seededRandom } from "../../support/random.ts";

/** What a decoder makes of bytes that come in the given pieces. */
function decode(pieces: Uint8Array[]): string[] {
  const seen: string[] = [];
  const decoder = new KeyDecoder({
    onKey: (text, { name, ctrl }) =>
      seen.push(ctrl ? `^${name}` : name !== undefined && name.length > 1 ? name : text ?? "?"),
    onPaste: (text) => seen.push(`paste ${JSON.stringify(text)}`),
  });
  for (const piece of pieces) decoder.feed(piece);
  return seen;
}

Deno.test("keys and pastes come out in order, however the bytes are torn", () => {
  const bytes = new TextEncoder().encode(
    "aж🚀\x1b[D\x1b[200~one\r\ntwo\x1b[A\x03\x1b[201~\x03\x1b[1;5C\x7f\r\x1b[200~\x1b[201~z",
  );
  const expected = [
    ...["a", "ж", "🚀", "left", 'paste "one\\r\\ntwo\\u001b[A\\u0003"', "^c"],
    ...["^right", "backspace", "return", 'paste ""', "z"],
  ];
  assertEquals(decode([bytes]), expected);
  const random = seededRandom(11);
  for (let round = 0; round < 100; round++) {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = at + 1 + Math.floor(random() * 9);
      pieces.push(bytes.subarray(at, end));
      at = end;
    }
    assertEquals(decode(pieces), expected);
  }
});

Deno.test("an Escape by itself is told, and does not change the next key; a late sequence is one after all", () => {
  const seen: (string | undefined)[] = [];
  const clock = new FakeClock();
  const onKey = (text: string | undefined, { name, meta }: Key): void => {
    seen.push((meta ? "alt " : "") + (text ?? name));
  };
  const decoder = new KeyDecoder({ onKey, onPaste: () => {} }, clock);
  const feed = (text: string): void => decoder.feed(new TextEncoder().encode(text));
  feed("\x1b");
  clock.advance(49);
  assertEquals(seen, []);
  clock.advance(1);
  assertEquals(seen.splice(0), ["escape"]);
  clock.advance(1_000);
  feed("b");
  assertEquals(seen.splice(0), ["b"]);
  feed("\x1b");
  clock.advance(300);
  feed("[A");
  assertEquals(seen.splice(0), ["escape", "up"]);
  feed("\x1b");
  feed("b");
  clock.advance(1_000);
  assertEquals(seen.splice(0), ["alt b"]);
  feed("\x1b");
  decoder.stop();
  clock.advance(1_000);
  assertEquals(seen, []);
});

Deno.test("a line is begun by Ctrl-J, by Alt with Enter and by what terminals send for Shift with Enter", () => {
  const seen: (string | undefined)[] = [];
  const onKey = (_text: string | undefined, { name }: Key): number => seen.push(name);
  const decoder = new KeyDecoder({ onKey, onPaste: (text) => seen.push(JSON.stringify(text)) });
  const feed = (text: string): void => decoder.feed(new TextEncoder().encode(text));
  feed("\r\n\x1b\r\x1b\n\x1b[13;2u\x1b[27;2;13~\x1b[13;5u\x1b[27;8;13~");
  const six = Array.from({ length: 6 }, () => "newline");
  assertEquals(seen.splice(0), ["return", ...six]);
  for (const sequence of ["\x1b[13;2u", "\x1b[27;2;13~"]) {
    for (let cut = 2; cut < sequence.length; cut++) {
      feed(sequence.slice(0, cut));
      feed(sequence.slice(cut));
    }
  }
  assertEquals(new Set(seen.splice(0)), new Set(["newline"]));
  feed("\n\n\r\r\n\n");
  assertEquals(seen.splice(0), ["newline", "newline", "return", "return", "newline"]);
  feed("\x1b[200~\x1b[13;2u\r\n\x1b[201~");
  assertEquals(seen, [JSON.stringify("\x1b[13;2u\r\n")]);
});

Deno.test("until Enter has come as CR, LF is Enter, too: what was typed early, and scripts, send it", () => {
  const seen: (string | undefined)[] = [];
  const onKey = (_text: string | undefined, { name }: Key): number => seen.push(name);
  const decoder = new KeyDecoder({ onKey, onPaste: () => {} });
  for (const text of ["a\nb\n", "\x1b\r", "\n", "\r", "\n"]) {
    decoder.feed(new TextEncoder().encode(text));
  }
  assertEquals(seen, ["a", "return", "b", "return", "newline", "return", "return", "newline"]);
});

Deno.test("where the cursor is, is told between the keys and types nothing, however it is torn", () => {
  const report = "a\x1b[24;41Rb\x1b[1;5C\x1b[1;1Rc";
  for (let cut = 0; cut <= report.length; cut++) {
    const heard: string[] = [];
    const decoder = new KeyDecoder({
      onKey: (text, key) => heard.push(text ?? key.name!),
      onPaste: () => {},
      onColumn: (column) => heard.push(String(column)),
    });
    for (const part of [report.slice(0, cut), report.slice(cut)]) {
      decoder.feed(new TextEncoder().encode(part));
    }
    assertEquals(heard, ["a", "40", "b", "right", "0", "c"]);
  }
});

Deno.test("reports of the focus are no keys, between keys and however they are torn", () => {
  const sent = "a\x1b[Ib\x1b[O\x1b[1;1Rc\x1b[D\x1bOPd";
  for (let cut = 0; cut <= sent.length; cut++) {
    const heard: string[] = [];
    const decoder = new KeyDecoder({
      onKey: (text, key) => heard.push(key.name ?? text!),
      onPaste: () => {},
      onColumn: (column) => heard.push(String(column)),
      onFocus: (isFocused) => heard.push(isFocused ? "in" : "out"),
    });
    for (const part of [sent.slice(0, cut), sent.slice(cut)]) {
      decoder.feed(new TextEncoder().encode(part));
    }
    const expected = ["a", "in", "b", "out", "0", "c", "left", "f1", "d"];
    // A lone `ESC O` or `ESC [` cannot be told from a key with Alt held; what matters is that the focus is.
    assertEquals(heard.filter((word) => expected.slice(0, 6).includes(word)), expected.slice(0, 6));
  }
});

Deno.test("within a paste it is text", () => {
  const heard: string[] = [];
  const decoder = new KeyDecoder({
    onKey: () => {},
    onPaste: (text) => heard.push(text),
    onFocus: () => heard.push("focus"),
  });
  decoder.feed(new TextEncoder().encode("\x1b[200~a\x1b[Ib\x1b[201~"));
  assertEquals(heard, ["a\x1b[Ib"]);
});

/** What a terminal says of itself, of the mouse and of keys that this client does not know. */
const REPLIES = [
  ...["\x1b[<0;10;10M", "\x1b[<0;10;10m", "\x1b[M !!", "\x1b[M\x7f\u00e9~", "\x1b[32;10;10M"],
  ...["\x1b]11;rgb:ffff/ffff/ffff\x1b\\", "\x1b]11;rgb:ffff/ffff/ffff\x07", "\x1bP>|xterm\x1b\\"],
  ...["\x1b_Gi=1;OK\x1b\\", "\x1b^pm\x1b\\", "\x1bXsos\x1b\\", "\x1bP1$r0 q\x1b\\"],
  ...["\x1b[?1;2c", "\x1b[>0;276;0c", "\x1b[?2026;2$y", "\x1b[4;2$y", "\x1b[8;24;80t", "\x1b[?u"],
  ...["\x1b[27;5;97~", "\x1b[97;5u", "\x1b[1;10A", "\x1b[0n", "\x1b[?25;1 q"],
];

Deno.test("what a terminal replies types nothing, between keys and however it is torn", () => {
  const encoder = new TextEncoder();
  for (const reply of REPLIES) {
    const bytes = encoder.encode(`a${reply}b\x1b[D${reply}c`);
    for (let cut = 0; cut <= bytes.length; cut++) {
      assertEquals(
        [reply, ...decode([bytes.subarray(0, cut), bytes.subarray(cut)])],
        [reply, "a", "b", "left", "c"],
      );
    }
    assertEquals(decode([...bytes].map((byte) => Uint8Array.of(byte))), ["a", "b", "left", "c"]);
  }
});

Deno.test("a reply without its end swallows little of what is typed, and none of what ends a line", () => {
  const clock = new FakeClock();
  let seen: string[] = [];
  const onKey = (text: string | undefined, { name }: Key): number => seen.push(text ?? name!);
  const feeding = (): (text: string) => void => {
    seen = [];
    const decoder = new KeyDecoder({ onKey, onPaste: (text) => seen.push(text) }, clock);
    return (text) => decoder.feed(new TextEncoder().encode(text));
  };
  for (
    const begun of ["\x1b]11;rgb:ff", "\x1bP>|xterm", "\x1b_G", "\x1b[<0;1", "\x1b[?", "\x1b[M!"]
  ) {
    for (const key of ["\r", "\x03", "\x7f"].slice(0, begun === "\x1b[M!" ? 2 : 3)) {
      const feed = feeding();
      feed(begun);
      feed(`${key}x`);
      assertEquals(seen, [key, "x"]);
    }
    const feed = feeding();
    feed(begun);
    feed("\x1b[A\x1b[200~p\x1b[201~");
    assertEquals(seen, ["up", "p"]);
  }
  const long = feeding();
  long("\x1b]");
  for (const letter of "x".repeat(256) + "yz") long(letter);
  assertEquals(seen.join(""), "yz");
  const late = feeding();
  late("\x1b]11;rgb");
  clock.advance(1_001);
  late("hi");
  assertEquals(seen.join(""), "hi");
});

Deno.test("an Escape before a reply, Alt with what begins a string, and keys of other terminals are told", () => {
  const seen: string[] = [];
  const clock = new FakeClock();
  const onKey = (_text: string | undefined, { name, sequence, meta, shift }: Key): void => {
    seen.push(`${meta ? "alt " : ""}${shift ? "shift " : ""}${name ?? sequence}`);
  };
  const decoder = new KeyDecoder({ onKey, onPaste: (text) => seen.push(text) }, clock);
  const feed = (text: string): string[] => {
    decoder.feed(new TextEncoder().encode(text));
    return seen.splice(0);
  };
  assertEquals(feed("\x1b\x1b[?1;2c"), ["escape"]);
  assertEquals(feed("\x1b]"), []);
  clock.advance(50);
  assertEquals(seen.splice(0), ["alt \x1b]"]);
  assertEquals(feed("x"), ["x"]);
  assertEquals(feed("\x1bP\r"), ["alt shift p", "return"]);
  assertEquals(feed("\x1bP\x1b[200~pasted\x1b[201~"), ["alt shift p", "pasted"]);
  assertEquals(feed("\x1b[[A\x1bOP\x1b[11~\x1b[5$\x1b[5^"), [
    ...["f1", "f1", "f1", "shift pageup", "pageup"],
  ]);
  assertEquals(feed("\x1b[5$"), ["shift pageup"]);
  assertEquals(feed("\x1b\x1b[A\x1b[1;3C\x1b[a\x1b[Z"), [
    ...["up", "alt right", "shift up", "shift tab"],
  ]);
});
