"""A workbook as a living picture in the browser: one file that shows and computes it.

`document.py` says what the page knows, as JSON, and knows no HTML; `html.py` puts it into the
page; `sources/` has the page itself in TypeScript, of which `page.js` is made. Nothing here
says what a layer computes: the page computes the sheet's own formulas.
"""
