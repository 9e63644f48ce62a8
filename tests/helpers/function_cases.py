"""Formulas for functions and references, chosen by hand, with the sheet that they read.

Each is judged by LibreOffice, Gnumeric and IronCalc: two that agree decide, and where they
part the documentation does (`DOCUMENTED`).
"""

from __future__ import annotations

from pathlib import Path

import xlsxwriter
from openpyxl.formula.translate import Translator

from tests.helpers.drawn_formulas import DATA, Written

# Beside the columns A to G that drawn formulas read: H ascending, I descending, J texts in
# order, K and L a small kernel, M small whole numbers for the places of OFFSET and INDEX.
MORE = (
    (1, 2, 2, 3.5, 5, 8, 8, 10, 12, 20, 21, 30),
    (30, 21, 20, 12, 10, 8, 5, 3.5, 2, 1, 0, -4),
    ("apple", "Banana", "cherry", "date", "elder", "fig", "grape", "hazel", "kiwi", "lime",
     "melon", "nut"),
    (0.5, -1, 2, 1, 0, 3),
    (1, 2, -0.5, 4, 1, 1),
    (1, 2, 0, 3, 1, 2, 0, 1, 4, 2, 3, 1),
)  # fmt: skip

CASES: dict[str, tuple[str, ...]] = {
    "OFFSET": (
        "OFFSET(A1,2,1)", "SUM(OFFSET(A1,0,0,3,2))", "SUM(OFFSET(A1:B3,1,0))", "OFFSET(A1,M1,M2)",
        "SUM(OFFSET($A$1,M1,0,M2,M2))", "OFFSET(A1,-1,0)", "OFFSET(A1,0,-1)", "OFFSET(A5,-2.0,0)",
        "SUM(OFFSET(A1,,,3,3))", "SUM(OFFSET(A1,1,))", "SUM(OFFSET(A1,0,0,0,1))",
        "OFFSET(A1,D2,0)", "ROW(OFFSET(A1,4,0))", "COLUMNS(OFFSET(A1,0,0,2,5))",
        "SUMPRODUCT(OFFSET(A1,0,0,3,2),K1:L3)", "SUM(OFFSET(B1,0,-1,2,1),1)",
        "AVERAGE(OFFSET(INDEX(A1:B4,2,1),1,0,2,1))", "SUM(A1:OFFSET(A1,3,0))",
        "MAX(OFFSET(A1,M4,0,3,1))", "COUNT(OFFSET(E1,0,0,4,1))", "ISBLANK(OFFSET(E1,0,0))",
        "SUM(OFFSET(OFFSET(A1,1,1),1,0,2,1))", "SUM(OFFSET(S!A1,0,1,3,1))", "OFFSET(A1,1.9,0)",
        'OFFSET(A1,"x",0)', "SUM(OFFSET(A1,1048576,0))", "OFFSET(G1,0,0)&1",
        "OFFSET(A1,MATCH(10,A1:A12,0)-1,1)",
    ),
    "INDEX": (
        "SUM(INDEX(A1:B3,0,2))", "SUM(INDEX(A1:B3,2,0))", "SUM(INDEX(A1:B3,0,0))",
        "SUM(INDEX(A1:C12,0,M1))", "SUM(INDEX(A1:A12,2):INDEX(A1:A12,5))",
        "SUM(A1:INDEX(A1:A12,M4))", "SUM(INDEX(A1:A12,M1):A6)", "SUM(INDEX(A:A,3):INDEX(B:B,5))",
        "INDEX(A1:B3,M1,M2)", "INDEX(A1:B3,5,1)", "INDEX(A1:B3,-1,1)", "INDEX(A1:C1,2)",
        "INDEX(A1:A5,3,1)", "INDEX(A1:A5,1,2)", "INDEX(D1:D5,2)", "INDEX(A1:B3,D4,1)",
        "ROW(INDEX(A1:A12,4))", "COLUMN(INDEX(A1:C1,3))", "ROWS(INDEX(A1:C12,0,2))",
        "SUM(INDEX(MMULT(A1:B2,K1:L2),1,0))", "INDEX(MMULT(A1:B2,K1:L2),2,1)",
        "INDEX({1,2;3,4},2,2)", "SUM(INDEX({1,2;3,4},0,2))", "INDEX({1,2,3},2)",
        "SUMPRODUCT(INDEX(A1:B3,0,1),K1:K3)", "MAX(INDEX(A1:A12,3):INDEX(B1:B12,M4))",
        "INDEX(E1:E3,1)+1", "SUM(INDEX(C1:C12,3):INDEX(C1:C12,6))", "INDEX(A1:B3,2.9,1)",
        "INDEX({1,2;3,4},3,1)", "INDEX(G1:G12,MATCH(12,H1:H12,0))",
    ),
    "ROW": ("SUMPRODUCT(ROW(A2:A4))", "SUMPRODUCT(ROW(A2:A4)*A2:A4)", "ROW(A1:C1)",
            "SUMPRODUCT((ROW(A1:A6)-1)*A1:A6)"),
    "COLUMN": ("SUMPRODUCT(COLUMN(B1:D1))", "COLUMN(B1:B4)", "COLUMN()"),
    "ROWS": ("ROWS(A1:C5)", "ROWS({1,2;3,4;5,6})", "ROWS(A5)"),
    "COLUMNS": ("COLUMNS(A1:C5)", "COLUMNS({1,2;3,4})", "COLUMNS(MMULT(A1:B2,K1:L2))"),
    "CHOOSE": (
        "CHOOSE(2,10,20,30)", "CHOOSE(M2,A1,A2,A3)", "SUM(CHOOSE(2,A1:A3,B1:B3))",
        "CHOOSE(4,1,2,3)", "CHOOSE(0,1,2)", 'CHOOSE(1,"a",2)', "CHOOSE(2.9,1,2,3)",
        "SUM(CHOOSE(M1,A1:A3,B1:B5))", "CHOOSE(D2,1,2)", "CHOOSE(1,C5,2)", "CHOOSE(2,1,D2)",
        "SUM(A1:CHOOSE(2,A2,A4))",
    ),
    "ISBLANK": ("ISBLANK(E1)", "ISBLANK(A1)", "ISBLANK(C10)", 'ISBLANK("")', "ISBLANK(D2)",
                "SUMPRODUCT(--ISBLANK(C1:C12))"),
    "ISNUMBER": ("ISNUMBER(A1)", "ISNUMBER(C4)", "ISNUMBER(E1)", "ISNUMBER(C5)", "ISNUMBER(D2)",
                 "SUMPRODUCT(--ISNUMBER(C1:C12))", "ISNUMBER(MATCH(5,A1:A12,0))"),
    "ISTEXT": ("ISTEXT(C3)", "ISTEXT(A1)", "ISTEXT(C10)", "ISTEXT(E1)", "ISTEXT(D4)"),
    "ISNONTEXT": ("ISNONTEXT(C3)", "ISNONTEXT(E1)", "ISNONTEXT(A1)"),
    "ISLOGICAL": ("ISLOGICAL(C5)", "ISLOGICAL(A1)", "ISLOGICAL(1=1)", "ISLOGICAL(D2)"),
    "ISERROR": ("ISERROR(D2)", "ISERROR(D4)", "ISERROR(A1)", "ISERROR(1/0)", "ISERROR(E1)",
                "SUMPRODUCT(--ISERROR(D1:D12))"),
    "ISERR": ("ISERR(D2)", "ISERR(D4)", "ISERR(A1)", "ISERR(SQRT(-1))"),
    "ISNA": ("ISNA(D2)", "ISNA(D4)", "ISNA(NA())", "ISNA(MATCH(99,A1:A12,0))", "ISNA(A1)"),
    "ISEVEN": ("ISEVEN(4)", "ISEVEN(A5)", "ISEVEN(2.9)", "ISEVEN(-3)", "ISEVEN(D2)",
               'ISEVEN("x")', "ISEVEN(E1)"),
    "ISODD": ("ISODD(3)", "ISODD(A5)", "ISODD(3.9)", "ISODD(-2)", "ISODD(D4)"),
    "N": ("N(A1)", "N(C3)", "N(C5)", "N(E1)", "N(D4)", "N(TRUE)", 'N("7")'),
    "NA": ("NA()", "IFERROR(NA(),7)"),
    "TRUE": ("TRUE()", "IF(TRUE(),1,2)"),
    "FALSE": ("FALSE()", "NOT(FALSE())"),
    "IFERROR": ("IFERROR(D2,A1)", "IFERROR(MATCH(99,A1:A12,0),-1)", "SUM(IFERROR(D2,1),2)"),
    "IFNA": ("_xlfn.IFNA(D4,5)", "_xlfn.IFNA(D2,5)", "_xlfn.IFNA(A1,5)", "_xlfn.IFNA(E1,5)",
             "_xlfn.IFNA(VLOOKUP(99,H1:I12,2,FALSE),0)"),
    "IFS": ("_xlfn.IFS(A1>5,1,A1>0,2)", "_xlfn.IFS(A1>5,1,TRUE,3)", "_xlfn.IFS(FALSE,1)",
            "_xlfn.IFS(B1<0,B1*0.1,TRUE,B1)"),
    "XOR": ("_xlfn.XOR(TRUE,FALSE)", "_xlfn.XOR(TRUE,TRUE)", "_xlfn.XOR(A1:A3)",
            "_xlfn.XOR(1,0,1,1)", "_xlfn.XOR(D2,TRUE)", "_xlfn.XOR(C1:C6)"),
    "AND": ("AND(A1>0,B2=0,C5)", "AND(A1:A4)", "AND(D4,TRUE)"),
    "OR": ("OR(A1>5,B1>5)", "OR(B1:B4)", "OR(E1:E3,TRUE)"),
    "NOT": ("NOT(A1>5)", "NOT(D2)"),
    "MATCH": (
        "MATCH(3,H1:H12,1)", "MATCH(2,H1:H12,1)", "MATCH(8,H1:H12)", "MATCH(0,H1:H12,1)",
        "MATCH(99,H1:H12,1)", "MATCH(30,H1:H12,1)", "MATCH(11,I1:I12,-1)", "MATCH(12,I1:I12,-1)",
        "MATCH(99,I1:I12,-1)", "MATCH(-9,I1:I12,-1)", 'MATCH("cherry",J1:J12,1)',
        'MATCH("czar",J1:J12,1)', 'MATCH("CHERRY",J1:J12,0)', 'MATCH("*n*",J1:J12,0)',
        'MATCH("?i*",J1:J12,0)', 'MATCH("gra?e",J1:J12,0)', 'MATCH("fig~*",J1:J12,0)',
        'MATCH("a",J1:J12,1)', "MATCH(2,H1:H12,0)", "MATCH(A4,A1:A12,0)", "MATCH(M4,H1:H12,1)",
        'MATCH("x",H1:H12,0)', "MATCH(D4,A1:A12,0)", "MATCH(3,{1,3,5},0)", "MATCH(4,{1,3,5},1)",
        'MATCH("b",G1:G12,0)', "MATCH(TRUE,C1:C12,0)", 'MATCH("zz*",J1:J12,0)',
    ),
    "LOOKUP": (
        "LOOKUP(9,H1:H12,A1:A12)", "LOOKUP(9,H1:H12)", "LOOKUP(0,H1:H12,A1:A12)",
        "LOOKUP(2,H1:H12,I1:I12)", "LOOKUP(9,H1:I12)", 'LOOKUP("fog",J1:J12,A1:A12)',
        "LOOKUP(3,{1,2,5},{10,20,30})", "LOOKUP(D4,H1:H12,A1:A12)", "LOOKUP(99,H1:H12,J1:J12)",
    ),
    "VLOOKUP": (
        "VLOOKUP(5,H1:J12,2,FALSE)", "VLOOKUP(5,H1:J12,3,0)", "VLOOKUP(6,H1:J12,2,FALSE)",
        "VLOOKUP(6,H1:J12,2,TRUE)", "VLOOKUP(6,H1:J12,2)", "VLOOKUP(0,H1:J12,2)",
        "VLOOKUP(5,H1:J12,4,FALSE)", "VLOOKUP(5,H1:J12,0,FALSE)", 'VLOOKUP("fig",J1:M12,4,FALSE)',
        'VLOOKUP("FI*",J1:M12,4,FALSE)', "VLOOKUP(M4,H1:I12,2)", "VLOOKUP(D2,H1:J12,2)",
        "VLOOKUP(2,H1:I12,2,FALSE)", "VLOOKUP(2,H1:I12,2)",
    ),
    "HLOOKUP": (
        "HLOOKUP(3,A1:C5,2,FALSE)", "HLOOKUP(2.5,H4:I6,2,FALSE)", "HLOOKUP(5,H3:I5,3)",
        "HLOOKUP(1,A1:C5,6,FALSE)", "HLOOKUP(-1,A1:C5,5,FALSE)",
    ),
    "COUNTIF": (
        'COUNTIF(A1:A12,">0.5")', 'COUNTIF(A1:A12,"<>0")', 'COUNTIF(G1:G12,"=abc")',
        'COUNTIF(G1:G12,"abc")', 'COUNTIF(G1:G12,"ABC")', 'COUNTIF(J1:J12,"*a*")',
        'COUNTIF(J1:J12,"?i*")', 'COUNTIF(J1:J12,"<>fig")', 'COUNTIF(J1:J12,">fig")',
        'COUNTIF(J1:J12,"<=fig")', "COUNTIF(A1:A12,M3)", 'COUNTIF(A1:A12,">"&M4)',
        'COUNTIF(G1:G12,"<>")', 'COUNTIF(E1:E5,"")', 'COUNTIF(C1:C12,"TRUE")',
        "COUNTIF(C1:C12,TRUE)", 'COUNTIF(C1:C12,"#N/A")', 'COUNTIF(D1:D12,"#N/A")',
        "SUM(COUNTIF(F1:F12,{1,2}))", "SUMPRODUCT(1/COUNTIF(F1:F12,F1:F12))",
        'COUNTIF(D1:D12,"x")', 'COUNTIF(C1:C12,"<>text")', 'COUNTIF(J1:J12,"fig~*")',
        'COUNTIF(A1:A12,"=2.5")', 'COUNTIF(OFFSET(A1,0,0,6,1),">1")', 'COUNTIF(C1:C12,"")',
        'COUNTIF(C1:C12,"<>")', 'COUNTIF(G1:G12,"b")', 'COUNTIF(J1:J12,"*")',
        'COUNTIF(C1:C12,"*")', 'COUNTIF(D1:D12,"<>#N/A")', "COUNTIF(F1:F12,E1)",
    ),
    "SUMIF": (
        'SUMIF(A1:A12,">0.5")', 'SUMIF(J1:J12,"*a*",A1:A12)', 'SUMIF(G1:G12,"abc",A1:A12)',
        'SUMIF(J1:J12,"<>fig",A1:A12)', 'SUMIF(A1:A12,"<"&M4,B1:B12)', "SUMIF(F1:F12,F1,A1:A12)",
        'SUMIF(J1:J12,">fig",A1:A12)', 'SUMIF(C1:C12,"<>0",A1:A12)', "SUMIF(F1:F12,2,D1:D12)",
        'SUMIF(C1:C12,TRUE,A1:A12)',
    ),
    "AVERAGEIF": (
        'AVERAGEIF(A1:A12,">2")', 'AVERAGEIF(J1:J12,"*a*",A1:A12)', 'AVERAGEIF(A1:A12,">999")',
        "AVERAGEIF(F1:F12,2,A1:A12)", 'AVERAGEIF(F1:F12,">1",C1:C12)',
    ),
    "COUNTIFS": (
        'COUNTIFS(A1:A12,">1",F1:F12,"<3")', 'COUNTIFS(J1:J12,"*a*",A1:A12,">2")',
        'COUNTIFS(A1:A12,">1",F1:F6,"<3")', 'COUNTIFS(F1:F12,2)', "COUNTIFS(F1:F12,M1,M1:M12,M2)",
    ),
    "SUMIFS": (
        'SUMIFS(A1:A12,F1:F12,2)', 'SUMIFS(A1:A12,F1:F12,">1",B1:B12,">0")',
        'SUMIFS(A1:A12,J1:J12,"<>fig",F1:F12,2)', 'SUMIFS(A1:A12,F1:F6,2)',
        'SUMIFS(A1:A12,J1:J12,"?i*")',
    ),
    "AVERAGEIFS": ('AVERAGEIFS(A1:A12,F1:F12,2)', 'AVERAGEIFS(A1:A12,F1:F12,99)',
                   'AVERAGEIFS(A1:A12,F1:F12,">1",J1:J12,"<m")'),
    "MAXIFS": ('_xlfn.MAXIFS(A1:A12,F1:F12,2)', '_xlfn.MAXIFS(B1:B12,F1:F12,99)',
               '_xlfn.MAXIFS(B1:B12,B1:B12,"<0")'),
    "MINIFS": ('_xlfn.MINIFS(A1:A12,F1:F12,2)', '_xlfn.MINIFS(A1:A12,A1:A12,">2")'),
    "SUMSQ": ("SUMSQ(A1:A12)", "SUMSQ(C1:C12,3)", "SUMSQ(D1:D3)"),
    "SUMX2MY2": ("SUMX2MY2(A1:A5,B1:B5)", "SUMX2MY2(A1:B3,K1:L3)", "SUMX2MY2({1,2},{3,4})",
                 "SUMX2MY2(D1:D3,A1:A3)"),
    "SUMX2PY2": ("SUMX2PY2(A1:A5,B1:B5)", "SUMX2PY2(A1:B3,K1:L3)", "SUMX2PY2({1,2},{3,4})"),
    "SUMXMY2": ("SUMXMY2(A1:A5,B1:B5)", "SUMXMY2(A1:B3,K1:L3)", "SUMXMY2({1,2},{3,4})"),
    "TRANSPOSE": ("SUMPRODUCT(TRANSPOSE(A1:A2)*K1:L1)", "SUM(MMULT(TRANSPOSE(A1:A3),K1:K3))",
                  "SUMPRODUCT(A1:C1,TRANSPOSE(K1:K3))", "INDEX(TRANSPOSE(A1:B3),2,3)"),
    "MMULT": (
        "SUM(MMULT(A1:B2,K1:L2))", "MAX(0,SUM(MMULT(A1:B2,K1:L2)))", "MMULT(A1:C1,K1:K3)",
        "MMULT(A1:B1,K1:K2)+1", "MAX(MMULT(A1:B3,K1:L2))", "SUM(MMULT(A1:B2,K1:L2)*2)",
        "SUMPRODUCT(MMULT(A1:B2,K1:L2),A1:B2)", "MMULT(A1:B2,K1:K3)", "TANH(MMULT(A1:B1,K1:K2))",
        "SUMPRODUCT(MMULT(A1:B3,K1:K2))", "MMULT(TRANSPOSE(A1:A3),K1:K3)", "MMULT(A1:B2,C1:C2)",
        "SUM(MMULT(K1:L2,MMULT(A1:B2,K1:L2)))",
    ),
    "SUMPRODUCT": (
        "SUMPRODUCT((A1:A5>1)*(B1:B5<3))", "SUMPRODUCT(A1:B3*K1:L3)", "SUMPRODUCT(A1:B3-K1:L3)",
        "SUMPRODUCT(EXP(K1:K3))", "SUMPRODUCT(MAX(A1:A3))", "SUMPRODUCT(ABS(B1:B5))",
        "SUMPRODUCT(IF(A1>0,A1:A3,B1:B3),K1:K3)", "SUMPRODUCT((F1:F12=2)*A1:A12)/SUM(F1:F12)",
    ),
    "MEDIAN": ("MEDIAN(A1:A12)", "MEDIAN(A1:A5)", "MEDIAN(C1:C12)", "MEDIAN(1,5,3)",
               "MEDIAN(D1:D3)", "MEDIAN(E1:E5)", "MEDIAN(A1:A3,7,B1:B2)"),
    "LARGE": ("LARGE(A1:A12,1)", "LARGE(A1:A12,3)", "LARGE(A1:A12,13)", "LARGE(A1:A12,0)",
              "SUM(LARGE(A1:A12,{1,2,3}))", "LARGE(C1:C12,2)", "LARGE(A1:B6,M4)", "LARGE(D1:D5,1)"),
    "SMALL": ("SMALL(A1:A12,1)", "SMALL(A1:A12,4)", "SMALL(A1:A12,99)", "SMALL(B1:B12,M2)",
              "SUM(SMALL(A1:A12,{1,2}))"),
    "RANK": ("RANK(3,A1:A12)", "RANK(2,F1:F12)", "RANK(2,F1:F12,1)", "RANK(99,A1:A12)",
             "RANK(A4,A1:A12,0)", "RANK(D4,A1:A12)", "RANK(B3,B1:B12,1)"),
    "RANK.EQ": ("_xlfn.RANK.EQ(2,F1:F12)", "_xlfn.RANK.EQ(A3,A1:A12,1)"),
    "PRODUCT": ("PRODUCT(A1:A5)", "PRODUCT(A1:A3,2)", "PRODUCT(C1:C12)", "PRODUCT(E1:E5)",
                "PRODUCT(D1:D3)", 'PRODUCT("3",2)', "PRODUCT(B1:B12)"),
    "STDEV.S": ("_xlfn.STDEV.S(A1:A12)", "STDEV(A1:A5)"),
    "STDEV.P": ("_xlfn.STDEV.P(A1:A12)", "_xlfn.STDEV.P(3)", "STDEVP(C1:C12)"),
    "VAR.S": ("_xlfn.VAR.S(B1:B12)", "VAR(B1:B3)"),
    **{name: (f"{name}(K1)", f"{name}(B4)", f"{name}(K2/4)", f"{name}(D4)", f'{name}("x")',
              f"{name}(E1)", f'{name}("0.5")')
       for name in ("SINH", "COSH", "TANH", "ASINH", "ATANH", "SIN", "COS", "TAN", "ATAN", "ERF",
                    "ERFC", "NORMSDIST", "SIGN", "ABS", "INT", "EXP", "LN", "SQRT", "LOG10")},
    "ACOSH": ("ACOSH(A2)", "ACOSH(1)", "ACOSH(0.5)", "ACOSH(D4)"),
    "ERF.PRECISE": ("_xlfn.ERF.PRECISE(K1)", "_xlfn.ERF.PRECISE(B4)", "_xlfn.ERF.PRECISE(D4)",
                    "0.5*A1*(1+_xlfn.ERF.PRECISE(A1/SQRT(2)))"),
    "ERFC.PRECISE": ("_xlfn.ERFC.PRECISE(K1)", "_xlfn.ERFC.PRECISE(A2)"),
    "NORM.S.DIST": ("_xlfn.NORM.S.DIST(K1,TRUE)", "_xlfn.NORM.S.DIST(K1,FALSE)",
                    "A1*_xlfn.NORM.S.DIST(A1,TRUE)", "_xlfn.NORM.S.DIST(D2,TRUE)"),
    "LOG": ("LOG(A2,2)", "LOG(A2)", "LOG(B1)"),
    "POWER": ("POWER(A2,2)", "POWER(B1,2)", "POWER(A2,-0.5)"),
    "MOD": ("MOD(A5,3)", "MOD(B4,2)", "MOD(7,-3)", "MOD(A1,0)"),
    "QUOTIENT": ("QUOTIENT(7,2)", "QUOTIENT(-7,2)", "QUOTIENT(A5,A3)", "QUOTIENT(1,0)",
                 "QUOTIENT(D4,2)"),
    "CEILING": ("CEILING(2.1,1)", "CEILING(-2.1,-1)", "CEILING(-2.1,1)", "CEILING(0.3,0.1)",
                "CEILING(5,0)", "CEILING(A4,0.25)", "CEILING(2.1,-1)"),
    "FLOOR": ("FLOOR(2.9,1)", "FLOOR(-2.1,-1)", "FLOOR(-2.1,1)", "FLOOR(0.3,0.1)", "FLOOR(5,0)",
              "FLOOR(A4,0.25)", "FLOOR(2.1,-1)", "FLOOR(0,0)"),
    "ROUND": ("ROUND(A4,0)", "ROUND(-2.55,1)"),
    "ROUNDUP": ("ROUNDUP(K1/3,2)", "ROUNDUP(-A4,0)"),
    "ROUNDDOWN": ("ROUNDDOWN(K1/3,2)", "ROUNDDOWN(-A2,0)"),
    "TRUNC": ("TRUNC(A2)", "TRUNC(-8.9)"),
    "CONCAT": ("_xlfn.CONCAT(A1:A3)", '_xlfn.CONCAT("a",A1,TRUE)', "_xlfn.CONCAT(G1:G3,1)",
               "_xlfn.CONCAT(D1:D3)", "_xlfn.CONCAT(E1:E3)", "_xlfn.CONCAT(A1:B2)"),
    "CONCATENATE": ('CONCATENATE("a",A2,"b")', "CONCATENATE(G1,G2,G3)", "CONCATENATE(D2,1)",
                    "CONCATENATE(C5,E1)"),
    "LEN": ("LEN(G7)", "LEN(A2)", "LEN(E1)", "LEN(C5)", "LEN(D4)", 'LEN("")', "LEN(10/3)",
            "SUMPRODUCT(LEN(G1:G12))"),
    "UPPER": ("UPPER(G7)", "UPPER(J2)", "UPPER(D2)"),
    "LOWER": ("LOWER(J2)", "LOWER(C5)"),
    "TRIM": ('TRIM("  a  b ")', "TRIM(G11)"),
    "EXACT": ("EXACT(G2,G3)", 'EXACT("a",G1)', "EXACT(1,1)", "EXACT(D4,1)"),
    "LEFT": ("LEFT(J1,2)", "LEFT(J1)", "LEFT(J1,99)", "LEFT(J1,-1)", "LEFT(J1,0)", "LEFT(A6,1)"),
    "RIGHT": ("RIGHT(J1,2)", "RIGHT(J1)", "RIGHT(J1,99)", "RIGHT(J1,0)"),
    "MID": ("MID(J1,2,3)", "MID(J1,9,3)", "MID(J1,0,3)", "MID(J1,2,-1)", "MID(J1,2,0)"),
    "VALUE": ('VALUE("12.5")', "VALUE(G4)", "VALUE(A1)", 'VALUE("x")', "VALUE(D4)", 'VALUE("50%")',
              "VALUE(G6)"),
    "TEXT": ('TEXT(A2,"0")', 'TEXT(A2,"0.00")', 'TEXT(0.126,"0%")', 'TEXT(-1.5,"0")',
             'TEXT(1234.567,"0.0")', 'TEXT(D4,"0")', 'VALUE(TEXT(A4,"0.000"))'),
    # A range where one number is expected: the cell in the formula's own row or column.
    "intersection": ("SUM(A1:A3*2)", "H1:H400+1", "ABS(A1:A400)", "A1:B2+1", "IF(H1:H400>0,1,2)",
                     "MAX(0,SUM(A1:B2*K1:L2))", "SUM({1,2,3}*2)", "{1,2,3}*2", "EXP({0,1})"),
}  # fmt: skip

