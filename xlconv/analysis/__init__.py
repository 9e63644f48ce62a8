"""What people ask of a lifted workbook: explain, trace, inspect, diff, extract, reproduce.

Answers are data that `report` shows; nothing is printed here.
"""
