"""Who acts at a command line, for what is kept of it."""

import getpass


def name() -> str:
    """ "ada (command line)"."""
    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError):  # a container's user may have no name
        return "command line"
