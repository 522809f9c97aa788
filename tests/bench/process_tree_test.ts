import { assert, assertEquals } from "@std/assert";

import { treeCpuSeconds } from "../../bench/process_tree.ts";

/** A shell that has one child burn time and waits for it, has another burn time that stays, and then says so. */
const FAMILY = `
exec 3<&0
burn() { i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done; }
( burn )
( burn; echo burnt; exec cat <&3 ) &
wait
`;

Deno.test("the time of children counts, whether they have ended or not", async () => {
  const child = new Deno.Command("sh", {
    args: ["-c", FAMILY],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = child.stdout.getReader();
  await output.read();
  const seconds = await treeCpuSeconds(child.pid);
  // Of its own the shell burns nothing: what there is are two equal parts.
  const own = Number(
    Deno.readTextFileSync(`/proc/${child.pid}/stat`).split(") ")[1]!.split(" ")[11],
  ) / 100;
  assert(seconds > 0.02 && own < seconds / 2, `${own} of ${seconds}`);
  await child.stdin.close();
  await output.cancel();
  await child.status;
  assertEquals(await treeCpuSeconds(child.pid), 0);
});
