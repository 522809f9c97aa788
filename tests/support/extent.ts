/**
 * How far a test goes that draws by lot: as far as usual, or, in `deno task test:thorough`, as far as one who waits for it
 * may want.
 *
 * @param usual Enough to find what the thorough extent has found.
 */
export function extent({ usual, thorough }: { usual: number; thorough: number }): number {
  return Deno.env.get("JIM_TESTS") === "thorough" ? thorough : usual;
}
