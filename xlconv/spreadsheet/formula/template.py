"""Formula text as literal pieces with the numbers of its references between them.

Two formulas with the same pieces differ only in where they point; that is how cells
are grouped, shared formulas are unfolded and blocks are matched in bulk, without
parsing each text. Literals keep every space and every `$`; columns come back in
capitals, whatever their case was, and so that texts compare, `capitals` has the
names of functions in capitals too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from msgspec import Struct

from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS, column_name, column_of
from xlconv.spreadsheet.formula.render import MAX_FORMULA_LENGTH

# A text, a quoted sheet name, or a reference that is not part of a longer name, of a
# function or of a sheet's name. Its marks and letters are groups of their own.
_REFERENCE = re.compile(
    r'"(?:[^"]|"")*"'
    r"|'(?:[^']|'')*'"
    r"|\[(?:[^\[\]]|\[[^\[\]]*\])*\]"
    r"|(?<![\w.$\\?])(\$?)([A-Za-z]{1,3})(\$?)([1-9][0-9]{0,6})(?![\w.(!\\?])"
)

# The same for whole columns and rows.
_WHOLE = re.compile(
    r'"(?:[^"]|"")*"'
    r"|'(?:[^']|'')*'"
    r"|\[(?:[^\[\]]|\[[^\[\]]*\])*\]"
    r"|(?<![\w.$\\?:])(?:(\$?)([A-Za-z]{1,3}):(\$?)([A-Za-z]{1,3})"
    r"|(\$?)([1-9][0-9]{0,6}):(\$?)([1-9][0-9]{0,6}))(?![\w.(!\\?:])"
)

# The names of functions, references, and the ends of whole columns.
_NAMED = re.compile(
    r'"(?:[^"]|"")*"'
    r"|'(?:[^']|'')*'"
    r"|\[(?:[^\[\]]|\[[^\[\]]*\])*\]"
    r"|(?<![\w.$\\?])(\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}(?![\w.(!\\?])"
    r"|\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}(?![\w.(!\\?:])"
    r"|[A-Za-z_][A-Za-z0-9_.]*(?=\())"
)


# A dollar, and what holds dollars that are part of a text or of a name.
_DOLLAR = re.compile(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'|\[(?:[^\[\]]|\[[^\[\]]*\])*\]|\$')
_QUOTING = re.compile(r"[\"'\[]")


class Template(Struct, frozen=True):
    """`pieces[k]` stands before coordinate k; coordinates are column, row, column, row, ...

    `relative` says of each coordinate that it moves when the formula is copied.
    """

    pieces: tuple[str, ...]
    relative: tuple[bool, ...]
    values: tuple[int, ...]

    def moved(self, rows: int, columns: int) -> str:
        """Return the text as it would be copied so many rows down and columns right."""
        values = [
            value + (rows if index % 2 else columns) if relative else value
            for index, (value, relative) in enumerate(zip(self.values, self.relative, strict=True))
        ]
        pieces = self.pieces
        if any(":" in piece and len(piece) > 1 for piece in pieces):
            pieces = tuple(_WHOLE.sub(lambda m: _moved_whole(m, rows, columns), p) for p in pieces)
        return fill(pieces, values)

    def mover(self) -> Callable[[int, int], str]:
        """Return what `moved` is, made ready for very many calls."""
        if any(":" in piece and len(piece) > 1 for piece in self.pieces):
            return self.moved
        last: tuple[int, str | None] = (0, self._form(0))
        names: dict[int, tuple[str, ...] | None] = {}

        def move(rows: int, columns: int) -> str:
            nonlocal last
            if rows != last[0]:  # children of one row come together
                last = rows, self._form(rows)
            if columns not in names:
                names[columns] = self._column_names(columns)
            texts = names[columns]
            if last[1] is None or texts is None:
                return self.moved(rows, columns)
            return last[1] % texts

        return move

    def _form(self, rows: int) -> str | None:
        """Return the text so many rows down with room for columns that move; None off the sheet."""
        parts = [self.pieces[0].replace("%", "%%")]
        for k, (value, relative) in enumerate(zip(self.values, self.relative, strict=True)):
            row = value + rows if relative else value
            if k % 2 and not 0 <= row < MAX_ROWS:
                return None
            parts.append(str(row + 1) if k % 2 else "%s" if relative else column_name(value))
            parts.append(self.pieces[k + 1].replace("%", "%%"))
        return "".join(parts)

    def _column_names(self, columns: int) -> tuple[str, ...] | None:
        moved = [
            value + columns
            for value, relative in zip(self.values[::2], self.relative[::2], strict=True)
            if relative
        ]
        on_sheet = all(0 <= one < MAX_COLUMNS for one in moved)
        return tuple(map(column_name, moved)) if on_sheet else None


def _moved_whole(match: re.Match[str], rows: int, columns: int) -> str:
    if match[2] is not None:
        ends = [column_of(match[k]) + (0 if match[k - 1] else columns) for k in (2, 4)]
        if not all(0 <= end < MAX_COLUMNS for end in ends):
            return "#REF!"
        return f"{match[1]}{column_name(ends[0])}:{match[3]}{column_name(ends[1])}"
    if match[6] is not None:
        ends = [int(match[k]) + (0 if match[k - 1] else rows) for k in (6, 8)]
        if not all(1 <= end <= MAX_ROWS for end in ends):
            return "#REF!"
        return f"{match[5]}{ends[0]}:{match[7]}{ends[1]}"
    return match[0]


def scan(text: str) -> Template:
    """Return the template of a formula's text; one that is too long has no references."""
    if len(text) > MAX_FORMULA_LENGTH:
        return Template((text,), (), ())
    pieces, relative, values = [], [], []
    end = 0
    for match in _REFERENCE.finditer(text):
        letters = match[2]
        if letters is None:
            continue
        row, column = int(match[4]) - 1, column_of(letters)
        if row >= MAX_ROWS or column >= MAX_COLUMNS:
            continue
        pieces += [text[end : match.start(2)], match[3]]
        relative += [not match[1], not match[3]]
        values += [column, row]
        end = match.end()
    pieces.append(text[end:])
    return Template(tuple(pieces), tuple(relative), tuple(values))


