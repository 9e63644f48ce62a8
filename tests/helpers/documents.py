"""What the README and the pages beside it say."""

from tests.helpers.paths import README, ROOT, WORKBOOKS

GALLERY = WORKBOOKS / "README.md"
PAGES = (README, *sorted((ROOT / "docs").glob("*.md")), GALLERY)
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


def described(name: str) -> str:
    """What the gallery says of a preset."""
    gallery = GALLERY.read_text(encoding="utf-8")
    return gallery.partition(f"\n**`{name}`**")[2].partition("\n**`")[0]


def section(title: str) -> str:
    """What stands below a title, up to the next."""
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]
