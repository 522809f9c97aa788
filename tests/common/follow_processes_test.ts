import { assertEquals } from "@std/assert";

import { followProcesses } from "../../common/follow_processes.ts";
import { Interrupts } from "../../common/interrupts.ts";

/** A process that ends with its input. */
function startCat(): Deno.ChildProcess {
  return new Deno.Command("cat", { stdin: "piped", stdout: "null" }).spawn();
}

/** Resolves when the program was asked to end; keeps the process until then. */
async function asked(interrupts: Interrupts): Promise<void> {
  const alive = setInterval(() => {}, 60_000);
  await interrupts.first;
  clearInterval(alive);
}

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  Deno.test(`${signal} to one of the processes asks the program to end`, async () => {
    await using one = startCat();
    await using other = startCat();
    const interrupts = new Interrupts();
    followProcesses(interrupts, [Deno.ppid, one.pid, other.pid]);
    other.kill(signal);
    await asked(interrupts);
    assertEquals((await other.status).success, false);
    await one.stdin.close();
    assertEquals((await one.status).success, true);
    await other.stdin.close().catch(() => {});
  });
}

Deno.test("a process that had ended before counts, too", async () => {
  const cat = startCat();
  await cat.stdin.close();
  await cat.status;
  const interrupts = new Interrupts();
  followProcesses(interrupts, [Deno.ppid, cat.pid]);
  await asked(interrupts);
});
