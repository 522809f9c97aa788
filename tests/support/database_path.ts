/**
 * A place for a database that is gone after the test.
 *
 * @module
 */

/** Calls `run` with the path of a file that does not exist yet, and deletes its directory afterwards. */
export async function withDatabasePath(
  run: (path: string) => void | Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "jim-db-" });
  try {
    await run(`${dir}/jim.db`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
