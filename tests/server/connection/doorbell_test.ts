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

/** Does something while `Deno.listen` is another one. */
async function withListen(listen: typeof Deno.listen, work: () => Promise<void>): Promise<void> {
  const real = Deno.listen;
  Deno.listen = listen;
  try {
    await work();
  } finally {
    Deno.listen = real;
  }
}

Deno.test("Doorbell opens later what could not be opened at first", async () => {
  const bell = new Doorbell();
  const { listen } = Deno;
  const ringTwice = async (): Promise<void> => {
    await bell.ring();
    await bell.ring();
  };
  let failures = 0;
  const failing = (): never => {
    failures++;
    throw new Deno.errors.Busy("no descriptor left");
  };
  await withListen(failing, ringTwice);
  assertEquals(failures, 2);
  let opened = 0;
  const counting = (options: Deno.TcpListenOptions): Deno.TcpListener => {
    opened++;
    return listen(options);
  };
  await withListen(counting as typeof Deno.listen, ringTwice);
  assertEquals(opened, 1);
  bell[Symbol.dispose]();
});
