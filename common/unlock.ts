/**
 * Gives back the lock (flock) on a file, where there is one; file systems without locks have nothing to give back.
 *
 * To close the file is not enough: a child process that is just being started has copies of all descriptors until its
 * program begins, and they keep the lock.
 */
export function unlock(file: Deno.FsFile): void {
  try {
    file.unlockSync();
  } catch {
    // A file system without locks.
  }
}
