"""The parts of `xlconv verify`: the run over its files, what is printed, checking again."""
