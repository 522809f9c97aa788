import { TlsKeeper } from "../../server/connection/tls_keeper.ts";
import { TestServer, type TestServerOptions } from "./server_fixture.ts";
import { TlsDirectory } from "./tls_files.ts";

/** Runs a test with a server that speaks TLS, with the certificate that is in the directory at the start. */
export async function withTlsServer(
  options: TestServerOptions,
  run: (server: TestServer, keeper: TlsKeeper, directory: TlsDirectory) => Promise<void>,
): Promise<void> {
  await using directory = await TlsDirectory.make();
  const keeper = new TlsKeeper(directory.files);
  await using server = new TestServer({ ...options, tls: { keeper, ca: directory.pair.cert } });
  await run(server, keeper, directory);
}
