import type { Link } from "../../common/link.ts";
import type { Admitted } from "../../server/connection/admission.ts";
import { Networks } from "../../server/connection/networks.ts";
import type { Plumbing } from "../../server/connection/plumbing.ts";

/** A connection from 192.0.2.1 as a session gets it, counted nowhere; each comes from a network of its own. */
export function admitted(
  { clock, settings, turns }: Plumbing,
  link: Link,
  port = 4_711,
): Pick<Admitted, "link" | "address" | "level" | "network" | "online" | "keepAlive"> {
  const networks = new Networks({ bytesPerSecond: settings.work * 1_024, clock, turns });
  return {
    link,
    address: `192.0.2.1:${port}`,
    level: "info",
    network: networks.of("192.0.2.1"),
    online: () => {},
    keepAlive: () => {},
  };
}
