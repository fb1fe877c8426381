"""Self test of what is kept in files: the fixture and the vectors are what the makers make, and verify."""

import contextlib
import io
import json
import os
import tempfile
import unittest

import make_locked_keys
import make_vault
import make_vectors
import verify

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
FIXTURE = os.path.join(TESTS, "fixtures", "python-vault")


def read(*place):
    with open(os.path.join(*place), "rb") as file:
        return file.read()


class Fixtures(unittest.TestCase):
    def test_fixture_is_made_again(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            make_vault.main(folder)
            self.assertEqual(sorted(os.listdir(folder)), sorted(os.listdir(FIXTURE)))
            # The bytes of an SQLite file depend on the version of SQLite; what stands in it is in expected.json.
            for name in set(os.listdir(folder)) - {"vault.sgv"}:
                self.assertEqual(read(folder, name), read(FIXTURE, name), name)

    def test_fixture_verifies(self):
        at = lambda name: os.path.join(FIXTURE, name)
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()):
            code = verify.main([
                "vault", at("vault.sgv"), "--owner", at("owner.vkey"), "--identity", at("identity.pem"),
                "--pin", at("vault.pin"), "--json",
            ])
        self.assertEqual((code, json.loads(out.getvalue())), (0, json.loads(read(FIXTURE, "expected.json"))))

    def test_vectors_are_made_again(self):
        made = {
            "row-sum": make_vectors.row_sums(), "decision": make_vectors.one_decision(),
            "locked-keys": make_locked_keys.locked_keys(),
        }
        for name, value in made.items():
            self.assertEqual(json.loads(read(TESTS, "vectors", name + ".json")), value)
