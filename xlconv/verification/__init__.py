"""Three answers per formula cell, and a finding for each cell that is not what it should be.

A file for each check. Findings are data; nothing is raised for a wrong cell.
"""
