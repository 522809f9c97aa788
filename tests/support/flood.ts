// Connects many times, one after the other, says something and ends the connection: by a reset (SO_LINGER with 0
// seconds), half-closed first, or at once.
//
// Usage: deno run --allow-net flood.ts PORT COUNT
import { connect } from "node:net";

const SAYS: readonly ((i: number) => string)[] = [
  () => "",
  () => "nonsense\n",
  (i) => `{"event":"presence","user":{"account_name":"u${i}"}}\n{"event":"join","room":"#flood"}\n`,
  (i) =>
    `{"event":"presence","user":{"account_name":"same"}}\n{"event":"join","room":"#r${i}"}\n{"event":"wh`,
  (i) =>
    i % 2000 === 4
      ? '{"event":"authenticate","user":{"account_name":"eve","password":"wrong password"}}\n'
      : "[",
];

/** Only Node's sockets can reset a connection. */
async function reset(port: number, text: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(port, "127.0.0.1", () => {
    socket.write(text, () => socket.resetAndDestroy());
  });
  socket.on("close", () => resolve());
  socket.on("error", reject);
  await promise;
}

async function close(port: number, text: string, isHalfFirst: boolean): Promise<void> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(text));
  if (isHalfFirst) await conn.closeWrite();
}

if (import.meta.main) {
  const [port, count] = Deno.args.map(Number) as [number, number];
  for (let i = 0; i < count; i++) {
    const text = SAYS[i % SAYS.length]!(i);
    if (i % 3 === 1) await reset(port, text);
    else await close(port, text, i % 3 === 0);
  }
}
