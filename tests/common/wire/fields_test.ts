import { assert, assertEquals, assertThrows } from "@std/assert";

import { FrameError } from "../../../common/errors.ts";
import {
  kind,
  parseObject,
  readAccountName,
  readAddress,
  readAnyText,
  readId,
  readOptionalBoolean,
  readOptionalText,
  readPositiveInteger,
  readRoomName,
  readText,
  readUser,
} from "../../../common/wire/fields.ts";

/** The error's sentence, which holds none of the peer's text. */
function refusal(read: () => unknown): string {
  const { message } = assertThrows(read, FrameError);
  assert(!message.includes("s3cret"), message);
  return message;
}

Deno.test("parseObject takes one JSON object and says what else it received", () => {
  assertEquals(parseObject('{"a":1}'), { a: 1 });
  for (
    const [line, received] of [
      ["s3cret", "text that is not JSON"],
      ["null", "null"],
      ['["s3cret"]', "an array"],
      ['"s3cret"', "another text"],
      ["7", "a number"],
    ] as const
  ) {
    assertEquals(
      refusal(() => parseObject(line)),
      `line must be one JSON object, received ${received}`,
    );
  }
});

Deno.test("kind names what a value is and holds none of it", () => {
  assertEquals(
    [undefined, null, [1], { a: 1 }, true, 7, 1e999, "s3cret"].map(kind),
    [
      "nothing",
      "null",
      "an array",
      "an object",
      "a boolean",
      "a number",
      "a number too large",
      "another text",
    ],
  );
});

Deno.test("an id is a text of 1–64 characters or a safe integer, or is not there", () => {
  for (const id of [undefined, 0, -7, 2 ** 53 - 1, "x", "😀".repeat(64)]) {
    assertEquals(readId({ id }), id);
  }
  for (
    const [id, received] of [
      ["", "0 characters"],
      ["😀".repeat(65), "65 characters"],
      [1.5, "a number"],
      [2 ** 53, "a number"],
      [null, "null"],
    ] as const
  ) {
    assertEquals(
      refusal(() => readId({ id })),
      `id must be a text of 1–64 characters or a safe integer, received ${received}`,
    );
  }
});

Deno.test("texts are counted in code points, and called by their label", () => {
  assertEquals(readText({ text: "😀😀" }, "text", 1, 2), "😀😀");
  assertEquals(
    refusal(() => readText({ text: "s3cret" }, "text", 1, 2, "user.text")),
    "user.text must be 1–2 characters, received 6",
  );
  assertEquals(
    refusal(() => readText({ text: ["s3cret"] }, "text", 1, 2)),
    "text must be a text of 1–2 characters, received an array",
  );
  assertEquals(readAnyText({ text: "" }, "text"), "");
  assertEquals(refusal(() => readAnyText({}, "text")), "text must be a text, received nothing");
});

Deno.test("optional fields may be missing, but not null", () => {
  assertEquals(readOptionalText({}, "from"), undefined);
  assertEquals(readOptionalText({ from: "eve" }, "from"), "eve");
  assertEquals(
    refusal(() => readOptionalText({ from: null }, "from")),
    "from must be a text, received null",
  );
  assertEquals(readOptionalBoolean({}, "store"), undefined);
  assertEquals(readOptionalBoolean({ store: false }, "store"), false);
  assertEquals(
    refusal(() => readOptionalBoolean({ store: 1 }, "store")),
    "store must be true or false, received a number",
  );
});

Deno.test("a positive integer is whole, safe and from 1", () => {
  assertEquals(readPositiveInteger({ stored: 1 }, "stored"), 1);
  for (
    const [stored, received] of [[0, "0"], [-3, "-3"], [1.5, "a number"], [
      "1",
      "another text",
    ]] as const
  ) {
    assertEquals(
      refusal(() => readPositiveInteger({ stored }, "stored")),
      `stored must be a whole number from 1, received ${received}`,
    );
  }
});

Deno.test("names of users and rooms are told apart by their '#'", () => {
  assertEquals(readAccountName({ name: "eve" }, "name"), "eve");
  assertEquals(readRoomName({ room: "#dev" }, "room"), "#dev");
  assertEquals(readAddress({ to: "eve" }), "eve");
  assertEquals(readAddress({ to: "#dev" }), "#dev");
  for (
    const [read, label] of [
      [
        () => readAccountName({ name: "#s3cret" }, "name", "user.account_name"),
        "user.account_name",
      ],
      [() => readRoomName({ room: "s3cret" }, "room"), "room"],
      [() => readAddress({ to: "# s3cret" }), "to"],
      [() => readAddress({ to: "s3cret !" }), "to"],
    ] as const
  ) {
    assert(refusal(read).startsWith(`${label} must be `));
  }
});

Deno.test("a name that deceives is refused in words, unless an account has it", () => {
  const name = "p\u0430ypal";
  const why =
    "must be free of mixtures of Latin, Cyrillic and Greek letters, received Latin and Cyrillic ones";
  const fields = { name, to: name, room: `#${name}` };
  const none = (): boolean => false;
  assertEquals(refusal(() => readAccountName(fields, "name")), `name ${why}`);
  assertEquals(refusal(() => readAccountName(fields, "name", "user.x", none)), `user.x ${why}`);
  assertEquals(refusal(() => readAddress(fields)), `to ${why}`);
  assertEquals(refusal(() => readRoomName(fields, "room")), `room ${why}`);
  const asked: string[] = [];
  const all = (folded: string): boolean => asked.push(folded) > 0;
  assertEquals(readAccountName(fields, "name", "name", all), name);
  assertEquals(readAddress({ to: name.toUpperCase() }, all), name.toUpperCase());
  assertEquals(asked, [name, name]);
  // Nothing but an old account's name: no other text, and no room.
  assert(refusal(() => readAccountName({ name: "\u001b[2J" }, "name", "name", all)) !== "");
  assertEquals(refusal(() => readAddress({ to: `#${name}` }, all)), `to ${why}`);
  assertEquals(readAccountName({ name: "Ева" }, "name", "name", all), "Ева");
  assertEquals(asked, [name, name]);
});

Deno.test("user is an object", () => {
  const user = { account_name: "eve" };
  assertEquals(readUser({ user }), user);
  for (const wrong of [undefined, null, "s3cret", ["s3cret"]]) {
    assertEquals(
      refusal(() => readUser({ user: wrong })),
      `user must be an object with account_name, received ${kind(wrong)}`,
    );
  }
});