# As array formulas; ROW() alone in OFFSET is an array there, with which programs differ.
ARRAYS = (
    "SUM(OFFSET($A$1,MAX(ROW())-{row},0,3,2)*$K$1:$L$3)", "SUM(OFFSET($A$1,ROW()-{row},0,3,2))",
    "SUM(OFFSET($A$1,ROW(A2)-1,0,3,2)*$K$1:$L$3)", "SUM(INDEX($A$1:$B$12,ROW()-{row}+1,0)*2)",
    "SUMPRODUCT(OFFSET($A$1,ROW()-{row},0,3,2)*$K$1:$L$3)", "OFFSET($A$1,ROW()-{row},0)*2",
    "SUM(OFFSET($A$1,$M1,0,3,2)*$K$1:$L$3)", "MMULT(OFFSET($A$1,ROW()-{row},0,1,3),$K$1:$K$3)",
    "SUM(ROW(A1:A3)*1)", "SUM(LARGE(A1:A12,ROW(A1:A3)))", "SUM(IF(F1:F12=2,A1:A12))",
    "MAX(IF(ISERROR(D1:D12),0,A1:A12))", "SUM(LEN(G1:G12))", "SUM(IFERROR(D1:D12,0))",
    "SUM(MMULT(A1:B2,K1:L2)^2)", "SUM(TRANSPOSE(A1:A2)*K1:L1)", "SUM(SMALL(A1:A12,ROW(A1:A3))*2)",
    "SUM(TANH(MMULT(A1:B2,K1:L2)))", "SUM(CHOOSE({1,2},A1,B1))", "PRODUCT(A1:A3+1)",
    "MEDIAN(IF(F1:F12=2,A1:A12))", "SUM((ROW(A1:A3)=TRANSPOSE(ROW(A1:A3)))*1)",
)  # fmt: skip

