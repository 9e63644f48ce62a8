"""Workbooks whose every name and text is an attack: sheets, labels, classes, names, the file's."""

from __future__ import annotations

import json

import numpy as np
from msgspec.structs import replace

from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook
from xlconv.spreadsheet.workbook import Kind, Sheet, TextColumn, Workbook

RUN = "window.hacked=1"
ATTACKS = (
    f"</script><script>{RUN}</script>",
    f"</SCRIPT ><script >{RUN}</script >",
    f"<!--<script>{RUN}//-->",
    f"--></script><script>{RUN}</script>",
    f"]]><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"</textarea></noscript></xmp><script>{RUN}</script>",
    f'<img src=x onerror="{RUN}">',
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f'<details open ontoggle="{RUN}">',
    f'" onmouseover="{RUN}" autofocus onfocus="{RUN}" x="',
    f"' onclick='{RUN}' style='position:fixed;inset:0",
    f"javascript:{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    f'<iframe srcdoc="<script>parent.hacked=1</script>"></iframe><base href="javascript:{RUN}//">',
    f'<meta http-equiv="refresh" content="0;url=javascript:{RUN}"><link rel=import href=x>',
    "${window.hacked=1}`+(window.hacked=1)+`\\u003cscript\\u003e\u2028\u2029\u202egnp.txt",
    "__proto__",
)


def hostile(book: Workbook, attack: str) -> LiftedWorkbook:
    """Return a workbook in which an attack stands wherever a text may."""
    homes = {sheet.name: f"{attack}{number}" for number, sheet in enumerate(book.sheets)}
    sheets = tuple(
        replace(_with_texts(sheet, attack), name=homes[sheet.name]) for sheet in book.sheets
    )
    names = tuple(
        (name, tuple((homes[home], area) for home, area in ranges)) for name, ranges in book.names
    )
    properties = tuple((key, _misnamed(text, attack)) for key, text in book.properties)
    made = Workbook(sheets, ((attack, names[0][1]), *names), properties)
    return lift_workbook(made, f"{attack}.xlsx".replace("/", "∕"))


def _with_texts(sheet: Sheet, attack: str) -> Sheet:
    texts, is_text = sheet.texts, sheet.kinds == Kind.TEXT
    beyond = len(texts.buffer) + len(texts.wide)
    starts = np.where(is_text, beyond, texts.starts)
    ends = np.where(is_text, beyond + len(attack), texts.ends)
    column = TextColumn(texts.buffer, starts, ends, texts.wide + attack)
    return replace(sheet, texts=column)


def _misnamed(text: str, attack: str) -> str:
    if not text.startswith("{"):
        return text
    found = json.loads(text) | {"name": attack}
    if "classes" in found:
        found["classes"] = [f"{attack}{k}" for k in range(len(found["classes"]))]
    return json.dumps(found)
