"""Makes edits of workbooks in one LibreOffice. Run by the system's Python, which has UNO.

/usr/bin/python3 run.py JOBS.json PROFILE_FOLDER

A job is a name, the base to open, its steps, and the file to write; without a file, which
tensors differ afterwards from the base's is told, for the stored numbers and for so many
drawings of others. A line of JSON tells how each job went.
"""

import json
import sys
from pathlib import Path

import server
import tensors
import verbs


class Base:
    """What a base computes: for the stored numbers, and for drawn ones when they are asked for."""

    def __init__(self, document):
        self.document = document
        self.given, self.computed = tensors.split(document)
        self.known = {None: tensors.read(document, self.computed)}

    def answers(self, seed):
        if seed not in self.known:
            self.known[seed] = drawn(self, self.document, seed)
        return self.known[seed]


def drawn(base, document, seed):
    """Return the values of a base's tensors in a document for drawn numbers."""
    tensors.draw(document, base.given, seed)
    return tensors.read(document, base.computed)


def done(desk, bases, job):
    document = server.load(desk, Path(job["base"]))
    try:
        for verb, *arguments in job["steps"]:
            verbs.VERBS[verb](document, *arguments)
        verbs.refuse_misspelled(document)
        if job["path"]:
            server.store(document, Path(job["path"]))
            return {}
        if job["base"] not in bases:
            bases[job["base"]] = Base(server.load(desk, Path(job["base"])))
        return {"differ": differences(bases[job["base"]], document, job["draws"])}
    finally:
        document.close(True)


def differences(base, document, draws):
    """Return the tensors that differ for the stored numbers and for each drawing.

    With many drawings it ends with the first in which something differs.
    """
    found = [tensors.differing(base.answers(None), tensors.read(document, base.computed))]
    for seed in range(draws):
        found.append(tensors.differing(base.answers(seed), drawn(base, document, seed)))
        if draws > 2 and found[-1]:
            break
    return found


def main(jobs, profile):
    bases = {}
    with server.desktop(Path(profile)) as desk:
        for job in json.loads(Path(jobs).read_text()):
            told = {"name": job["name"], "error": None}
            try:
                told |= done(desk, bases, job)
            except Exception as error:  # the others still go on
                told["error"] = f"{type(error).__name__}: {error}"
            print(json.dumps(told), flush=True)
        for base in bases.values():
            base.document.close(True)


main(*sys.argv[1:])
