import { assertEquals, assertThrows } from "@std/assert";

import { isPeopleQuestion, readPage, readWord } from "../../../server/cluster/presence_words.ts";

const PERSON = {
  name: "Eve",
  isAccount: false,
  session: "s",
  network: "192.0.2.1",
  status: "",
  moves: 0,
};
const SAID = { is: "said", who: "eve", room: "#dev", time: 1, textJson: '"a \\ud800"' };

Deno.test("readWord: words as they are told", () => {
  const words = [
    { is: "came", who: "eve", person: PERSON, rooms: [{ name: "#Dev", lasts: true }] },
    { is: "went", who: "eve" },
    { is: "changed", who: "eve", status: "busy", isAccount: true, network: "", moves: 0 },
    { is: "entered", who: "eve", room: { name: "#Dev", lasts: true } },
    { is: "left", who: "eve", room: "#dev", isByDeed: false },
    SAID,
    { ...SAID, id: "one" },
    { ...SAID, id: 1 },
    { ...SAID, kind: "action" },
  ];
  for (const word of words) assertEquals<unknown>(readWord({ n: 7, word }), { n: 7, word });
});

Deno.test("readWord: what would not be true of a word is none; it counts all the same", () => {
  const words = [
    undefined,
    null,
    [],
    { is: "went" },
    { is: "came", who: "eve", person: { ...PERSON, name: "a name\n" }, rooms: [] },
    { is: "came", who: "eve", person: { ...PERSON, status: 1 }, rooms: [] },
    { is: "changed", who: "eve", status: "busy", isAccount: 1, network: "" },
    { is: "entered", who: "eve", room: "#dev" },
    { is: "left", who: "eve", room: "#dev" },
    { ...SAID, textJson: '"a", "to": "bob"' },
    { ...SAID, textJson: "{}" },
    { ...SAID, textJson: '\n"a"\n' },
    { ...SAID, time: "1" },
    { ...SAID, id: {} },
    { ...SAID, kind: '",' },
    { is: "toString", who: "eve" },
  ];
  for (const word of words) assertEquals(readWord({ n: 7, word }), { n: 7, word: undefined });
  for (const value of [undefined, "n", [], { n: -1 }, { n: 1.5 }, { n: "1" }]) {
    assertEquals(readWord(value), undefined);
  }
});

Deno.test("readPage, isPeopleQuestion: parts of all people, and who asks for them", () => {
  const page = { n: 0, people: [{ person: PERSON, rooms: [{ name: "#dev", lasts: false }] }] };
  assertEquals<unknown>(readPage(page), page);
  assertEquals<unknown>(readPage({ ...page, upTo: "eve" }), { ...page, upTo: "eve" });
  const [{ rooms }] = page.people as [typeof page.people[0]];
  const wrong = [
    null,
    { ...page, n: null },
    { ...page, upTo: 1 },
    { ...page, people: {} },
    { ...page, people: [{ person: {}, rooms }] },
    { ...page, people: [{ person: PERSON, rooms: ["#dev"] }] },
  ];
  for (const value of wrong) assertThrows(() => readPage(value), TypeError, "not a list of people");
  assertEquals(
    [{ ask: "people", behind: "" }, { ask: "people" }, { ask: "all", behind: "" }, null]
      .map(isPeopleQuestion),
    [true, false, false, false],
  );
});
