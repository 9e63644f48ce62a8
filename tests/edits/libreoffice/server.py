"""Starts one LibreOffice, and connects to it."""

import contextlib
import subprocess
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue


@contextlib.contextmanager
def desktop(profile: Path):
    """Give the desktop of a LibreOffice of our own; it ends with the block."""
    pipe = f"xlconv{time.time_ns()}"
    office = subprocess.Popen(
        ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore",
         f"--accept=pipe,name={pipe};urp;StarOffice.ComponentContext"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    found = None
    try:
        remote = _context(pipe)
        found = remote.ServiceManager.createInstanceWithContext(
            "com.sun.star.frame.Desktop", remote
        )
        yield found
    finally:
        if found is not None:
            with contextlib.suppress(Exception):  # it hangs up while it answers
                found.terminate()
        _end(office)


def _end(office):
    try:
        office.wait(timeout=60)
    except subprocess.TimeoutExpired:
        office.terminate()
        office.wait(timeout=60)


def _context(pipe):
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", context
    )
    for _ in range(480):
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:  # not there yet
            time.sleep(0.25)
    raise SystemExit("LibreOffice did not answer")


def load(desk, path: Path):
    hidden = PropertyValue("Hidden", 0, True, 0)
    document = desk.loadComponentFromURL(path.as_uri(), "_blank", 0, (hidden,))
    if document is None:
        raise OSError(f"{path} does not open: it is open elsewhere, or a lock was left there")
    return document


def store(document, path: Path):
    kind = PropertyValue("FilterName", 0, "Calc MS Excel 2007 XML", 0)
    document.storeToURL(path.as_uri(), (kind,))
