import { assertEquals } from "@std/assert";

import { Intake } from "../../../../server/connection/classic/intake.ts";
import { byteSource, cutAtRandom } from "../../../support/byte_source.ts";
import { seededRandom } from "../../../support/random.ts";

Deno.test("Intake gives what was read and not taken", async () => {
  const random = seededRandom(3);
  const input = Uint8Array.from({ length: 60_000 }, () => random() * 256);
  for (let round = 0; round < 20; round++) {
    const intake = new Intake(byteSource(cutAtRandom(input, random, 3_000)));
    const taken: number[] = [];
    const take = (count: number): void => {
      taken.push(...intake.bytes.subarray(0, count));
      intake.take(count);
    };
    while (await intake.more()) {
      take(Math.floor(random() * intake.bytes.length));
      if (random() < 0.3) {
        const reading = intake.ahead();
        take(Math.floor(random() * intake.bytes.length));
        await reading;
      }
      if (random() < 0.1) take(intake.bytes.length);
    }
    take(intake.bytes.length);
    assertEquals(Uint8Array.from(taken), input);
  }
});

Deno.test("Intake says what it holds and lets its reader wait", async () => {
  let held = 0;
  const log: string[] = [];
  const intake = new Intake(byteSource([new Uint8Array(500), new Uint8Array(40)]), {
    onBytes: (count) => log.push(`read ${count}`),
    onHeld: (bytes) => held += bytes,
    beforeReading: (count) => {
      log.push(`before, after ${count}`);
      return undefined;
    },
  });
  await intake.more();
  assertEquals(held, 0);
  await intake.more();
  assertEquals(held, 0);
  await intake.more();
  assertEquals(held, 540, "512 are not counted");
  assertEquals(log, ["read 500", "before, after 500", "read 12", "before, after 12", "read 28"]);
  assertEquals(await intake.more(), false);
  assertEquals(intake.handOver().count, 540);
  assertEquals([held, intake.bytes.length], [0, 0]);
});
