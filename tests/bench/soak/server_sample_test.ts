import { assert } from "@std/assert";

import { sampleProcess } from "../../../bench/soak/server_sample.ts";

Deno.test("a process uses memory, descriptors and time", async () => {
  const file = Deno.openSync(new URL("../../../deno.json", import.meta.url));
  const { rssMib, descriptors, cpuSeconds } = await sampleProcess(Deno.pid);
  assert(rssMib > 10 && rssMib < 10_000, `${rssMib} MiB`);
  assert(descriptors > 3 && Number.isInteger(descriptors), `${descriptors}`);
  assert(cpuSeconds > 0 && cpuSeconds < 100_000, `${cpuSeconds} s`);
  file.close();
});
