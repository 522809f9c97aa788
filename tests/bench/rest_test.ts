import { assertEquals, assertRejects } from "@std/assert";

import { atRest, type RestOptions } from "../../bench/rest.ts";
import { StartError } from "../../common/errors.ts";

/** Processes that take so much of each look's time; the last figure goes on. Counts looks. */
function processes(taking: Record<number, number[]>): Required<RestOptions> & { looks: number } {
  const taken = new Map<number, number>();
  const stage = {
    looks: 0,
    cpuSeconds: (pid: number) => Promise.resolve(taken.get(pid) ?? 0),
    clock: {
      setTimeout: (callback: () => void) => {
        for (const [pid, each] of Object.entries(taking)) {
          const now = each[Math.min(stage.looks, each.length - 1)]!;
          taken.set(Number(pid), (taken.get(Number(pid)) ?? 0) + now);
        }
        stage.looks++;
        queueMicrotask(callback);
        return 0;
      },
    },
  };
  return stage;
}

Deno.test("servers that do nothing are at rest after one look", async () => {
  const stage = processes({ 1: [0], 2: [0.01] });
  await atRest([{ title: "a", pid: 1 }, { title: "b", pid: 2 }], stage);
  assertEquals(stage.looks, 1);
});

Deno.test("the last one that is busy is waited for, also in one of several processes", async () => {
  const stage = processes({ 1: [0.2, 0.2, 0], 2: [0], 3: [0.2, 0.2, 0.2, 0.2, 0.01] });
  await atRest([{ title: "a", pid: 1 }, { title: "b", pid: 2, pids: [2, 3] }], stage);
  assertEquals(stage.looks, 5);
});

Deno.test("one that is never at rest is an error, which names it", async () => {
  const stage = processes({ 1: [0.1, 0], 2: [0.1] });
  await assertRejects(
    () => atRest([{ title: "a", pid: 1 }, { title: "b", pid: 2 }], stage),
    StartError,
    "Still busy 120 s after the load: b",
  );
  assertEquals(stage.looks, 600);
});
