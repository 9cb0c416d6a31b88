"""Other Pythons that are installed on this machine: what people may start the tool with by mistake."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

_NAMES = ("python2.7", *(f"python3.{minor}" for minor in range(6, 16) if minor != sys.version_info[1]))


@cache
def other_pythons() -> dict[str, Path]:
    """Interpreters by their version, such as `3.9`; those of the PATH and of pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    named = [*filter(None, map(shutil.which, _NAMES)), *map(str, sorted(pyenv.glob("*/bin/python")))]
    asked = "import sys; print('%d.%d' % tuple(sys.version_info[:2]))"
    found = {}
    for one in named:
        done = subprocess.run([one, "-c", asked], capture_output=True, text=True, check=False)
        if done.returncode == 0:  # a shim of pyenv may lead nowhere
            found[done.stdout.strip()] = Path(one)
    found.pop(f"{sys.version_info[0]}.{sys.version_info[1]}", None)
    return found
