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
  const script = `ls /proc/${pid}/fd | wc -l; cat /proc/${pid}/status /proc/${pid}/stat`;
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script] }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  const kib = /^VmRSS:\s+(\d+)/m.exec(lines.join("\n"))?.[1];
  // proc_pid_stat(5): utime and stime are fields 14 and 15; 2 is a name in parentheses.
  const fields = lines.at(-1)!.replace(/^.*\)/, "1 2").split(" ");
  return {
    rssMib: Number(kib) / 1_024,
    descriptors: Number(lines[0]),
    cpuSeconds: (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND,
  };
}
