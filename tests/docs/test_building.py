"""`make docs` writes the pages of the rules and of the files, as they are committed."""

import os
import shutil
import subprocess
import sys

from tests.support.examples import files_below
from tests.support.pages import ROOT


def test_the_generated_pages_are_fresh(tmp_path):
    """In a copy, in which a rule's page was left behind."""
    docs = tmp_path / "docs"
    (docs / "rules").mkdir(parents=True)
    (docs / "rules/rule-that-was.md").write_text("# rule-that-was\n")
    shutil.copy(ROOT / "docs/build.py", docs)
    settings = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, docs / "build.py"], env=settings, capture_output=True, check=True)
    for folder in ("rules", "reference"):
        assert files_below(docs / folder) == files_below(ROOT / "docs" / folder), "run `make docs`"
