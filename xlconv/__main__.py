"""`python -m xlconv`."""

from xlconv.cli import main

if __name__ == "__main__":
    main(prog_name="xlconv")
