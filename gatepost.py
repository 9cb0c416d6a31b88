"""The command-line tool: `python gatepost.py --help`. Not deployed with the function app."""

import sys

try:
    from commands.program import main
except ModuleNotFoundError as error:
    if str(error.name).startswith(("commands", "shared")):
        raise
    sys.stderr.write(
        f"The library {error.name} is missing. Install what the command needs (Python 3.13):\n"
        "python -m pip install -r requirements.txt -r requirements-dev.txt\n"
    )
    sys.exit(2)

if __name__ == "__main__":
    main()
