"""What holds for every template and static file: strict content security policy, nothing from elsewhere, hashes."""

import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

from scripts import vendor_static

TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))
OWN_STATIC = sorted(
    path
    for path in Path(settings.BASE_DIR, "static").rglob("*")
    if path.suffix in (".css", ".js", ".svg") and "vendor" not in path.parts
)
INLINE = re.compile(r"<style|\sstyle=|<script(?![^>]*\bsrc=)|\son[a-z]+=|hx-on|javascript:", re.IGNORECASE)
ELSEWHERE = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9-]+\.[a-z]", re.IGNORECASE)


def test_there_are_templates_to_look_at():
    assert len(TEMPLATES) > 30
    assert len(OWN_STATIC) >= 3


@pytest.mark.parametrize("bad", ['<p style="x">', "<style>", "<script>x", '<a onclick="x">', '<b hx-on:click="x">'])
def test_the_search_for_inline_code_finds_it(bad):
    assert INLINE.search(bad)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_a_template_has_no_inline_style_or_script_and_names_no_other_site(path):
    source = path.read_text()
    assert not INLINE.search(source)
    assert not ELSEWHERE.search(source)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_a_template_uses_only_icons_that_exist(path):
    sprite = Path(settings.BASE_DIR, "static/vendor/dkfds/img/all-svg-icons.svg").read_text()
    for name in re.findall(r'{%\s*icon "([^"]+)"', path.read_text()):
        assert f'<symbol id="{name}"' in sprite


@pytest.mark.parametrize("path", OWN_STATIC, ids=lambda path: path.name)
def test_our_style_sheet_and_script_name_no_other_site(path):
    assert not ELSEWHERE.search(path.read_text())


def test_every_file_that_a_style_sheet_names_is_there():
    for sheet in Path(settings.BASE_DIR, "static").rglob("*.css"):
        for target in re.findall(r"url\(\"?([^)\"]+)\"?\)", sheet.read_text()):
            assert (sheet.parent / target).resolve().is_file(), target


def test_vendored_files_are_as_recorded():
    assert vendor_static.problems() == []


def test_a_changed_missing_or_added_vendored_file_is_found(tmp_path):
    copy = tmp_path / "vendor"
    shutil.copytree(vendor_static.VENDOR, copy)
    with open(copy / "htmx" / "htmx.min.js", "a") as script:
        script.write(" ")
    (copy / "htmx" / "LICENSE").unlink()
    (copy / "extra.js").touch()
    assert vendor_static.problems(copy) == [
        "not recorded: extra.js",
        "missing: htmx/LICENSE",
        "changed: htmx/htmx.min.js",
    ]


def test_the_trimmed_style_sheet_keeps_four_faces_and_no_logos():
    css = Path(vendor_static.VENDOR, "dkfds/css/dkfds.css").read_text()
    assert css.count(".woff2") == 4
    assert not re.search(r"\.(eot|ttf|woff)\"|logo", re.sub(r"\.logo\b", "", css))


@pytest.mark.parametrize("name", ["400.html", "403.html", "404.html", "500.html", "503.html", "403_csrf.html"])
def test_error_pages_are_drawn_without_a_request(name):
    html = get_template(name).render()
    assert html.count("<h1>") == 1
    assert '<html lang="da">' in html


def framed(**site) -> str:
    request = RequestFactory().get("/deltagere/")
    user = SimpleNamespace(is_authenticated=True, full_name="Ayşe Ñandú", get_role_display="Koordinator")
    return render_to_string("base.html", {"request": request, "user": user, "csrf_token": "T0KEN", "site": site})


def test_the_frame_names_the_user_in_the_page_and_never_in_the_title():
    html = framed(navigation=[{"label": "Deltagere", "url": "/deltagere/", "current": True}])
    title = re.search("<title>(.*?)</title>", html)
    assert title
    assert "Ayşe" not in title[1]
    assert "Ayşe Ñandú" in html
    assert 'href="/deltagere/" aria-current="page"' in html


def test_a_demo_says_so_on_every_page():
    assert "Demonstration" in framed(demo=True)
    assert "Demonstration" not in framed(demo=False)


def test_htmx_keeps_no_pages_evaluates_no_code_and_sends_the_csrf_token():
    html = framed()
    for setting in ('"historyCacheSize": 0', '"allowEval": false', '"includeIndicatorStyles": false'):
        assert setting in html
    assert '"X-CSRFToken": "T0KEN"' in html


def test_signing_out_is_a_form_so_that_no_link_can_do_it():
    assert re.search(r'<form method="post" action="/log-ud/">', framed())
