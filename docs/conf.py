"""How Sphinx makes a site of the pages; `make docs` runs it.

The pages are read where they lie and link to each other as files, so that they are the same on the
site, in an editor and in a repository's browser.  The shelves of the navigation are folders: a page
that is put into one is in the navigation.  Every warning is an error, and so is anything in the
site that a reader's browser would fetch from elsewhere.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.transforms.post_transforms import SphinxPostTransform

ROOT = Path(__file__).parent.parent

project = "workflow-manager"
copyright = "the authors of workflow-manager, Apache-2.0"  # noqa: A001 - Sphinx's name
root_doc = "docs/index"
include_patterns = ["docs/**", "gen/*/README.md", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]
exclude_patterns = [".*", "build", "gen/js/node_modules"]
extensions = ["myst_parser", "sphinx_copybutton"]
nitpicky = True
smartquotes = False

myst_heading_anchors = 4

html_theme = "furo"
html_title = "workflow-manager"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None
html_theme_options = {"navigation_with_keys": True}
pygments_style = "friendly"
pygments_dark_style = "native"

# Commands are copied without their prompts and without what they print.
copybutton_prompt_text = r"\$ |> "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True
copybutton_exclude = ".linenos, .gp"

# Caption in the navigation, and its pages in this order; `*` stands for the rest of a folder.
SHELVES = {
    "Start": ["quickstart", "glossary"],
    "How-to": ["aws", "how-to/*"],
    "Coming from": ["coming-from/*"],
    "Reference": ["reference/*", "../gen/python/README", "../gen/js/README"],
    "Discussion": ["discussion/*", "benchmarks", "benchmarks/*", "scaling"],
    "Decisions": ["decisions/*"],
    "The project": ["../README", "../ARCHITECTURE", "../CONTRIBUTING"],
}

_FETCHED = re.compile(
    r"""<(?:script|img|iframe|source)[^>]*\ssrc="(?:https?:)?//[^"]*"
      | <link[^>]*\srel="(?:stylesheet|preload|icon|preconnect)"[^>]*href="(?:https?:)?//[^"]*"
      | @import\s+[^;]*//[^;]*;
      | url\(["']?(?:https?:)?//[^)]*\)""",
    re.VERBOSE,
)


def add_shelves(app: Sphinx, name: str, source: list[str]) -> None:
    """Gives the first page its contents: one list of pages for each shelf."""
    if name != root_doc:
        return
    for caption, pages in SHELVES.items():
        listed = "\n".join(pages)
        source[0] += f"\n```{{toctree}}\n:caption: {caption}\n:glob:\n:maxdepth: 1\n\n{listed}\n```\n"


class Folders(SphinxPostTransform):
    """A link to a folder has no page to lead to: its text stays, without a link."""

    default_priority = 5  # before MyST looks for a page

    def run(self, **kwargs: Any) -> None:
        for link in list(self.document.findall(addnodes.pending_xref)):
            folder = ROOT / Path(self.env.docname).parent / link["reftarget"]
            if link["reftarget"] and folder.is_dir():
                link.replace_self(link.children)


def finish(app: Sphinx, error: Exception | None) -> None:
    """Leads from the top of the site to its first page, and looks for what is fetched from elsewhere."""
    if error is not None:
        return
    site = Path(app.outdir)
    onward = f'<meta http-equiv="refresh" content="0; url={root_doc}.html">'
    (site / "index.html").write_text(f"<!DOCTYPE html><title>{html_title}</title>{onward}\n")
    foreign = [
        f"{page.relative_to(site)}: {found[0]}"
        for page in sorted(site.rglob("*"))
        if page.suffix in (".html", ".css")
        for found in _FETCHED.finditer(page.read_text())
    ]
    if foreign:
        raise SphinxError("the site is not whole without a network:\n" + "\n".join(foreign))


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", add_shelves)
    app.add_post_transform(Folders)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True}
