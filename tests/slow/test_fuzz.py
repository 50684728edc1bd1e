"""Half a minute of tests/slow/fuzzing.py; `make fuzz` runs it for ten."""

import subprocess
import sys

from tests.conftest import ROOT


def test_whatever_is_read_there_is_an_answer():
    words = [sys.executable, "-m", "tests.slow.fuzzing", "30", "1"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert done.stdout.count("inputs, the slowest") > 10
