// Logs each line of standard input at ERROR, a second after the one before by its clock, and answers each with a line;
// at the end of the input it ends in good order. Warnings go to standard error.
//
// Usage: deno run log_lines.ts FILE < LINES
import { TextLineStream } from "@std/streams/text-line-stream";
import { Logger } from "@std/log/logger";

import { printLine } from "../../../common/output.ts";
import { TimedRotatingFileHandler } from "../../../logs/handlers/timed_rotating_file_handler.ts";

if (import.meta.main) {
  let now = Date.now();
  const handler = new TimedRotatingFileHandler("INFO", {
    filename: Deno.args[0]!,
    when: "W",
    formatter: ({ msg }) => msg,
    now: () => now,
  });
  handler.setup();
  const logger = new Logger("test", "INFO", { handlers: [handler] });
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const line of lines) {
    now += 1_000;
    logger.error(line);
    printLine("logged");
  }
  handler.destroy();
}
