// Who is above `deno task` under npx is told by `ps`.
import { assertEndsWith, TASK } from "../support/task_process.ts";

/** As npm runs a command: a shell with a process of its own, which waits for it. */
const NPM = { npm_lifecycle_event: "npx" };
const SHELL = ["sh", "-c", '"$0" "$@"; exit $?'];

for (
  const [who, command] of [
    ["the shell above deno task that npx starts", [...SHELL, ...TASK]],
    ["npx", [...SHELL, ...SHELL, ...TASK]],
  ] as const
) {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    Deno.test(`${signal} to ${who} ends the server in order and frees its port`, () =>
      assertEndsWith(command, NPM, signal));
  }
}
