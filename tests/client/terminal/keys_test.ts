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
