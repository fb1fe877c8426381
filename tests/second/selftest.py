"""Runs every self test: python3 tests/second/selftest.py [-v]"""

import sys
import unittest

import needs

if needs.cryptography_missing():
    print(needs.MISSING)
    sys.exit(0)

from selftest_content import Contents  # noqa: E402, F401
from selftest_decision import Decisions  # noqa: E402, F401
from selftest_entries import Entries  # noqa: E402, F401
from selftest_evidence import Evidence  # noqa: E402, F401
from selftest_fixture import Fixtures  # noqa: E402, F401
from selftest_forms import Forms, Notes, Pins, Rings, RowSums  # noqa: E402, F401
from selftest_hostile import Hostile  # noqa: E402, F401
from selftest_parts import Heads, Parts  # noqa: E402, F401
from selftest_table import Tables  # noqa: E402, F401
from selftest_vault import Vaults  # noqa: E402, F401

if __name__ == "__main__":
    unittest.main()
