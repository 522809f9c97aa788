import { assertEquals } from "@std/assert";

import { runProgram } from "../support/run_program.ts";

Deno.test("HAProxy takes the configuration of docs/cluster.md", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/cluster.md", import.meta.url));
  const [, config = ""] = /^```haproxy\n([^]*?)^```$/m.exec(page) ?? [];
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, config);
    const { code, stdout, stderr } = await runProgram("haproxy", ["-c", "-f", path]);
    assertEquals([code, /\[(WARNING|ALERT)\].*/.exec(stdout + stderr)?.[0]], [0, undefined]);
  } finally {
    await Deno.remove(path);
  }
});
