"""Settings of the pages in this folder, which `make docs` builds with Sphinx."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import refrace

project = "refrace"
author = "The refrace developers"
copyright = "The refrace developers; MIT licence"
release = refrace.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "sphinx_design",
    "sphinx_refrace",
]
exclude_patterns = ["README.md", "sphinx_refrace"]

html_theme = "furo"
html_title = "refrace"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
# A browser does not let a page on disk read others, from which the summaries come.
html_show_search_summary = False
html_theme_options = {
    "source_repository": "https://github.com/refrace/refrace",
    "source_branch": "main",
    "source_directory": "docs/",
}

# Headings get the anchors that GitHub gives them.
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence", "deflist"]

# Cells run at every build, and an error in one ends it.  A notebook that the tests run
# comes with its outputs.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 600
nb_execution_excludepatterns = ["*.ipynb"]
nb_merge_streams = True

napoleon_google_docstring = False
napoleon_use_ivar = True
# A word of a type, such as "states" in {"states", "seconds"}, is looked up as a name.
suppress_warnings = ["ref.python"]
autodoc_typehints = "none"
autodoc_member_order = "bysource"
# A name in single backticks, as numpydoc has it.
default_role = "code"
toc_object_entries_show_parents = "hide"
