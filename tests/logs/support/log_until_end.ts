// Logs to a file and ends in a certain way: HOW is exit, throw, reject, wait or kill.
//
// Usage: deno run log_until_end.ts FILE HOW
import { Logger } from "@std/log/logger";
import { TimedRotatingFileHandler } from "../../../logs/handlers/timed_rotating_file_handler.ts";

if (import.meta.main) {
  const [filename, how] = Deno.args as [string, string];
  const handler = new TimedRotatingFileHandler("INFO", {
    filename,
    flushInterval: how === "kill" ? 5 : 600_000,
  });
  handler.setup();
  const logger = new Logger("test", "INFO", { handlers: [handler] });
  logger.info("first");
  switch (how) {
    case "exit":
      Deno.exit(3);
      break;
    case "throw":
      setTimeout(() => {
        throw new Error("uncaught");
      });
      break;
    case "reject":
      Promise.reject(new Error("unhandled"));
      break;
    case "wait":
      Deno.stdout.writeSync(new TextEncoder().encode("ready\n"));
      setTimeout(() => {}, 600_000);
      break;
    case "kill":
      while (Deno.readTextFileSync(filename) === "") {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      logger.error("second");
      logger.info("within the last interval");
      Deno.kill(Deno.pid, "SIGKILL");
  }
}
