/**
 * Prints the ids of the processes that a task's program ends with, parted by commas, for `--stop-with`: the task, and
 * under `npx` those above it. So the program itself runs nothing and reads no variable to learn them.
 *
 * @module
 */

import { npmProcesses } from "./npm_processes.ts";
import { writeText } from "./output.ts";

const task = Deno.ppid;
writeText(Deno.stdout, [task, ...await npmProcesses(task)].join(","));
