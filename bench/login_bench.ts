/**
 * What others notice of logins: the round trip of a direct message while 50 passwords are being checked.
 *
 * `deno run -A bench/login_bench.ts`
 *
 * @module
 */

import { Passwords } from "../server/accounts/passwords.ts";
import { UserAdmin } from "../server/store/user_admin.ts";
import { ServerProcess } from "../tests/support/server_process.ts";
import { type Address, LineClient } from "./line_client.ts";
import { measureRoundTrips, percentiles } from "./round_trips.ts";
import { printLine } from "../common/output.ts";

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
    printLine(`no login          ${percentiles(await measureRoundTrips(server.address, 5))}`);
    const start = performance.now();
    let seconds = 0;
    const all = Promise.all(
      Array.from({ length: LOGINS }, (_, n) => logIn(server.address, `user${n}`)),
    )
      .then(() => seconds = (performance.now() - start) / 1000);
    const trips: number[] = [];
    while (seconds === 0) trips.push(...await measureRoundTrips(server.address, 1));
    await all;
    printLine(
      `${LOGINS} logins at once  ${percentiles(trips)}; all online after ${seconds.toFixed(1)} s`,
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function logIn(address: Address, name: string): Promise<void> {
  const user = { account_name: name, password: PASSWORD };
  using client = await LineClient.connect(address);
  const { response } = await client.ask({ event: "authenticate", user });
  if (response !== 200) throw new Error(`Expected 200, received ${response}`);
}

if (import.meta.main) await main();
