// Makes a private directory and a file in it under a umask: make_private.ts UMASK DIR
import { makePrivateDirectory, openPrivateFile } from "../../common/private_files.ts";

const [umask, dir] = Deno.args;
Deno.umask(parseInt(umask!, 8));
makePrivateDirectory(dir!);
makePrivateDirectory(dir!);
openPrivateFile(`${dir}/file`, { append: true }).close();
