import { assertEquals } from "@std/assert";

import { NodeFeed } from "../../../server/cluster/node_feed.ts";
import type { PeoplePage, PresenceWord } from "../../../server/cluster/presence_words.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { settle } from "../../support/settle.ts";

/** A feed of a node whose answers a test gives. */
class Scene implements Disposable {
  readonly clock = new FakeClock();
  /** What the feed says, in order: names of all people, words, faults. */
  readonly said: unknown[] = [];
  /** Behind whom it was asked for people. */
  readonly asked: string[] = [];
  readonly feed: NodeFeed;
  #answer: PromiseWithResolvers<unknown> = Promise.withResolvers();

  constructor() {
    this.feed = new NodeFeed({
      ask: (behind) => {
        this.asked.push(behind);
        this.#answer = Promise.withResolvers();
        return this.#answer.promise;
      },
      clock: this.clock,
      onPeople: (people) => this.said.push(people.map(({ person }) => person.name)),
      onWord: ({ is, who }) => this.said.push(`${is} ${who}`),
      onFault: (error) => this.said.push((error as Error).message),
    });
  }

  async answer(n: number, names: string[], upTo?: string): Promise<void> {
    const people = names.map((name) => ({
      person: { name, isAccount: false, session: "1", network: "", status: "", moves: 0 },
      rooms: [],
    }));
    this.#answer.resolve({ n, people, upTo } satisfies PeoplePage);
    await settle();
  }

  async fail(value: unknown): Promise<void> {
    if (value instanceof Error) this.#answer.reject(value);
    else this.#answer.resolve(value);
    await settle();
  }

  went(n: number, who: string): void {
    this.feed.take({ n, word: { is: "went", who } satisfies PresenceWord });
  }

  [Symbol.dispose](): void {
    this.feed[Symbol.dispose]();
  }
}

Deno.test("NodeFeed: what the answer knows of is not told again, and what it does not know of is", async () => {
  using scene = new Scene();
  for (const n of [3, 4, 5]) scene.went(n, `g${n}`);
  await scene.answer(4, ["ann"]);
  scene.went(6, "g6");
  scene.went(6, "twice");
  assertEquals(scene.said, [["ann"], "went g5", "went g6"]);
});

Deno.test("NodeFeed: each part counts as of its own word", async () => {
  using scene = new Scene();
  await scene.answer(1, ["ann", "bob"], "bob");
  scene.went(2, "ann"); // told behind the first part, and before the second
  scene.went(3, "eve");
  await scene.answer(3, ["zoe"]);
  scene.went(4, "zoe");
  assertEquals(scene.asked, ["", "bob"]);
  assertEquals(scene.said, [["ann", "bob", "zoe"], "went ann", "went zoe"]);
});

Deno.test("NodeFeed: when a word is missing, all are asked for anew", async () => {
  using scene = new Scene();
  await scene.answer(1, ["ann"]);
  scene.went(3, "bob");
  assertEquals(scene.asked, ["", ""]);
  scene.went(4, "eve");
  await scene.answer(3, ["ann", "eve"]);
  assertEquals(scene.said, [["ann"], ["ann", "eve"], "went eve"]);
  scene.feed.missed();
  await scene.answer(4, ["ann"]);
  assertEquals(scene.said.slice(3), [["ann"]]);
});

Deno.test("NodeFeed: an answer to an earlier question is left, and what was missed meanwhile asked for", async () => {
  using scene = new Scene();
  const late = scene.answer(1, ["old"]);
  scene.feed.missed();
  await late;
  assertEquals(scene.said, []);
  await scene.answer(2, ["ann"]);
  assertEquals(scene.said, [["ann"]]);
  scene.went(3, "ann");
  scene.feed.missed();
  scene.went(5, "eve");
  scene.went(7, "bob");
  await scene.answer(5, ["zoe"]);
  assertEquals(scene.asked.length, 4); // between 5 and 7 one is missing
});

Deno.test("NodeFeed: a node that does not answer, or not with people, is asked again a second later", async () => {
  using scene = new Scene();
  await scene.fail(new Error("no answer"));
  assertEquals([scene.said, scene.asked.length], [["no answer"], 1]);
  scene.clock.advance(1_000);
  await scene.fail({ n: 1, people: [{ person: { name: "not a name" }, rooms: [] }] });
  scene.clock.advance(1_000);
  await scene.answer(1, ["ann"]);
  assertEquals(scene.said.slice(1), ["the answer is not a list of people", ["ann"]]);
  assertEquals([scene.asked.length, scene.clock.pending], [3, 0]);
});

Deno.test("NodeFeed: words of later versions count and are left; what is no word does not count", async () => {
  using scene = new Scene();
  await scene.answer(1, []);
  for (const word of [{ n: 2, word: { is: "sang", who: "ann" } }, { n: -1 }, null, "n", [1]]) {
    scene.feed.take(word);
  }
  scene.went(3, "ann");
  assertEquals([scene.said, scene.asked.length], [[[], "went ann"], 1]);
});

Deno.test("NodeFeed: of a node that is gone nothing is asked or told any more", async () => {
  const scene = new Scene();
  scene[Symbol.dispose]();
  await scene.answer(1, ["ann"]);
  const waiting = new Scene();
  await waiting.fail(new Error("gone"));
  waiting[Symbol.dispose]();
  waiting.clock.advance(10_000);
  assertEquals([scene.said, waiting.asked.length], [[], 1]);
});
