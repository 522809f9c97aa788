// Runs a program as root who may not listen below port 1024 (Linux). Where the system lets everybody do that, the
// program gets a network namespace of its own, which has the usual rule.
//
// Usage: deno run --allow-all without_low_ports.ts PROGRAM ARGUMENT …
const PR_CAPBSET_DROP = 24;
const CAP_NET_BIND_SERVICE = 10n;
const CLONE_NEWNET = 0x4000_0000;

if (import.meta.main) {
  const { symbols } = Deno.dlopen("libc.so.6", {
    prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
    unshare: { parameters: ["i32"], result: "i32" },
  });
  const firstFree = await Deno.readTextFile("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  const isRefused = Number(firstFree) < 1_024 && symbols.unshare(CLONE_NEWNET) !== 0 ||
    symbols.prctl(PR_CAPBSET_DROP, CAP_NET_BIND_SERVICE, 0n, 0n, 0n) !== 0;
  if (isRefused) throw new Error("The kernel does not let us give that right away");
  const [program, ...args] = Deno.args;
  const { code } = await new Deno.Command(program!, { args }).spawn().status;
  Deno.exit(code);
}