# Where the programs part, or one alone knows the formula: what the documentation says, which
# LibreOffice says too unless a remark tells otherwise.
DOCUMENTED: dict[str, float | str] = {
    "COLUMN(INDEX(A1:C1,3))": 3,
    "SUM(COUNTIF(F1:F12,{1,2}))": 7,
    "SUMPRODUCT(1/COUNTIF(F1:F12,F1:F12))": 5,
    "SUMPRODUCT(EXP(K1:K3))": 9.40565681080222,
    "SUMPRODUCT(ABS(B1:B5))": 6.5,
    "SUMPRODUCT(--ISBLANK(C1:C12))": 2,
    "SUMPRODUCT(--ISERROR(D1:D12))": 3,
    "SUMPRODUCT(LEN(G1:G12))": 26,
    "SUM(LARGE(A1:A12,{1,2,3}))": 119,
    "SUM(SMALL(A1:A12,{1,2}))": 0.6,
    "LEN(10/3)": 16,
    # Booleans are no numbers: LibreOffice counts them as such in cells.
    "SUMPRODUCT(--ISNUMBER(C1:C12))": 4,
    # Texts, booleans and blanks in ranges do not count: in LibreOffice booleans do.
    "SUM(INDEX(C1:C12,3):INDEX(C1:C12,6))": 0,
    # "If number is not in ref", #N/A: as IronCalc has it.
    "RANK(99,A1:A12)": "#N/A",
    # Ranges of other sizes are #VALUE!: LibreOffice has an error of its own.
    'COUNTIFS(A1:A12,">1",F1:F6,"<3")': "#VALUE!",
    "SUMIFS(A1:A12,F1:F6,2)": "#VALUE!",
    # A text that is written out counts as the number that it spells: as IronCalc has it.
    'PRODUCT("3",2)': 6,
}

