"""Two wordings side by side: paragraph by paragraph, word by word. Knows texts only."""

import re
from collections import Counter
from difflib import SequenceMatcher
from typing import NamedTuple

_MARKS = re.compile(r"(#{1,6} |[-*+] |\d+[.)] |> )")
_KINDS = {"#": "heading", ">": "quote"}
_ALIKE = 0.35  # share of words in common from which two paragraphs are one that was changed
_MOST_PAIRS = 4000
_MOST_PAIRS_OF_WORDS = 40_000


class Block(NamedTuple):
    kind: str  # heading | item | quote | paragraph
    text: str


class Piece(NamedTuple):
    """A run of words; `changed`: it is on this side only."""

    text: str
    changed: bool


class Row(NamedTuple):
    """A paragraph on both sides, or on one. `left` and `right` are empty where it is missing."""

    kind: str
    left: list[Piece]
    right: list[Piece]

    @property
    def same(self) -> bool:
        return not any(piece.changed for piece in (*self.left, *self.right))


def compare(old: str, new: str) -> list[Row]:
    """The rows of a comparison of two Markdown bodies."""
    left, right = blocks(old), blocks(new)
    rows: list[Row] = []
    for tag, i, i_end, j, j_end in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            rows += [Row(block.kind, *([[Piece(block.text, False)]] * 2)) for block in left[i:i_end]]
        else:
            rows += [_row(*pair) for pair in _paired(left[i:i_end], right[j:j_end])]
    return rows


def blocks(body: str) -> list[Block]:
    """Headings, items, quotes and paragraphs, without their Markdown signs."""
    found: list[Block] = []
    open_paragraph = False
    for line in body.splitlines():
        stripped = " ".join(line.split())
        mark = _MARKS.match(stripped)
        if not stripped:
            open_paragraph = False
        elif mark:
            kind = _KINDS.get(mark[0][0], "item")
            found.append(Block(kind, stripped[mark.end() :]))
            open_paragraph = kind != "heading"
        elif open_paragraph:
            found[-1] = Block(found[-1].kind, f"{found[-1].text} {stripped}")
        else:
            found.append(Block("paragraph", stripped))
            open_paragraph = True
    return found


def words(old: str, new: str) -> tuple[list[Piece], list[Piece]]:
    """What is on one side only, and what on both, for each side. Very long paragraphs are changed as a whole."""
    a, b = old.split(), new.split()
    if len(a) * len(b) > _MOST_PAIRS_OF_WORDS:
        return [Piece(old, True)], [Piece(new, True)]
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, i, i_end, j, j_end in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        for side, part in ((left, a[i:i_end]), (right, b[j:j_end])):
            if part:
                side.append(Piece(" ".join(part), tag != "equal"))
    return left, right


def _row(old: Block | None, new: Block | None) -> Row:
    if old is None or new is None:
        block = old or new
        assert block
        only = [Piece(block.text, True)]
        return Row(block.kind, only if old else [], only if new else [])
    if old.text == new.text:  # another kind of paragraph
        return Row(new.kind, [Piece(old.text, True)], [Piece(new.text, True)])
    return Row(new.kind, *words(old.text, new.text))


def _paired(left: list[Block], right: list[Block]) -> list[tuple[Block | None, Block | None]]:
    """Changed paragraphs beside what became of them: the pairing with the most words in common, in order."""
    if len(left) * len(right) > _MOST_PAIRS:
        return [(block, None) for block in left] + [(None, block) for block in right]
    counts = [[Counter(block.text.split()) for block in side] for side in (left, right)]
    alike = [[_likeness(old, new) for new in counts[1]] for old in counts[0]]
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in reversed(range(len(left))):
        for j in reversed(range(len(right))):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], alike[i][j] and alike[i][j] + best[i + 1][j + 1])
    pairs: list[tuple[Block | None, Block | None]] = []
    i = j = 0
    while i < len(left) or j < len(right):
        if i < len(left) and j < len(right) and alike[i][j] and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            pairs.append((left[i], right[j]))
            i, j = i + 1, j + 1
        elif i < len(left) and best[i][j] == best[i + 1][j]:
            pairs.append((left[i], None))
            i += 1
        else:
            pairs.append((None, right[j]))
            j += 1
    return pairs


def _likeness(old: Counter[str], new: Counter[str]) -> float:
    """Share of words in common; 0 when it is too little to be the same paragraph."""
    share = 2 * (old & new).total() / ((old.total() + new.total()) or 1)
    return share if share >= _ALIKE else 0.0
