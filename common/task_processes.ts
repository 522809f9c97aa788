/**
 * Prints the ids of the processes that a task's program ends with, parted by commas, for `--stop-with`: the task, and
 * under `npx` those above it. So the program itself runs nothing and reads no variable to learn them.
 *
 * It takes as long as a start of Deno, so the task `server` runs it under npm only: elsewhere there is the parent alone.
 *
 * @module
 */

import { npmProcesses } from "./npm_processes.ts";
import { writeText } from "./output.ts";

const task = Deno.ppid;
writeText(Deno.stdout, [task, ...await npmProcesses(task)].join(","));
