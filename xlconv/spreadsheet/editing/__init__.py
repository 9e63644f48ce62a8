"""Workbooks with other contents: cells emptied or rewritten, stored values calculated anew."""
