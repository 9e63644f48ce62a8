"""What a person does to a sheet, each as LibreOffice does it: a row of VERBS a thing.

Formulas come as Excel writes them. A range is on the first sheet unless a sheet is named:
`backup!A1:B2`.
"""

import re

import uno

_ERRORS = 4
# LibreOffice's own numbers: it could not read the formula, or does not know a name in it.
_MISSPELLED = {501, 508, 509, 510, 511, 512, 513, 516, 517, 518, 520, 525}
_CONTENTS = 1 + 2 + 4 + 16  # numbers, dates, texts, formulas: not the looks


def area(document, name):
    sheet, _, address = name.rpartition("!")
    sheets = document.Sheets
    found = sheets.getByName(sheet.strip("'")) if sheet else sheets.getByIndex(0)
    return found, found.getCellRangeByName(address)


def formula(text):
    """Return a formula as UNO wants it: `;` between arguments, `.` behind a sheet."""
    pieces = re.split(r'("[^"]*"|\{[^}]*\})', text)
    return "".join(
        piece
        if piece.startswith('"')
        else piece.replace(";", "|").replace(",", ";")
        if piece.startswith("{")
        else re.sub(r"((?:'[^']+'|\b\w+))!", r"$\1.", piece).replace(",", ";")
        for piece in pieces
    )


def _enum(kind, value):
    return uno.Enum(f"com.sun.star.sheet.{kind}", value)


def _filled(found, direction):
    found.fillAuto(_enum("FillDirection", direction), 1)


def put(document, name, content):
    """Type into a cell: a number, a text or a formula."""
    _, found = area(document, name)
    cell = found.getCellByPosition(0, 0)
    if not isinstance(content, str):
        cell.setValue(content)
    elif content.startswith("="):
        cell.setFormula(formula(content))
    else:
        cell.setString(content)


def fill(document, name, text):
    """Write a formula into the first cell and drag it over the range."""
    sheet, found = area(document, name)
    put(document, name, text)
    at = found.RangeAddress
    first = sheet.getCellRangeByPosition(at.StartColumn, at.StartRow, at.StartColumn, at.EndRow)
    if at.EndRow > at.StartRow:
        _filled(first, "TO_BOTTOM")
    if at.EndColumn > at.StartColumn:
        _filled(found, "TO_RIGHT")


def fill_array(document, name, text):
    """Write an array formula into the first cell and copy it over the range, a cell each."""
    sheet, found = area(document, name)
    at = found.RangeAddress
    left, top = at.StartColumn, at.StartRow
    found.clearContents(_CONTENTS)
    first = sheet.getCellRangeByPosition(left, top, left, top)
    first.setArrayFormula(formula(text))
    for row in range(top + 1, at.EndRow + 1):
        target = sheet.getCellByPosition(left, row).CellAddress
        sheet.copyRange(target, first.RangeAddress)
    column = sheet.getCellRangeByPosition(left, top, left, at.EndRow).RangeAddress
    for number in range(left + 1, at.EndColumn + 1):
        sheet.copyRange(sheet.getCellByPosition(number, top).CellAddress, column)


def array(document, name, text):
    """Write one array formula over the whole range."""
    _, found = area(document, name)
    found.clearContents(_CONTENTS)
    found.setArrayFormula(formula(text))


def write(document, name, rows):
    """Write a formula or a number into every cell of a range."""
    _, found = area(document, name)
    found.setFormulaArray(
        tuple(
            tuple(formula(one) if isinstance(one, str) else str(one) for one in row) for row in rows
        )
    )


def paste_values(document, name):
    """Copy a range and paste its values over it."""
    _, found = area(document, name)
    found.setDataArray(found.getDataArray())


def clear(document, name):
    _, found = area(document, name)
    found.clearContents(_CONTENTS)


def _target(document, name):
    _, found = area(document, name)
    return found.getCellByPosition(0, 0).CellAddress


def move(document, name, to):
    """Cut a range and paste it: whoever reads it follows."""
    sheet, found = area(document, name)
    sheet.moveRange(_target(document, to), found.RangeAddress)


