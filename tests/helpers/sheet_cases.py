"""Rows of XML that workbooks may hold, and the cells that they are."""

from tests.helpers.sheet_values import Value, array, boolean, error, formula, number, text

# What is read right.
SHARED = (
    "<si><t>plain</t></si>"
    '<si><t xml:space="preserve">  two \n lines </t></si>'
    "<si><r><t>rich </t></r><r><rPr><b/></rPr><t>runs</t></r></si>"
    '<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="1"/></si>'
    "<si/>"
    "<si><t/></si>"
    "<si><t>a&lt;b &amp; &#99;<![CDATA[<d>]]><!-- no -->e<?no thing?>f</t></si>"
    "<si><t>=1+1</t></si>"
)

READ: dict[str, tuple[str, dict[str, Value]]] = {
    "numbers": (
        '<row r="1"><c r="A1"><v>1.5</v></c><c r="B1" t="n"><v>-2E-3</v></c>'
        '<c r="C1" s="7"><v>0.1</v></c><c r="D1"><v>1e308</v></c></row>',
        {"A1": number(1.5), "B1": number(-0.002), "C1": number(0.1), "D1": number(1e308)},
    ),
    "numbers with space around them": (
        '<row r="1"><c r="A1"><v> 1\n</v></c></row>',
        {"A1": number(1)},
    ),
    "shared strings": (
        '<row r="1">'
        + "".join(f'<c r="{c}1" t="s"><v>{i}</v></c>' for i, c in enumerate("ABCDEFGH"))
        + "</row>",
        {
            "A1": text("plain"),
            "B1": text("  two \n lines "),
            "C1": text("rich runs"),
            "D1": text("東京"),
            "E1": text(""),
            "F1": text(""),
            "G1": text("a<b & c<d>ef"),
            "H1": text("=1+1"),
        },
    ),
    "inline strings": (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c>'
        '<c r="B1" t="inlineStr"><is><r><t xml:space="preserve">a </t></r><r><t>b</t></r>'
        '<rPh sb="0" eb="1"><t>no</t></rPh></is></c>'
        '<c r="C1" t="inlineStr"><is><t>=1+1</t></is></c>'
        '<c r="D1" t="inlineStr"><is/></c></row>',
        {"A1": text("x"), "B1": text("a b"), "C1": text("=1+1"), "D1": text("")},
    ),
    "booleans and errors": (
        '<row r="1"><c r="A1" t="b"><v>1</v></c><c r="B1" t="b"><v>0</v></c>'
        '<c r="C1" t="e"><v>#N/A</v></c><c r="D1" t="e"><v>#DIV/0!</v></c></row>',
        {
            "A1": boolean(True),
            "B1": boolean(False),
            "C1": error("#N/A"),
            "D1": error("#DIV/0!"),
        },
    ),
    "numbers stored as texts": (
        '<row r="1"><c r="A1" t="str"><v>007</v></c>'
        '<c r="B1" t="inlineStr"><is><t>12</t></is></c></row>',
        {"A1": text("007"), "B1": text("12")},
    ),
    "dates as ISO texts": (
        '<row r="1"><c r="A1" t="d"><v>2024-01-02</v></c>'
        '<c r="B1" t="d"><f>A1+0.5</f><v>2024-01-02T12:00:00</v></c></row>',
        {"A1": number(45293), "B1": formula("A1+0.5", number(45293.5))},
    ),
    "blank cells": (
        '<row r="1"><c r="A1" s="3"/><c r="B1"><v/></c><c r="C1"><v></v></c>'
        '<c r="D1" t="s"/></row><row r="2"/>',
        {},
    ),
    "formulas with cached values of every kind": (
        '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>A1*2</f></c>'
        '<c r="C1" t="str"><f>"a"&amp;"b"</f><v>ab</v></c>'
        '<c r="D1" t="b"><f>A1&gt;1</f><v>1</v></c>'
        '<c r="E1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        '<c r="F1"><f ca="1">RAND()</f><v>0.25</v></c>'
        '<c r="G1" t="n"><f>A1</f><v>2</v></c></row>',
        {
            "A1": formula("1+1", number(2)),
            "B1": formula("A1*2"),
            "C1": formula('"a"&"b"', text("ab")),
            "D1": formula("A1>1", boolean(True)),
            "E1": formula("1/0", error("#DIV/0!")),
            "F1": formula("RAND()", number(0.25)),
            "G1": formula("A1", number(2)),
        },
    ),
    "formulas of programs that do not calculate": (
        '<row r="1"><c r="A1"><f>1+1</f><v/></c><c r="B1"><f>1+2</f><v></v></c></row>',
        {"A1": formula("1+1"), "B1": formula("1+2")},
    ),
    "comments and CDATA inside elements": (
        '<row r="1"><!-- <c r="Z9"/> --><c r="A1"><!-- x --><v>1<!-- 7 -->2</v></c>'
        '<c r="B1"><f>A1<![CDATA[<]]>2<?no thing?>+0</f><v><![CDATA[1]]></v></c></row>',
        {"A1": number(12), "B1": formula("A1<2+0", number(1))},
    ),
    "cells and rows without a name": (
        "<row><c><v>1</v></c><c/><c><v>3</v></c></row><row/>"
        '<row><c><v>4</v></c><c r="E3"><v>5</v></c><c><v>6</v></c></row>'
        '<row r="9"><c><v>7</v></c></row><row><c><v>8</v></c></row>',
        {
            "A1": number(1),
            "C1": number(3),
            "A3": number(4),
            "E3": number(5),
            "F3": number(6),
            "A9": number(7),
            "A10": number(8),
        },
    ),
    "rows and cells out of order": (
        '<row r="3"><c r="B3"><v>1</v></c><c r="A3" t="str"><f>"x"</f><v>x</v></c></row>'
        '<row r="1"><c r="AA1"><f t="array" ref="AA1:AB1">A3:B3</f><v>2</v></c>'
        '<c r="B1" t="inlineStr"><is><t>t</t></is></c></row>',
        {
            "B1": text("t"),
            "AA1": array("A3:B3", number(2)),
            "A3": formula('"x"', text("x")),
            "B3": number(1),
        },
    ),
    "the corners of a sheet": (
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>'
        '<row r="1048576"><c r="A1048576"><v>3</v></c><c r="XFD1048576"><v>4</v></c></row>',
        {"A1": number(1), "XFD1": number(2), "A1048576": number(3), "XFD1048576": number(4)},
    ),
    "array formulas": (
        '<row r="1"><c r="A1"><f t="array" ref="A1">SUM(C1:C2*D1:D2)</f><v>1</v></c>'
        '<c r="B1"><f t="array" ref="B1:B2">C1:C2</f><v>2</v></c></row>'
        '<row r="2"><c r="B2"><v>3</v></c></row>',
        {
            "A1": array("SUM(C1:C2*D1:D2)", number(1)),
            "B1": array("C1:C2", number(2)),
            "B2": number(3),
        },
    ),
    "shared formulas": (
        '<row r="1"><c r="B1"><f t="shared" ref="B1:C2" si="0">A1*$A1+A$1+$A$1</f><v>1</v></c>'
        '<c r="C1"><f t="shared" si="0"/><v>2</v></c></row>'
        '<row r="2"><c r="B2"><f t="shared" si="0"></f><v>3</v></c>'
        '<c r="C2" t="e"><f t="shared" si="0"/><v>#N/A</v></c></row>',
        {
            "B1": formula("A1*$A1+A$1+$A$1", number(1)),
            "C1": formula("B1*$A1+B$1+$A$1", number(2)),
            "B2": formula("A2*$A2+A$1+$A$1", number(3)),
            "C2": formula("B2*$A2+B$1+$A$1", error("#N/A")),
        },
    ),
    "shared formulas with names, texts and functions like cells": (
        '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="3">'
        '"A1 ""B2"" "&amp;\'my A1\'\'s\'!B1&amp;S1!B1&amp;LOG10(B1)&amp;1E5&amp;RATE2024&amp;r_A1'
        "</f></c></row>"
        '<row r="2"><c r="A2"><f t="shared" si="3"/></c></row>',
        {
            "A1": formula('"A1 ""B2"" "&\'my A1\'\'s\'!B1&S1!B1&LOG10(B1)&1E5&RATE2024&r_A1'),
            "A2": formula('"A1 ""B2"" "&\'my A1\'\'s\'!B2&S1!B2&LOG10(B2)&1E5&RATE2024&r_A1'),
        },
    ),
    "two groups of shared formulas": (
        '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">D1</f></c>'
        '<c r="B1"><f t="shared" ref="B1:B2" si="1">E1+1</f></c></row>'
        '<row r="2"><c r="A2"><f t="shared" si="0"/></c><c r="B2"><f t="shared" si="1"/></c></row>',
        {"A1": formula("D1"), "B1": formula("E1+1"), "A2": formula("D2"), "B2": formula("E2+1")},
    ),
}
