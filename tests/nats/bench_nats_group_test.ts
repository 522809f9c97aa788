import { assertEquals, assertRejects } from "@std/assert";

import { startNats } from "../../bench/nodes/nats_group.ts";
import { Processes } from "../../bench/processes.ts";

/** What a NATS server says of itself to who connects. */
async function infoOf(url: string): Promise<Record<string, unknown>> {
  const { hostname, port } = new URL(url.replace("nats:", "http:"));
  using conn = await Deno.connect({ hostname, port: Number(port) });
  let text = "";
  for await (const chunk of conn.readable) {
    text += new TextDecoder().decode(chunk);
    if (text.includes("\r\n")) break;
  }
  return JSON.parse(/INFO (.*)\r\n/.exec(text)![1]!);
}

for (const count of [1, 3]) {
  Deno.test(`${count} NATS servers for the benchmark keep messages, and are gone in the end`, async () => {
    const directory = await Deno.makeTempDir();
    try {
      await using processes = new Processes();
      const group = await startNats({ processes, directory, command: [] }, count);
      const urls = group.urls.split(",");
      const infos = await Promise.all(urls.map(infoOf));
      assertEquals(infos.map(({ jetstream }) => jetstream), Array(count).fill(true));
      assertEquals(
        new Set(infos.map(({ cluster }) => cluster)),
        new Set([count > 1 ? "bench" : undefined]),
      );
      assertEquals(new Set(infos.map(({ server_id }) => server_id)).size, count);
      await group[Symbol.asyncDispose]();
      for (const url of urls) await assertRejects(() => infoOf(url), Deno.errors.ConnectionRefused);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}
