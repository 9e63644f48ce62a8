"""What is checked of a workbook, each check a source of findings. Names no layer."""
