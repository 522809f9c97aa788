import { assert, assertEquals } from "@std/assert";

import { FAULTS } from "../../bench/chaos/faults.ts";
import { run, type Trouble } from "../../bench/chaos/run.ts";

function trouble(name: string, index: number, seconds: number): Trouble {
  const fault = FAULTS.find((it) => it.name === name)!;
  const [least, most] = fault.lasts;
  return { fault, index, length: (seconds * 1_000 - least) / (most - least) };
}

Deno.test("chaos: three nodes keep what the contract promises while one is killed, a NATS server is, and one is cut off", async () => {
  const folder = await Deno.makeTempDir({ prefix: "jim-chaos-" });
  const told: string[] = [];
  try {
    const { violations, answers, freed } = await run({
      ...{ seconds: 60, seed: 7, folder, nodes: 3, natsServers: 3, restSeconds: 8, faults: FAULTS },
      plan: [
        [trouble("kill -9 of a node", 1, 9)],
        [trouble("kill -9 of a NATS server", 0, 1)],
        [trouble("a node cut off, in both directions", 2, 7)],
      ],
      say: (line) => told.push(line),
    });
    assertEquals(violations, []);
    assertEquals(freed.length, 1, told.join("; "));
    assert((answers.get(200) ?? 0) > 100, `so few messages were answered 200: ${answers.get(200)}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
