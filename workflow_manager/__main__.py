"""`python -m workflow_manager` is the `wfm` command."""

from workflow_manager.cli.main import main

if __name__ == "__main__":
    main()
