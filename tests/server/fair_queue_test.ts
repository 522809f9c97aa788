import { setImmediate } from "node:timers";

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";

import { settle } from "../support/settle.ts";
import { FairQueue, QueueFullError } from "../../server/fair_queue.ts";

/** Jobs that end when the test says so. */
function makeJobs(): {
  started: string[];
  job: (name: string) => () => Promise<string>;
  end: (name: string) => void;
} {
  const started: string[] = [];
  const running = new Map<string, () => void>();
  return {
    started,
    job: (name) => () => {
      started.push(name);
      return new Promise((resolve) => running.set(name, () => resolve(name)));
    },
    end: (name) => running.get(name)!(),
  };
}

Deno.test("no more jobs than allowed are under way", async () => {
  const { started, job, end } = makeJobs();
  const queue = new FairQueue(2);
  const results = ["a", "b", "c", "d"].map((name) => queue.run({ key: "k" }, job(name)));
  assertEquals(started, ["a", "b"]);
  end("b");
  assertEquals(await results[1], "b");
  await Promise.resolve();
  assertEquals(started, ["a", "b", "c"]);
  for (const name of ["a", "c"]) end(name);
  assertEquals([await results[0], await results[2]], ["a", "c"]);
  end("d");
  assertEquals(await results[3], "d");
});

Deno.test("keys take turns", async () => {
  const queue = new FairQueue(1);
  const order: string[] = [];
  const jobs = ["x1", "x2", "x3", "x4", "y1", "y2", "z1"].map((name) =>
    queue.run({ key: name.charAt(0) }, () => Promise.resolve(void order.push(name)))
  );
  await Promise.all(jobs);
  assertEquals(order, ["x1", "y1", "z1", "x2", "y2", "x3", "x4"]);
});

Deno.test("a job that fails, even at once, frees its place", async () => {
  const queue = new FairQueue(1);
  const failing = [
    queue.run({ key: "k" }, () => Promise.reject(new Error("late"))),
    queue.run({ key: "k" }, () => {
      throw new Error("at once");
    }),
  ];
  const last = queue.run({ key: "k" }, () => Promise.resolve("done"));
  await assertRejects(() => failing[0]!, Error, "late");
  await assertRejects(() => failing[1]!, Error, "at once");
  assertEquals(await last, "done");
});

Deno.test("giving up takes a job out of the queue and leaves the others", async () => {
  const { started, job, end } = makeJobs();
  const queue = new FairQueue(1);
  const first = queue.run({ key: "k" }, job("first"));
  const abort = new AbortController();
  const given = queue.run({ key: "k", signal: abort.signal }, job("given up"));
  const last = queue.run({ key: "k" }, job("last"));
  abort.abort();
  await assertRejects(() => given, DOMException);
  await assertRejects(
    () => queue.run({ key: "k", signal: abort.signal }, job("too late")),
    DOMException,
  );
  end("first");
  await first;
  await Promise.resolve();
  end("last");
  await last;
  assertEquals(started, ["first", "last"]);
});

Deno.test("a queue for no job at once is refused", () => {
  for (const wrong of [0, -1, 1.5, NaN]) {
    assertThrows(() => new FairQueue(wrong), RangeError, "concurrency must be a whole number");
  }
});

/** What one who runs jobs one after the other begins, in order; `x` holds the queue until all have come. */
async function orderOf(
  queue: FairQueue,
  jobs: readonly (readonly [name: string, rank: number])[],
): Promise<{ order: string[]; refused: string[] }> {
  const [order, refused]: [string[], string[]] = [[], []];
  const gate = Promise.withResolvers<void>();
  const first = queue.run({ key: "x" }, () => gate.promise);
  const others = jobs.map(([name, rank]) =>
    queue.run({ key: name.charAt(0), rank }, () => Promise.resolve(void order.push(name)))
      .catch((error) => {
        assert(error instanceof QueueFullError);
        refused.push(name);
      })
  );
  gate.resolve();
  await Promise.all([first, ...others]);
  return { order, refused };
}

Deno.test("who comes seldom is next, however many never stop", async () => {
  const queue = new FairQueue(1);
  const order: string[] = [];
  let isOver = false;
  const come = (key: string): Promise<unknown> =>
    queue.run({ key }, async () => {
      order.push(key);
      await new Promise((resolve) => setImmediate(resolve));
    });
  const busy = Array.from({ length: 40 }, async (_, n) => {
    while (!isOver) await come(`busy${n}`);
  });
  for (let n = 0; n < 3; n++) {
    for (let k = 0; k < 100; k++) await settle();
    const before = order.length;
    await come("owner");
    const passed = order.lastIndexOf("owner") - before;
    assert(passed <= 1, `${passed} went before`);
  }
  isOver = true;
  await Promise.all(busy);
});

Deno.test("an earlier class goes first, whenever its jobs come", async () => {
  const queue = new FairQueue(1, [{}, {}, {}]);
  const { order } = await orderOf(queue, [["c1", 2], ["b1", 1], ["c2", 2], ["a1", 0], ["d1", 1]]);
  assertEquals(order, ["a1", "b1", "d1", "c1", "c2"]);
});

Deno.test("a class that seven others have passed is next, and no class starves", async () => {
  const queue = new FairQueue(1, [{}, {}, {}]);
  const many = (name: string, rank: number) =>
    Array.from({ length: 20 }, (_, n) => [`${name}${n}`, rank] as const);
  const { order } = await orderOf(queue, [...many("a", 0), ...many("b", 1), ...many("c", 2)]);
  assertEquals(
    order.map((name) => name.charAt(0)).join("").slice(0, 25),
    "aaaaaaabcaaaaaabcaaaaaabc",
  );
});

Deno.test("from both ends the latest and the earliest are next in turn, whatever the keys", async () => {
  const { order } = await orderOf(new FairQueue(1, [{ fromBothEnds: true }]), [
    ["a1", 0],
    ["a2", 0],
    ["b1", 0],
    ["c1", 0],
  ]);
  assertEquals(order, ["a1", "c1", "a2", "b1"]);
});

Deno.test("a full class refuses the latest of its longest lane, and no other class", async () => {
  const queue = new FairQueue(1, [{}, { maxWaiting: 4 }]);
  const jobs = ["a1", "a2", "a3", "a4", "a5", "b1", "c1", "b2", "d1"].map((name) =>
    [name, 1] as const
  );
  const { order, refused } = await orderOf(queue, [...jobs, ["e1", 0], ["e2", 0]]);
  // d1 finds four others who have one job each.
  assertEquals(refused, ["a5", "a4", "a3", "b2", "a2"]);
  assertEquals(order, ["e1", "e2", "a1", "b1", "c1", "d1"]);
});

Deno.test("who gives up waiting makes room", async () => {
  const { job, end } = makeJobs();
  const queue = new FairQueue(1, [{}, { maxWaiting: 1 }]);
  const first = queue.run({ key: "k" }, job("first"));
  const abort = new AbortController();
  const given = queue.run({ key: "a", rank: 1, signal: abort.signal }, job("given up"));
  await assertRejects(() => queue.run({ key: "b", rank: 1 }, job("b")), QueueFullError);
  abort.abort();
  await assertRejects(() => given, DOMException);
  const last = queue.run({ key: "b", rank: 1 }, () => Promise.resolve("in time"));
  assertEquals(queue.waiting, 1);
  end("first");
  await first;
  assertEquals(await last, "in time");
});
