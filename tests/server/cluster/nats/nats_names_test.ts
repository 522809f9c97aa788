import { assertEquals } from "@std/assert";

import { NatsNames } from "../../../../server/cluster/nats/nats_names.ts";
import type { RevisedEntry } from "../../../../server/cluster/nats/revised_table.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { RecordingLog } from "../../../support/recording_log.ts";
import { settle } from "../../../support/settle.ts";

const SELF = "0000000000000001", OTHER = "0000000000000002";

/** The names of one node, in a table that the test can change behind its back. */
function names() {
  let revision = 0;
  const entries = new Map<string, RevisedEntry>();
  const failed = { count: 0 };
  const put = (key: string, value: unknown): number => {
    entries.set(key, { value, revision: ++revision, at: 0 });
    return revision;
  };
  const table: ConstructorParameters<typeof NatsNames>[0] = {
    read: (key) => Promise.resolve(entries.get(key)),
    write: (key, value, expected) => {
      if ((entries.get(key)?.revision ?? 0) === expected) return Promise.resolve(put(key, value));
      failed.count++;
      return Promise.resolve(undefined);
    },
    remove: () => Promise.resolve(),
    async *entries() {},
  };
  const life: ConstructorParameters<typeof NatsNames>[1] = {
    ...{ self: SELF, nodes: new Set<string>(), isAlive: true },
    stateOf: () => Promise.resolve("alive"),
    forgetEnded: () => Promise.resolve(),
  };
  const node = new NatsNames(table, life, { clock: new FakeClock(), log: new RecordingLog() });
  const key = (): string => [...entries.keys()][0]!;
  return { node, put, holder: () => entries.get(key())?.value, key, failed };
}

Deno.test("a name is given back though its entry has another revision than this node knows", async () => {
  const { node, put, holder, key } = names();
  using _ = node;
  assertEquals(await node.take("kim"), true);
  put(key(), { holder: SELF });
  node.release("kim");
  await settle();
  assertEquals(holder(), {});
});

Deno.test("a name that is another node's meanwhile is not given back for it", async () => {
  const { node, put, holder, key } = names();
  using _ = node;
  assertEquals(await node.take("kim"), true);
  put(key(), { holder: OTHER });
  node.release("kim");
  await settle();
  assertEquals(holder(), { holder: OTHER });
});

Deno.test("a name that is taken here again while it is given back is kept", async () => {
  const { node, put, holder, key } = names();
  using _ = node;
  assertEquals(await node.take("kim"), true);
  put(key(), { holder: SELF });
  node.release("kim");
  assertEquals(await node.take("kim"), true);
  await settle();
  assertEquals(holder(), { holder: SELF });
});

Deno.test("no write fails but for two that want a name at once", async () => {
  const { node, put, key, failed } = names();
  using _ = node;
  for (let i = 0; i < 3; i++) {
    assertEquals(await node.take("kim"), true);
    node.release("kim");
    await settle();
  }
  put(key(), { holder: OTHER });
  assertEquals(await node.take("kim"), OTHER);
  assertEquals(failed.count, 0);
});
