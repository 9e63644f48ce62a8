"""Makes edits of workbooks in one LibreOffice. Run by the system's Python, which has UNO.

/usr/bin/python3 run.py JOBS.json PROFILE_FOLDER

A job is a name, the base to open, its steps, and the file to write. Without a file it tells
which tensors then differ from the base's: for the stored numbers, and for every drawing of
others. A line of JSON tells how each job went.
"""

import json
import sys
from pathlib import Path

import server
import tensors
import verbs


class Bases:
    """What every base computes, worked out once."""

    def __init__(self, desk, draws):
        self.desk, self.draws, self.known = desk, draws, {}

    def of(self, path):
        if path not in self.known:
            document = server.load(self.desk, Path(path))
            given, computed = tensors.split(document)
            self.known[path] = given, computed, answers(document, given, computed, self.draws)
            document.close(True)
        return self.known[path]


def answers(document, given, computed, draws):
    """Return the values of tensors for the stored numbers and for drawn ones."""
    found = [tensors.read(document, computed)]
    for seed in range(draws):
        tensors.draw(document, given, seed)
        found.append(tensors.read(document, computed))
    return found


def done(bases, job):
    document = server.load(bases.desk, Path(job["base"]))
    try:
        for verb, *arguments in job["steps"]:
            verbs.VERBS[verb](document, *arguments)
        if job["path"]:
            server.store(document, Path(job["path"]))
            return {}
        given, computed, old = bases.of(job["base"])
        new = answers(document, given, computed, bases.draws)
        return {"differ": list(map(tensors.differing, old, new))}
    finally:
        document.close(True)


def main(jobs, profile):
    asked = json.loads(Path(jobs).read_text())
    with server.desktop(Path(profile)) as desk:
        bases = Bases(desk, asked["draws"])
        for job in asked["jobs"]:
            told = {"name": job["name"], "error": None, "differ": None}
            try:
                told |= done(bases, job)
            except Exception as error:  # the others still go on
                told["error"] = f"{type(error).__name__}: {error}"
            print(json.dumps(told), flush=True)


main(*sys.argv[1:])
