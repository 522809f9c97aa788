// Opens connections that say nothing, as many as the system lets it, until its standard input ends.
//
// Usage: deno run --allow-net crowd.ts PORT
if (import.meta.main) {
  const port = Number(Deno.args[0]);
  for (let i = 0; i < 1_000; i++) Deno.connect({ hostname: "127.0.0.1", port }).catch(() => {});
  await Deno.stdin.readable.pipeTo(new WritableStream());
  Deno.exit();
}