def capitals(text: str) -> str:
    """Return the text with references and names of functions in capitals, as Excel shows them."""
    if len(text) > MAX_FORMULA_LENGTH:
        return text
    return _NAMED.sub(lambda match: match[0].upper() if match[1] else match[0], text)


def undollared(text: str) -> str:
    """Return the text without the dollars of its references: what it says of its own cell."""
    if "$" not in text or len(text) > MAX_FORMULA_LENGTH:
        return text
    if not _QUOTING.search(text):
        return text.replace("$", "")
    return _DOLLAR.sub(lambda match: "" if match[0] == "$" else match[0], text)


def undollared_pieces(pieces: tuple[str, ...]) -> tuple[str, ...]:
    """Return a template's pieces without the dollars of its references."""
    if not any("$" in piece for piece in pieces):
        return pieces
    last = len(pieces) - 1
    return tuple(
        undollared(piece.removesuffix("$") if k < last else piece) for k, piece in enumerate(pieces)
    )


def fill(pieces: Sequence[str], values: Sequence[int]) -> str:
    """Return the text of pieces with coordinates between them; off the sheet is #REF!."""
    parts = [pieces[0]]
    for index in range(0, len(values), 2):
        column, row = values[index], values[index + 1]
        if 0 <= column < MAX_COLUMNS and 0 <= row < MAX_ROWS:
            parts.append(f"{column_name(column)}{pieces[index + 1]}{row + 1}")
        else:
            parts.append("#REF!")
        parts.append(pieces[index + 2])
    return "".join(parts)
