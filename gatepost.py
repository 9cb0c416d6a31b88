"""The people's command: `python gatepost.py --help`. Not deployed with the function app."""

from commands.program import main

if __name__ == "__main__":
    main()
