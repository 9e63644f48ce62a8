"""What of XlsxWriter is ours: rows in bulk, and a workbook whose structure is locked."""
