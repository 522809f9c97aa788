/**
 * Prints the path of the running Deno, for the task `launch`: the launcher may then run this very Deno, also
 * where no `deno` is on the PATH. A path with a comma cannot be written into `--allow-run`; then the PATH decides.
 *
 * @module
 */

import { writeText } from "../common/output.ts";

const path = Deno.execPath();
writeText(Deno.stdout, path.includes(",") ? "deno" : path);