# Filled down and right: each cell of a block asks for something else.
BLOCKS = (
    "OFFSET($A$1,ROW()-{row},COLUMN()-{column})",
    "SUM(OFFSET($A$1,ROW()-{row},COLUMN()-{column},3,2)*1)",
    "SUMPRODUCT(OFFSET($A$1,2*(ROW()-{row}),COLUMN()-{column},2,2),$K$1:$L$2)",
    "INDEX($A$1:$B$12,ROW()-{row}+1,MOD(COLUMN(),2)+1)",
    "INDEX($A$1:$A$12,$M1+1)", "OFFSET($A$1,$M1,A$5-10)", "SUM(OFFSET(A1,0,0,$M2+1,1))",
    "SUM(A$1:INDEX(A$1:A$12,ROW(A1)))", "INDEX(A$1:A$12,ROWS(A$1:A1))", "CHOOSE($F1,A1,B1,7,8,9)",
    "MATCH($M1,$H$1:$H$12,1)", "VLOOKUP($H1,$H$1:$J$12,2,FALSE)", 'COUNTIF($F$1:$F$12,$F1)',
    "LARGE($A$1:$A$12,ROW(A1))", "RANK(A1,A$1:A$12)", "MEDIAN(A1:B3)",
    "SUMIF($F$1:$F$12,$F1,$A$1:$A$12)",
    "IFERROR(INDEX(A1:A3,$M1),-1)", "MAX(OFFSET($A$1,INT((ROW()-{row})/2),0,2,2))",
    "MMULT(A1:B1,$K$1:$K$2)", "INDEX(A1:B2,$M1,1)", "ISNUMBER(C1)", "LEN(G1)", "N(C1)",
    "PRODUCT(A1:B2)", "LOOKUP($M1+1,$H$1:$H$12,$I$1:$I$12)", "SUMX2MY2(A1:A3,B1:B3)",
    "COUNTIFS($F$1:$F$12,$F1,$M$1:$M$12,$M1)", 'IF(ISBLANK(C1),0,N(C1))', "ERF(A1)",
)  # fmt: skip


