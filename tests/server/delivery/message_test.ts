import { assertEquals } from "@std/assert";

import { Envelope, Message } from "../../../server/delivery/message.ts";

const EVE = { name: "Eve", nameJson: '"Eve"' };
const BOB = { name: "боб", nameJson: '"боб"' };
const envelope = new Envelope(EVE, BOB, 7);

Deno.test("Message: one line for each dialect, with what belongs to it", () => {
  const plain = new Message(envelope, '"hi"');
  assertEquals(
    plain.lineFor("event"),
    '{"event":"msg","time":7,"to":"боб","from":"Eve","message":"hi"}\n',
  );
  assertEquals(
    new Message(envelope, '"hi"', "a").lineFor("action"),
    '{"action":"msg","time":7,"to":"боб","from":"Eve","message":"hi","id":"a"}\n',
  );
  assertEquals(
    new Message(envelope, '"hi"', 1, 3).lineFor("event"),
    '{"event":"msg","time":7,"to":"боб","from":"Eve","message":"hi","id":1,"stored":3}\n',
  );
});

Deno.test("Message: what it says beside its text is in the line and the letter", () => {
  const place = { conversation: 1, seq: 9 };
  const remarks = { reply: 4, kind: "action" } as const;
  const message = new Message(envelope, '"hi"', 1, 3, place, remarks);
  assertEquals(
    message.lineFor("event"),
    '{"event":"msg","time":7,"to":"боб","from":"Eve","message":"hi","id":1,"reply":4,' +
      '"kind":"action","seq":9,"stored":3}\n',
  );
  const { reply, kind } = message.toLetter("боб");
  assertEquals([reply, kind], [4, "action"]);
  assertEquals("kind" in new Message(envelope, '"hi"').toLetter("боб"), false);
});

Deno.test("Message: as a letter it has the text as it was sent, detached or not", () => {
  for (const text of ["hi", 'a"b\\c\n\x00\u2028', "привет 😀", "\ud800", "\ufffd"]) {
    const message = new Message(new Envelope(EVE, BOB, 7), JSON.stringify(text), "id-1");
    const line = message.lineFor("event");
    const letter = {
      folded: "боб",
      to: "боб",
      from: "Eve",
      message: text,
      time: 7,
      id: "id-1",
    };
    assertEquals(message.toLetter("боб"), letter);
    message.detach();
    assertEquals(message.toLetter("боб"), letter);
    assertEquals(message.lineFor("event"), line);
  }
});
