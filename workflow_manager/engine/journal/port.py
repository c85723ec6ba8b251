"""The contract of every journal.  `tests/conformance/test_journal.py` is its other half."""
