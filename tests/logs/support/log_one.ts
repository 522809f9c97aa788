// Logs one record as the server would, into the directory in the first argument.
import { DEFAULT_LOG_SETTINGS } from "../../../logs/handlers/settings.ts";
import { setupLogging } from "../../../logs/handlers/setup.ts";

if (import.meta.main) {
  const dir = Deno.args[0]!;
  await using logging = await setupLogging("server", { ...DEFAULT_LOG_SETTINGS, dir });
  logging.logger.info("hello");
}
