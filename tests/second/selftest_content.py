"""Self test of contents behind commitments, of seeds, and of the policy set digest."""

import hashlib
import hmac
import unittest

import cbor
import content
import decision
import policyset
from forge import T0
from forms import Bad, sha256, utf8
from selftest_decision import KEY, LEAVES, NOTE, ROWS, SEED, VAULT
from selftest_forms import refused

DISCLOSURE = VAULT.epoch.derive("disclosure")
CONTENTS = VAULT.contents(T0, ROWS)
HIDDEN = [hidden for _, hidden in decision.salts(DISCLOSURE, SEED, len(LEAVES))]
RESULT = decision.verify(NOTE, LEAVES, KEY)
REQUEST = cbor.decode(CONTENTS[0])


def request(place, value):
    """Show a request with one item replaced, under a decision that commits to it."""
    items = list(REQUEST)
    items[place] = value
    data = cbor.encode(items)
    header = {**vars(RESULT.header), "request": decision.commitment(HIDDEN[0], data)}
    result = decision.Decision(RESULT.vault, RESULT.id, decision.Header(**header), RESULT.rulings)
    return lambda: content.check_request(result, HIDDEN[0], data)


def keys(*pairs):
    return request(7, list(pairs))


def candidate(place, value):
    rows = [list(row) for row in REQUEST[10]]
    rows[0][place] = value
    return request(10, rows)


def facts(*items):
    return lambda: content.parse_facts(cbor.encode(["stillgood/facts/v1", bytes(32), list(items)]))


def seed_without_vkey(disclosure, vkey, cores):
    message = b"stillgood/decision-seed/v1\n" + b"".join(utf8(core) + b"\n" for core in cores)
    return hmac.new(disclosure, message, hashlib.sha256).digest()


def seeded(seed_of=None, contents=CONTENTS, key=KEY):
    def run():
        seed, _, leaves = VAULT.decide(T0, ROWS, store=False, seed_of=seed_of)
        content.check_seed(DISCLOSURE, key, seed, leaves, contents)
    return run


def policy(name="everyday", version=1, base=None, **files):
    files = {"set.toml": b"", **{file.replace("__", "."): data for file, data in files.items()}}
    return lambda: policyset.text(name, version, base, files)


@refused({
    "request_of_another_salt": (lambda: content.check_request(RESULT, HIDDEN[1], CONTENTS[0]), "committed"),
    "request_changed": (lambda: content.check_request(RESULT, HIDDEN[0], CONTENTS[0].replace(b"like", b"hate")), "committed"),
    "request_another_time": (request(1, T0 + 1), "another time"),
    "request_another_what_if": (request(9, True), "what-if"),
    "request_what_if_number": (request(9, 0), "boolean"),
    "request_other_passed": (request(8, ["a"]), "other fields"),
    "request_passed_out_of_order": (request(8, ["b", "a"]), "ascending"),
    "request_other_rows": (request(10, REQUEST[10][:-1]), "candidates"),
    "request_rows_in_another_order": (request(10, REQUEST[10][::-1]), "candidates"),
    "request_unknown_version": (request(0, "stillgood/request/v2"), "version"),
    "request_purpose_number": (request(3, 1), "not text"),
    "request_blob_id_stray_bits": (request(6, "M4hsZGQ1oCktdzegB6HnI6Mi28S2nqOPHxK-W7_4BUl"), "blob"),
    "request_keys_out_of_order": (keys(["b", 1], ["a", 1]), "ascending"),
    "request_key_twice": (keys(["a", 1], ["a", 2]), "ascending"),
    "request_key_with_hyphen": (keys(["a-b", 1]), "name"),
    "request_key_null": (keys(["a", None]), "type"),
    "request_key_texts_out_of_order": (keys(["a", ["z", "b"]]), "type"),
    "request_rerank_above_one": (candidate(1, 1_000_001), "score"),
    "request_asked_null": (candidate(3, None), "asked"),
    "request_offered_short": (candidate(4, bytes(31)), "digest"),
    "facts_of_another_ruling": (lambda: content.check_facts(RESULT.rulings[1], HIDDEN[1], CONTENTS[1]), "committed"),
    "facts_where_none": (lambda: content.check_facts(RESULT.rulings[3], HIDDEN[4], CONTENTS[1]), "no facts"),
    "facts_unknown_type": (facts(["a", "time", 1]), "type"),
    "facts_bool_as_int": (facts(["a", "int", True]), "type"),
    "facts_score_above_one": (facts(["a", "score", 1_000_001]), "type"),
    "facts_set_out_of_order": (facts(["a", "set", ["b", "a"]]), "type"),
    "fact_twice": (facts(["a", "int", 1], ["a", "int", 1]), "twice"),
    "seed_without_vkey": (seeded(seed_without_vkey), "seed is not"),
    "seed_of_another_decider": (seeded(key=VAULT.owner.vkey), "seed is not"),
    "seed_of_other_contents": (seeded(contents=[CONTENTS[0], CONTENTS[2], *CONTENTS[2:]]), "seed is not"),
    "policy_set_other_file": (policy(readme__txt=b""), "no file"),
    "policy_set_note_of_another_name": (policy(mine__note=b""), "no file"),
    "policy_set_name_upper_case": (policy("Everyday"), "not 1 to 48"),
})
class Contents(unittest.TestCase):
    def test_request_is_shown(self):
        self.assertEqual(content.check_request(RESULT, HIDDEN[0], CONTENTS[0])[2], "what does the user like?")
        keys(["a", "x"], ["b", True], ["c", -5], ["d", ["a", "b"]])()
        request(6, "M4hsZGQ1oCktdzegB6HnI6Mi28S2nqOPHxK-W7_4BUk")()
        candidate(4, bytes(32))()

    def test_facts_are_shown(self):
        for place, ruling in enumerate(RESULT.rulings[:3], 1):
            items = VAULT.heads[ruling.row][-1][0]
            self.assertEqual(content.check_facts(ruling, HIDDEN[place], CONTENTS[place])[0], items[26])
        facts(["a", "text", "x"], ["b", "bool", False], ["c", "int", -1], ["d", "span", 5], ["e", "score", 0],
              ["f", "set", ["a", "b"]], ["g", "score", None])()

    def test_seed_is_that_of_leaves_and_contents(self):
        self.assertEqual(content.check_seed(DISCLOSURE, KEY, SEED, LEAVES, CONTENTS), HIDDEN)

    def test_two_deciders_two_decisions(self):
        other = VAULT.decide(T0, ROWS, store=False, signer=VAULT.owner)
        self.assertNotEqual(other[0], SEED)

    def test_no_part_of_a_content_is_free(self):
        for place in range(len(CONTENTS[0])):
            changed = CONTENTS[0][:place] + bytes([CONTENTS[0][place] ^ 1]) + CONTENTS[0][place + 1 :]
            with self.assertRaises(Bad):
                content.check_request(RESULT, HIDDEN[0], changed)

    def test_policy_set_text(self):
        empty = sha256(b"").hex()
        self.assertEqual(
            policy(b__rhai=b"", a__rhai=b"x", survival__toml=b"")(),
            f"stillgood/policy-set/v1\neveryday 1\n-\na.rhai {sha256(b'x').hex()}\nb.rhai {empty}\nset.toml {empty}\n"
            f"survival.toml {empty}\n",
        )
        self.assertEqual(policyset.digest("a", 2, bytes(32), {"set.toml": b""}),
                         sha256(f"stillgood/policy-set/v1\na 2\n{'00' * 32}\nset.toml {empty}\n".encode()))
