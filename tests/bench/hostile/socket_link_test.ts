import { assertEquals, assertRejects } from "@std/assert";

import { network } from "../../../bench/hostile/networks.ts";
import { SocketLink } from "../../../bench/hostile/socket_link.ts";

Deno.test("a link comes from its address, carries bytes both ways and sees the end", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const link = await SocketLink.connect(listener.addr.port, network(9, 3));
  using conn = await listener.accept();
  assertEquals(conn.remoteAddr, { ...conn.remoteAddr, hostname: "127.10.0.4" });

  assertEquals(await link.write(new TextEncoder().encode("hello")), 5);
  const heard = new Uint8Array(8);
  assertEquals(await conn.read(heard), 5);

  await conn.write(new TextEncoder().encode("an answer"));
  const buffer = new Uint8Array(4);
  let text = "";
  while (text.length < 9) {
    text += new TextDecoder().decode(buffer.subarray(0, (await link.read(buffer))!));
  }
  assertEquals(text, "an answer");
  await conn.closeWrite();
  assertEquals(await link.read(buffer), null);
  assertEquals(await link.read(buffer), null);
  link.close();
});

Deno.test("a link to nobody is an error", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await assertRejects(() => SocketLink.connect(port, network(9, 3)), Error, "ECONNREFUSED");
});
