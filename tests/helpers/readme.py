"""What the README says."""

from tests.helpers.paths import README


def described(name: str) -> str:
    """What the README says of a preset."""
    readme = README.read_text()
    return readme.partition(f"\n**`{name}`**")[2].partition("\n**`")[0].partition("\n## ")[0]
