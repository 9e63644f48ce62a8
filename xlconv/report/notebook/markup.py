"""HTML that is put together from parts: what is no `Markup` already is escaped.

So nothing that a workbook says - a sheet's name, a text, a formula - can be more than text.
The colours are the page's own, or stand on a ground of their own: both light and dark will do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from html import escape

from xlconv.report.notebook.screen import printable

_STYLE = """
.xlconv{font-family:system-ui,sans-serif;font-size:13px;line-height:1.45;color:inherit}
.xlconv p{margin:.3em 0}
.xlconv table{border-collapse:collapse;margin:.5em 0;font-size:12px;color:inherit}
.xlconv th{text-align:left;font-weight:600;border-bottom:1px solid rgba(128,128,128,.7)}
.xlconv th,.xlconv td{padding:.15em .7em .15em 0;vertical-align:top;white-space:pre-wrap;
text-align:left;overflow-wrap:anywhere;max-width:48em;color:inherit;background:transparent}
.xlconv td,.xlconv tr{border-top:0;border-left:0;border-right:0;border-bottom-width:0}
.xlconv td.n,.xlconv th.n{text-align:right;white-space:nowrap;
font-variant-numeric:tabular-nums}
.xlconv code,.xlconv pre{font-family:ui-monospace,monospace;font-size:12px;color:inherit;
background:transparent}
.xlconv pre{overflow:auto;max-height:32em;margin:.5em 0;line-height:1.3;white-space:pre}
.xlconv b.badge{color:#fff;border-radius:3px;padding:.05em .5em;font-weight:600;
white-space:nowrap}
.xlconv .good{background:#15803d}.xlconv .bad{background:#b91c1c}
.xlconv .doubt{background:#a16207}.xlconv .note{background:#475569}
.xlconv figure{display:inline-block;margin:.2em .9em .4em 0;vertical-align:top}
.xlconv figcaption{font-size:11px}
.xlconv img.plane{image-rendering:pixelated;border:1px solid rgba(128,128,128,.7)}
.xlconv img.sheet{max-width:100%;height:auto}
.xlconv summary{cursor:pointer}
"""


class Markup(str):
    """A text that is HTML."""

    __slots__ = ()


def text(words: str) -> Markup:
    """Return words as HTML: escaped, and nothing in them that hides or turns text around."""
    lines = (printable(line) for line in words.split("\n"))
    return Markup(escape("\n".join(lines)))


def together(*parts: str) -> Markup:
    """Return parts one after the other; those that are no markup are escaped."""
    return Markup("".join(one if isinstance(one, Markup) else text(one) for one in parts))


def tag(name: str, *parts: str, **attributes: str) -> Markup:
    """Return an element around parts; `class_` is the attribute class."""
    given = "".join(
        f' {key.rstrip("_")}="{text(value)}"' for key, value in attributes.items() if value
    )
    return Markup(f"<{name}{given}>{together(*parts)}</{name}>")


def image(uri: str, words: str, class_: str, width: int = 0) -> Markup:
    """Return a picture of a data URI, with the words for who cannot see it."""
    size = f' width="{width}"' if width else ""
    return Markup(f'<img class="{class_}" src="{uri}" alt="{text(words)}"{size}>')


def table(
    titles: Sequence[str], rows: Iterable[Sequence[str]], numbers: Collection[int] = ()
) -> Markup:
    """Return a table; columns whose numbers are in `numbers` are set to the right."""

    def line(cell: str, parts: Sequence[str]) -> Markup:
        return tag("tr", *(
            tag(cell, part, class_="n" if k in numbers else "") for k, part in enumerate(parts)
        ))  # fmt: skip

    body = tag("tbody", *(line("td", row) for row in rows))
    head = tag("thead", line("th", titles)) if any(titles) else Markup("")
    return tag("table", head, body)


def badge(words: str, kind: str) -> Markup:
    """Return a word on a ground that says how good it is: good, bad, doubt or note."""
    return tag("b", words, class_=f"badge {kind}")


def unfolded(title: str, *parts: str) -> Markup:
    """Return what shows once its title is clicked."""
    return tag("details", tag("summary", title), *parts)


def page(*parts: str) -> str:
    """Return what a notebook shows, with its style."""
    return str(tag("div", Markup(f"<style>{_STYLE}</style>"), *parts, class_="xlconv"))
