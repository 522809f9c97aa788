/**
 * The CPU time of a program with all that it has started.
 *
 * @module
 */

/** The kernel counts time in these (`getconf CLK_TCK`; 100 on all usual machines). */
const TICKS_PER_SECOND = 100;

/**
 * CPU time, user and system, that a process and all below it have taken so far, those included that have ended and
 * been waited for.
 *
 * A shell looks at them: Deno itself opens files in `/proc` only with all permissions.
 *
 * @param pid The process at the top.
 * @returns Seconds, to a hundredth; 0 if there is no such process.
 */
export async function treeCpuSeconds(pid: number): Promise<number> {
  // Some end meanwhile: what is there of the others counts.
  const args = ["-c", "cat /proc/[0-9]*/stat 2>/dev/null"];
  const { stdout } = await new Deno.Command("sh", { args, stdin: "null" }).output();
  return ticksOf(pid, processesIn(new TextDecoder().decode(stdout))) / TICKS_PER_SECOND;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

/** proc_pid_stat(5): field 2 is a name in parentheses, 4 the parent, 14 to 17 times, of itself and of children. */
function processesIn(stats: string): Process[] {
  return stats.trim().split("\n").map((line) => {
    const fields = line.replace(/ \(.*\) /, " name ").split(" ");
    const ticks = fields.slice(13, 17).reduce((sum, field) => sum + Number(field), 0);
    return { pid: Number(fields[0]), parent: Number(fields[3]), ticks };
  });
}

function ticksOf(pid: number, all: readonly Process[]): number {
  const children = all.filter(({ parent }) => parent === pid);
  const own = all.find((process) => process.pid === pid)?.ticks ?? 0;
  return children.reduce((sum, child) => sum + ticksOf(child.pid, all), own);
}
