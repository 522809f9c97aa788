/**
 * Reading variables of the environment without asking for a permission.
 *
 * @module
 */

/** A variable that is set, not empty and may be read. */
export async function environment(variable: string): Promise<string | undefined> {
  const { state } = await Deno.permissions.query({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) || undefined : undefined;
}
