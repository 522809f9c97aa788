"""Runs CPython 3.13's own TimedRotatingFileHandler with a mocked clock.

Usage: python3 cpython_rotation.py STDLIB_ZIP < CASES > RESULTS

STDLIB_ZIP holds the standard library of CPython 3.13, whose logging package is loaded from there,
whatever version interprets it. CASES and RESULTS are lines of JSON, one result for each case.
"""

import importlib.abc
import importlib.util
import json
import os
import sys
import tempfile
import time
import zipfile


class ZipLoader(importlib.abc.SourceLoader):
    def __init__(self, path, archive):
        self.path = path
        self.archive = archive

    def get_filename(self, fullname):
        return self.path

    def get_data(self, path):
        return self.archive.read(path)

    def path_stats(self, path):
        raise OSError("no bytecode is kept")


def load(name, path, archive):
    loader = ZipLoader(path, archive)
    is_package = path.endswith("__init__.py")
    spec = importlib.util.spec_from_loader(name, loader, is_package=is_package)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return module


class Clock:
    """Stands in for the module `time`: the zone is real, the instant is not."""

    def __init__(self):
        self.now = 0

    def time(self):
        return self.now

    def __getattr__(self, name):
        return getattr(time, name)


class FileSystem:
    """Stands in for the module `os`: a log file was last changed at the mocked instant."""

    def __init__(self, clock):
        self.clock = clock

    def stat(self, path):
        os.stat(path)
        return type("Stat", (), {"st_mtime": self.clock.now})()

    def __getattr__(self, name):
        return getattr(os, name)


def at_time(value):
    # Only these three attributes are used.
    return None if value is None else type("AtTime", (), value)()


def make_handler(handlers, path, case):
    return handlers.TimedRotatingFileHandler(
        path,
        when=case["when"],
        interval=case["interval"],
        backupCount=case.get("backupCount", 0),
        encoding="utf-8",
        delay=case.get("delay", True),
        utc=case["utc"],
        atTime=at_time(case["atTime"]),
    )


def run(logging, handlers, clock, case):
    with tempfile.TemporaryDirectory() as directory:
        for name in case["present"]:
            with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                file.write(name)
        clock.now = case["start"]
        handler = make_handler(handlers, os.path.join(directory, "a.log"), case)
        handler.setFormatter(logging.Formatter("%(message)s"))
        stopped = []
        for now, text in case["records"]:
            clock.now = now
            record = logging.LogRecord("name", logging.INFO, "", 0, text, None, None)
            handler.handle(record)
            # Its name was taken: CPython writes on and tries the same name again, for ever.
            if now >= handler.rolloverAt:
                stopped.append(now)
        handler.close()
        files = {}
        for name in os.listdir(directory):
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                files[name] = file.read()
        return {"files": files, "stopped": len(stopped)}


def main():
    archive = zipfile.ZipFile(sys.argv[1])
    logging = load("logging", "logging/__init__.py", archive)
    handlers = load("logging.handlers", "logging/handlers.py", archive)
    logging.raiseExceptions = True
    clock = Clock()
    handlers.time = clock
    handlers.os = FileSystem(clock)
    unused = os.path.join(tempfile.gettempdir(), "never-made-%d" % os.getpid(), "a.log")
    for line in sys.stdin:
        case = json.loads(line)
        os.environ["TZ"] = case["zone"]
        time.tzset()
        if case["kind"] == "run":
            result = run(logging, handlers, clock, case)
        else:
            handler = make_handler(handlers, unused, case)
            result = [handler.computeRollover(t) for t in case["instants"]]
            handler.close()
        print(json.dumps(result))


main()
