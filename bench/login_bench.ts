/**
 * What others notice of logins: the round trip of a direct message while 50 passwords are being checked.
 *
 * `deno run -A bench/login_bench.ts`
 *
 * @module
 */

import { Passwords } from "../server/passwords.ts";
import { UserAdmin } from "../server/store/user_admin.ts";
import { Peer } from "../tests/support/peer.ts";
import { ServerProcess } from "../tests/support/server_process.ts";
import { measureRoundTrips, percentiles } from "./round_trips.ts";

const PASSWORD = "correct horse";
const LOGINS = 50;

async function main(): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "jim-bench-" });
  try {
    const db = `${dir}/jim.db`;
    {
      const hash = await new Passwords().hash(PASSWORD);
      using users = UserAdmin.open(db, true, () => Date.now() / 1000);
      for (let n = 0; n < LOGINS; n++) users.add(`user${n}`, `user${n}`, hash);
    }
    await using server = await ServerProcess.start(["--rate", "0"], { db });
    const { port } = server.address;
    say(`no login          ${percentiles(await measureRoundTrips(port, 5))}`);
    const start = performance.now();
    let seconds = 0;
    const all = Promise.all(Array.from({ length: LOGINS }, (_, n) => logIn(port, `user${n}`)))
      .then(() => seconds = (performance.now() - start) / 1000);
    const trips: number[] = [];
    while (seconds === 0) trips.push(...await measureRoundTrips(port, 1));
    await all;
    say(
      `${LOGINS} logins at once  ${percentiles(trips)}; all online after ${seconds.toFixed(1)} s`,
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function logIn(port: number, name: string): Promise<void> {
  using peer = await Peer.connect(port);
  const code = await peer.ask({
    event: "authenticate",
    user: { account_name: name, password: PASSWORD },
  });
  if (code !== 200) throw new Error(`Expected 200 for ${name}, received ${code}`);
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}

if (import.meta.main) await main();