def copy(document, name, to):
    sheet, found = area(document, name)
    sheet.copyRange(_target(document, to), found.RangeAddress)


def copy_values(document, name, to):
    """Copy a range and paste its values elsewhere."""
    _, found = area(document, name)
    sheet, target = area(document, to)
    at, size = target.RangeAddress, found.RangeAddress
    sheet.getCellRangeByPosition(
        at.StartColumn,
        at.StartRow,
        at.StartColumn + size.EndColumn - size.StartColumn,
        at.StartRow + size.EndRow - size.StartRow,
    ).setDataArray(found.getDataArray())


def insert_rows(document, name, count):
    """Insert whole rows above a cell."""
    sheet, found = area(document, name)
    sheet.Rows.insertByIndex(found.RangeAddress.StartRow, count)


def insert_columns(document, name, count):
    """Insert whole columns left of a cell."""
    sheet, found = area(document, name)
    sheet.Columns.insertByIndex(found.RangeAddress.StartColumn, count)


def delete_rows(document, name, count):
    sheet, found = area(document, name)
    sheet.Rows.removeByIndex(found.RangeAddress.StartRow, count)


def delete_columns(document, name, count):
    sheet, found = area(document, name)
    sheet.Columns.removeByIndex(found.RangeAddress.StartColumn, count)


def insert_cells(document, name, direction):
    """Insert cells where a range is, which goes `DOWN` or `RIGHT`."""
    sheet, found = area(document, name)
    sheet.insertCells(found.RangeAddress, _enum("CellInsertMode", direction))


def delete_cells(document, name, direction):
    """Delete the cells of a range; what is below or beside comes `UP` or `LEFT`."""
    sheet, found = area(document, name)
    sheet.removeRange(found.RangeAddress, _enum("CellDeleteMode", direction))


def add_sheet(document, name):
    document.Sheets.insertNewByName(name, document.Sheets.Count)


def copy_sheet(document, name):
    """Copy the first sheet behind all others."""
    first = document.Sheets.getByIndex(0)
    document.Sheets.copyByName(first.Name, name, document.Sheets.Count)


def rename_sheet(document, name):
    document.Sheets.getByIndex(0).Name = name


def delete_sheet(document):
    document.Sheets.removeByName(document.Sheets.getByIndex(0).Name)


def colour(document, name, number):
    _, found = area(document, name)
    found.CellBackColor = number


def decimals(document, name, text):
    """Give a number format."""
    _, found = area(document, name)
    formats, locale = document.NumberFormats, uno.createUnoStruct("com.sun.star.lang.Locale")
    key = formats.queryKey(text, locale, False)
    found.NumberFormat = formats.addNew(text, locale) if key == -1 else key


def hide_columns(document, name):
    _, found = area(document, name)
    found.Columns.IsVisible = False


def comment(document, name, text):
    sheet, found = area(document, name)
    sheet.Annotations.insertNew(found.getCellByPosition(0, 0).CellAddress, text)


def drop_names(document):
    for name in document.NamedRanges.ElementNames:
        document.NamedRanges.removeByName(name)


def drop_description(document):
    held = document.DocumentProperties.UserDefinedProperties
    for one in held.PropertySetInfo.Properties:
        held.removeProperty(one.Name)


def refuse_misspelled(document):
    """Raise ValueError where a formula is one that LibreOffice cannot read."""
    for name in document.Sheets.ElementNames:
        sheet = document.Sheets.getByName(name)
        for one in sheet.queryFormulaCells(_ERRORS).RangeAddresses:
            cell = sheet.getCellByPosition(one.StartColumn, one.StartRow)
            if cell.getError() in _MISSPELLED:
                raise ValueError(f"misspelled: {cell.Formula}")


VERBS = {
    one.__name__: one
    for one in (
        put, fill, fill_array, array, write, paste_values, clear, move, copy, copy_values,
        insert_rows, insert_columns, delete_rows, delete_columns, insert_cells, delete_cells,
        add_sheet, copy_sheet, rename_sheet, delete_sheet, colour, decimals, hide_columns, comment,
        drop_names, drop_description,
    )
}  # fmt: skip