def write(path: Path) -> Written:
    """Write the data, every case in a cell of its own, and blocks of 4 x 2 cells."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("S")
    for column, values in enumerate((*DATA, *MORE)):
        for row, value in enumerate(values):
            sheet.write(row, column, value)
    written = Written()
    texts = [text for some in CASES.values() for text in some]
    for k, text in enumerate(texts):
        cell = (20 + k // 4, 15 + 2 * (k % 4))
        written.formulas[cell] = written.sources[cell] = text
        sheet.write_formula(*cell, f"={text}")
    for k, text in enumerate(ARRAYS):
        row, column = 21 + 2 * k, 51  # on no line with another
        own = text.replace("{row}", str(row + 1))
        written.formulas[row, column] = written.sources[row, column] = own
        written.arrays.add((row, column))
        sheet.write_array_formula(row, column, row, column, f"{{={own}}}")
    for k, text in enumerate(BLOCKS):
        top, left = 20 + 5 * (k // 6), 26 + 4 * (k % 6)
        own = text.replace("{row}", str(top + 1)).replace("{column}", str(left + 1))
        for down in range(4):
            for right in range(2):
                moved = Translator(f"={own}", "A1").translate_formula(
                    row_delta=down, col_delta=right
                )
                cell = top + down, left + right
                written.formulas[cell], written.sources[cell] = moved[1:], text
                sheet.write_formula(*cell, moved)
    book.close()
    return written
