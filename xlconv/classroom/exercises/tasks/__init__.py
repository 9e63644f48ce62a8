"""The kinds of tasks: what each asks for, in words, and by which cells it counts what is right."""
