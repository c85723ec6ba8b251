"""The `wfm` command, also as `python -m workflow_manager`."""

import sys


def main() -> None:
    """As `cli.main`, and quiet too when it is interrupted while it is still being loaded."""
    try:
        from workflow_manager.cli.main import main as wfm

        wfm()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
