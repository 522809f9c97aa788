/**
 * What a server's process uses, as Linux tells it.
 *
 * @module
 */

/** A process at one moment. */
export interface Sample {
  /** Memory in use. */
  rssMib: number;
  /** Open descriptors. */
  descriptors: number;
  /** CPU time that it has taken so far, in seconds. */
  cpuSeconds: number;
}

/** The kernel counts time in these (`getconf CLK_TCK`; 100 on all usual machines). */
const TICKS_PER_SECOND = 100;

/** Looks at a process. A shell does it: Deno itself opens files in `/proc` only with all permissions. */
export async function sampleProcess(pid: number): Promise<Sample> {
  const script = `awk '/^VmRSS:/ { print $2 }' /proc/${pid}/status; ls /proc/${pid}/fd | wc -l; ` +
    `awk '{ print $14 + $15 }' /proc/${pid}/stat`;
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script] }).output();
  const [kib, descriptors, ticks] = new TextDecoder().decode(stdout).trim().split("\n").map(Number);
  return {
    rssMib: kib! / 1_024,
    descriptors: descriptors!,
    cpuSeconds: ticks! / TICKS_PER_SECOND,
  };
}
