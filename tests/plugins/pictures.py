"""Pictures for the guides in docs/guides, taken on the walks of tests/browser/test_guides*.py.

They lie in build/guide-pictures as they were taken; scripts/guide_pictures.py makes them small and puts them in place.
"""

from pathlib import Path

TAKEN = Path(__file__).resolve().parents[2] / "build" / "guide-pictures"
ROOM = 16  # pixels around what is shown
MARK = "element => { element.style.outline = '3px solid #c4006a'; element.style.outlineOffset = '4px'; }"
UNMARK = "element => { element.style.outline = ''; element.style.outlineOffset = ''; }"


# The bottom of what stands in the page's main part, which is as high as the window at least.
END = "() => Math.max(...[...document.querySelectorAll('main *')].map(each => each.getBoundingClientRect().bottom))"


def picture(page, name: str, part=None, *, since=None, until=None, mark=()) -> None:
    """Keeps the page, or `part` of it, or from the top of `since` to the bottom of `until`; never the footer.

    These are locators; what the reader is to press is in `mark`, and gets a ring.
    """
    TAKEN.mkdir(parents=True, exist_ok=True)
    marked = mark if isinstance(mark, (list, tuple)) else [mark]
    page.wait_for_load_state()  # a click may be on its way to another page, which has no body yet
    page.evaluate("document.fonts.ready.then(() => { document.activeElement?.blur(); window.scrollTo(0, 0); })")
    page.mouse.move(0, 0)
    width, main = page.viewport_size["width"], page.locator("main").bounding_box()
    left, right = (0, width) if width < 700 else (main["x"], main["x"] + main["width"])
    if part:
        box = part.bounding_box()
        since = until = part
        if width >= 700:
            left, right = box["x"] - ROOM, box["x"] + box["width"] + ROOM
    top = max(since.bounding_box()["y"] - ROOM, 0) if since else 0
    last = until.bounding_box() if until else None
    bottom = (last["y"] + last["height"] if last else min(page.evaluate(END), main["y"] + main["height"])) + ROOM
    for each in marked:
        each.evaluate(MARK)
    clip = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    page.screenshot(path=TAKEN / f"{name}.png", full_page=True, clip=clip, animations="disabled", caret="hide")
    for each in marked:
        each.evaluate(UNMARK)
