import { assertEquals } from "@std/assert";

import { Doorbell } from "../../../server/connection/doorbell.ts";

Deno.test("Doorbell rings again and again, and leaves nothing open", async () => {
  const bell = new Doorbell();
  for (let i = 0; i < 20; i++) await bell.ring();
  bell[Symbol.dispose]();
  bell[Symbol.dispose]();
  await bell.ring(); // still comes back
});

Deno.test("Doorbell comes back only after the sockets have been looked at", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using near = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  using far = await listener.accept();
  const bell = new Doorbell();
  await bell.ring(); // opens it
  let count: number | null = null;
  const reading = far.read(new Uint8Array(1)).then((got) => count = got);
  await near.write(new Uint8Array(1));
  await bell.ring();
  assertEquals(count, 1, "what was ready before has been read");
  await reading;
  bell[Symbol.dispose]();
});

Deno.test("Doorbell may be disposed while it is being opened", async () => {
  const bell = new Doorbell();
  const ring = bell.ring();
  bell[Symbol.dispose]();
  await ring;
});
