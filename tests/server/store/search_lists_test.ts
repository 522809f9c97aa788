import { assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { CREATE_SEARCH_INDEX, SearchIndex } from "../../../server/store/search_index.ts";
import type { SearchLists } from "../../../server/store/search_lists.ts";

function withLists(run: (lists: SearchLists) => void): void {
  using db = new DatabaseSync(":memory:");
  db.exec(CREATE_SEARCH_INDEX);
  const index = new SearchIndex(db);
  for (let n = 1; n <= 100; n++) {
    const scopes = n % 10 === 0 ? ["r10"] : ["r1", "u1"];
    const text = `${n % 2 === 0 ? "even even" : "odd"} evening${n}`;
    index.add({ message: n, scopes, marks: [`f${n % 3}`], text });
  }
  run(index);
}

Deno.test("without words and marks all messages of the scopes are found", () =>
  withLists((lists) => {
    const all = { terms: [], limit: 3 };
    assertEquals(lists.find({ ...all, scopes: ["r1"] }), [99, 98, 97]);
    assertEquals(lists.find({ ...all, scopes: ["r10"] }), [100, 90, 80]);
    assertEquals(lists.find({ ...all, scopes: ["r1", "r10", "r1"] }), [100, 99, 98]);
    assertEquals(lists.find({ ...all, scopes: ["r1", "u1"], before: 98, above: 96 }), [97]);
    assertEquals(lists.find({ ...all, scopes: ["r"] }), []);
    assertEquals(lists.find({ ...all, scopes: [] }), []);
    assertThrows(() => lists.find({ ...all, scopes: ["R1"] }), RangeError, "'R1' as a label");
  }));

Deno.test("a list says which messages are in it, and which is the n-th", () =>
  withLists((lists) => {
    const even = { word: "even", isPrefix: false };
    const bounds = { before: 50, above: 40 };
    assertEquals(lists.among([49, 48, 45, 44, 42], ["r1"], even, bounds), [48, 44, 42]);
    assertEquals(lists.among([49, 48, 45, 44], ["r1"], { mark: "f0" }, bounds), [48, 45]);
    assertEquals(lists.among([49, 48], ["r1"], { word: "evening4", isPrefix: true }, bounds), [
      49,
      48,
    ]);
    assertEquals(lists.among([], ["r1"], even, bounds), []);
    assertEquals(lists.nth(["r1"], even, bounds, 1), 48);
    assertEquals(lists.nth(["r1"], even, bounds, 4), 42);
    assertEquals(lists.nth(["r1"], even, bounds, 5), undefined);
    assertEquals(lists.nth(["r1", "r10"], even, { before: 51 }, 2), 48);
  }));

Deno.test("entries are counted, no further than one wants to know", () =>
  withLists((lists) => {
    const count = (word: string, isPrefix: boolean, limit = 1_000): number =>
      lists.count(["r1"], { word, isPrefix }, limit);
    assertEquals(count("even", false), 80, "twice in each of forty");
    assertEquals(count("even", true), 170);
    assertEquals(count("evening1", false), 1);
    assertEquals(count("evening1", true), 10);
    assertEquals(count("absent", true), 0);
    assertEquals([count("even", true, 7), count("even", false, 80)], [7, 80]);
    assertEquals(lists.count(["r1", "r10"], { word: "even", isPrefix: false }, 1_000), 100);
    assertEquals(lists.count(["r1", "r10"], { word: "even", isPrefix: false }, 90), 90);
    assertEquals(lists.count(["r1"], { mark: "f0" }, 1_000), 30);
    assertEquals(lists.count([], { mark: "f0" }, 5), 0);
  }));
