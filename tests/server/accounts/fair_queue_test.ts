import { assertEquals, assertRejects, assertThrows } from "@std/assert";

import { FairQueue } from "../../../server/accounts/fair_queue.ts";

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
  const results = ["a", "b", "c", "d"].map((name) => queue.run("k", job(name)));
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
    queue.run(name.charAt(0), () => Promise.resolve(void order.push(name)))
  );
  await Promise.all(jobs);
  assertEquals(order, ["x1", "x2", "y1", "z1", "x3", "y2", "x4"]);
});

Deno.test("a job that fails, even at once, frees its place", async () => {
  const queue = new FairQueue(1);
  const failing = [
    queue.run("k", () => Promise.reject(new Error("late"))),
    queue.run("k", () => {
      throw new Error("at once");
    }),
  ];
  const last = queue.run("k", () => Promise.resolve("done"));
  await assertRejects(() => failing[0]!, Error, "late");
  await assertRejects(() => failing[1]!, Error, "at once");
  assertEquals(await last, "done");
});

Deno.test("giving up takes a job out of the queue and leaves the others", async () => {
  const { started, job, end } = makeJobs();
  const queue = new FairQueue(1);
  const first = queue.run("k", job("first"));
  const abort = new AbortController();
  const given = queue.run("k", job("given up"), abort.signal);
  const last = queue.run("k", job("last"));
  abort.abort();
  await assertRejects(() => given, DOMException);
  await assertRejects(() => queue.run("k", job("too late"), abort.signal), DOMException);
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
