// Ships one line to the collector at the port in the first argument, then has nothing more to do.
import { SocketHandler } from "../../../logs/handlers/socket_handler.ts";

if (import.meta.main) {
  const handler = new SocketHandler("INFO", {
    port: Number(Deno.args[0]),
    retryDelay: 1,
  });
  handler.setup();
  handler.log("hello");
  await handler.sent(200);
}
