"""When memory is cleaned up: what is imported at the start is never garbage, so nobody looks for any there."""

import gc


def ignored() -> None:
    """Clean nothing up while the program is loaded: an eighth of what a small command costs."""
    gc.disable()


def collected() -> None:
    """Clean up again, but for what was loaded: the command itself begins."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
