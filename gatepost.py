"""The command-line tool: `python gatepost.py --help`. Not deployed with the function app.

Only this file must be readable for older Pythons, so that they get a sentence instead of a SyntaxError.
"""

import os
import sys

NEEDED = (3, 13)
INSTALL = "python -m pip install -r requirements.txt -r requirements-dev.txt"
UV = "uv run --no-project --python 3.13 --with-requirements requirements.txt --with-requirements requirements-dev.txt"

if sys.version_info[:2] != NEEDED:
    sys.stderr.write(
        "Gatepost needs Python 3.13; this is Python "
        + ".".join(map(str, sys.version_info[:2]))
        + ".\nInstall 3.13 from https://www.python.org/downloads/ (it may stand beside others), then start this with it:\n"
        + "  python3.13 gatepost.py --help\n"
        + "On Windows:\n"
        + "  py -3.13 gatepost.py --help\n"
        + "Or let uv fetch it for this command:\n"
        + "  python -m pip install uv\n  "
        + UV
        + " gatepost.py --help\n"
    )
    sys.exit(2)

HERE = os.path.dirname(os.path.abspath(__file__))
if HERE not in sys.path:
    sys.path.insert(0, HERE)  # PYTHONSAFEPATH and -P leave it out

try:
    from commands.start import program

    main = program()
except ModuleNotFoundError as error:
    if str(error.name).startswith(("commands", "shared")):
        raise
    sys.stderr.write("The library " + str(error.name) + " is missing. Install what the command needs:\n")
    sys.stderr.write("  " + INSTALL + "\n")
    sys.exit(2)

if __name__ == "__main__":
    main()
