"""README, guides and the other pages as data: their headings, links, blocks, and what they tell to type."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from customerops.embedded.paths import ROOT

_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\[\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced part of a page."""

    language: str
    text: str


@dataclass(frozen=True)
class Page:
    """A file of Markdown."""

    path: Path

    def __str__(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """Without its blocks."""
        return _FENCE.sub("", self.text)

    def blocks(self) -> list[Block]:
        return [Block(language, text) for language, text in _FENCE.findall(self.text)]

    def of_language(self, language: str) -> list[str]:
        return [block.text for block in self.blocks() if block.language == language]

    def commands(self) -> list[str]:
        """What its shell blocks tell to type, one by one."""
        return [command for text in self.of_language("sh") for command in commands(text)]

    def quoted(self) -> list[str]:
        """What stands between backticks; in a table a bar is written with a backslash."""
        return [words.replace(r"\|", "|") for words in re.findall(r"`([^`\n]+)`", self.prose)]

    def links(self) -> list[str]:
        """Where it leads to, pictures included; what is quoted is no link."""
        return _LINK.findall(re.sub(r"`[^`\n]+`", "", self.prose))

    def anchors(self) -> set[str]:
        """The names its headings have in links, as GitHub makes them."""
        found: set[str] = set()
        for heading in re.findall(r"^#{1,6} +(.+?) *#*$", self.prose, re.MULTILINE):
            name, number = slug(heading), 0
            while (anchor := f"{name}-{number}" if number else name) in found:
                number += 1
            found.add(anchor)
        return found


def page(name: str) -> Page:
    """By its path, such as `docs/api.md`."""
    return Page(ROOT / name)


def pages() -> list[Page]:
    """Every one there is: who adds a page need not name it anywhere."""
    folders = [
        path for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "." and path.name != "var"
    ]
    found = {*ROOT.glob("*.md"), *(path for folder in folders for path in folder.rglob("*.md"))}
    return [Page(path) for path in sorted(found)]


def slug(heading: str) -> str:
    """Small letters, no punctuation, hyphens for blanks; of a link its words."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")


def commands(block: str) -> list[str]:
    """Those of a shell block: continued lines and open quotes belong together, comments to nobody."""
    found: list[str] = []
    open_one = ""
    for line in re.sub(r"\\\n\s*", "", block).splitlines():
        open_one = f"{open_one}\n{line}" if open_one else line
        if _is_whole(open_one):
            found += [open_one] if words(open_one) else []
            open_one = ""
    assert not open_one, f"never ends: {open_one}"
    return found


def words(command: str) -> list[str]:
    """As a shell splits it."""
    return shlex.split(command, comments=True)


def _is_whole(text: str) -> bool:
    try:
        words(text)
    except ValueError:
        return False
    return True
