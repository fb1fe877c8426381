"""Self test of survival tables of a person: what is refused, and why."""

import os
import unittest

import make_table
import make_vault
import survival
from forge import Signer
from selftest_fixture import TESTS, read
from selftest_forms import refused

VAULT = make_vault.build()
OTHER = Signer("example.org/owner", bytes(range(32)))
GOOD = "\n".join(make_table.toml()) + "\n"
NOTE = make_table.note(VAULT)
EMPLOYER = '[[attribute]]\nname = "employer"\nknown = [[1, 1, 1, 1]]\nunknown = [[1, 1, 1, 1]]\n'


def signed(note, owner=VAULT.owner.vkey, vault=None):
    return lambda: survival.open_table(note, owner, vault)


def head(**changes):
    return signed(make_table.note(VAULT, **changes))


def table(old, new):
    """The good table with one thing different, signed."""
    assert old in GOOD
    return head(table=GOOD.replace(old, new, 1).splitlines())


@refused({
    "table_of_another_owner": (signed(NOTE, OTHER.vkey), "no signature line"),
    "table_of_another_vault": (signed(NOTE, vault=bytes(16)), "another vault"),
    "table_cut": (signed(NOTE[: len(NOTE) // 2]), "line feed"),
    "table_changed": (signed(NOTE.replace("0.97", "0.98")), "does not verify"),
    "table_with_crlf": (signed(NOTE.replace("\n", "\r\n")), "no empty line"),
    "table_of_another_kind": (head(first="stillgood/survival/v2"), "another kind"),
    "table_without_a_count": (head(counts="7"), "fields"),
    "table_with_a_sign": (head(counts="7 +2"), "whole number"),
    "table_missing": (head(table=[]), "members missing"),
    "table_not_toml": (head(table=["days = ["]), "not TOML"),
    "table_rises": (table("[1, 0.97, 0.91, 0.68]", "[1, 0.97, 0.91, 0.92]"), "rises"),
    "table_above_one": (table("[1, 0.97", "[1.1, 0.97"), "from 0 to 1"),
    "table_negative": (table("0.68", "-0.1"), "from 0 to 1"),
    "table_of_no_number": (table("0.68", "nan"), "from 0 to 1"),
    "table_without_a_step": (table("0.91, 0.68", "0.91"), "each step"),
    "table_without_a_tenure": (table("days = [0, 365]", "days = [0, 365, 730]"), "each tenure"),
    "table_days_down": (table("[0, 30, 90, 365]", "[0, 90, 30, 365]"), "go up"),
    "table_days_from_one": (table("[0, 30", "[1, 30"), "begin with 0"),
    "table_of_too_many_steps": (table("[0, 30, 90, 365]", str(list(range(65)))), "too many of days"),
    "table_attribute_twice": (head(table=(GOOD + 2 * EMPLOYER).splitlines()), "twice"),
    "table_attribute_without_a_name": (table('"owns"', '""'), "no name"),
    "table_ended_more_than_watched": (table("ended = 5", "ended = 13"), "more facts ended"),
    "table_without_a_curve": (table('category = "none"', 'category = "health"'), "each kind"),
    "table_with_another_member": (table("facts = 12", "facts = 12\nhow = 1"), "left over"),
})
class Tables(unittest.TestCase):
    def test_fixture_is_made_again(self):
        self.assertEqual(read(TESTS, "fixtures", "personal", "survival.note").decode(), NOTE)
        self.assertEqual(read(TESTS, "fixtures", "personal", "set.toml").decode(), make_table.SETTINGS)
        self.assertEqual(sorted(os.listdir(os.path.join(TESTS, "fixtures", "personal"))), ["set.toml", "survival.note"])

    def test_fixture_says_what_it_was_made_from(self):
        found = survival.open_table(NOTE, VAULT.owner.vkey, VAULT.vault)
        self.assertEqual((found.confirmed, found.changed, found.table["days"]), (7, 2, list(make_table.DAYS)))

    def test_a_table_without_tenures_is_read(self):
        old = GOOD.split("[[attribute]]")[0].replace("tenure_days = [0, 365]\n", "")
        curves = GOOD[GOOD.index("[[curve]]") :]
        self.assertEqual(len(survival.parse_table(old + EMPLOYER + curves)["attribute"]), 1)

    def test_chances(self):
        # By hand: days 0, 30, 90, 365; tenures from 0 and from 365 days; all in whole days.
        table = survival.parse_table(GOOD)
        curve = {(one["kind"], one["category"]): one["chance"] for one in table["curve"]}
        curve["semantic", "health"][:] = [1, 0.9, 0.6, 0.6]
        curve["semantic", "travel"][:] = [1, 0.95, 0.5, 0.4]
        curve["episodic", "none"][:] = [0.9975, 0.997499, 0.0025, 0.002499]
        owns = ("owns", True)
        for of, tenure, days, expected in [
            (owns, 0, 0, 1_000_000), (owns, 0, 30, 970_000), (owns, 0, 365, 680_000), (owns, 0, 5_000, 680_000),
            (owns, 0, 90, 910_000), (owns, 364, 365, 680_000), (owns, 365, 365, 880_000), (owns, -1, -1, 1_000_000),
            # 0.97 - 0.06 * 20 / 60, and 0.91 - 0.23 * 100 / 275 = 0.82636...
            (owns, 0, 50, 950_000), (owns, 0, 190, 825_000),
            (("owns", False), 0, 365, 790_000), (("owns", False), 365, 365, 880_000),
            ((None, True, "semantic", "health"), 0, 30, 900_000), ((None, True, "semantic", "health", "travel"), 0, 30, 900_000),
            ((None, True, "semantic", "health", "travel"), 0, 90, 500_000),
            ((None, True, "episodic"), 0, 0, 1_000_000), ((None, True, "episodic"), 0, 30, 995_000),
            ((None, True, "episodic"), 0, 90, 5_000), ((None, True, "episodic"), 0, 365, 0),
        ]:
            attribute, is_known, kind, *categories = (*of, "semantic") if len(of) == 2 else of
            standing = survival.Standing(attribute, is_known, tenure * survival.DAY, kind, tuple(categories))
            with self.subTest(of=of, tenure=tenure, days=days):
                self.assertEqual(survival.chance(table, standing, days * survival.DAY), expected)

    def test_an_attribute_that_is_not_listed_is_read_as_all_others_else_by_kind(self):
        table = survival.parse_table(GOOD)
        of = survival.Standing("unheard of", True, 0, "semantic", ())
        every = [one for one in table["attribute"] if one["name"] == "*"]
        self.assertEqual(survival.curves_of(table, of), [every[0]["known"][0]])
        table["attribute"] = [one for one in table["attribute"] if one["name"] != "*"]
        none = [one["chance"] for one in table["curve"] if (one["kind"], one["category"]) == ("semantic", "none")]
        self.assertEqual(survival.curves_of(table, of), none)
        # The name itself is not special where a row has it, and no attribute is none that is not listed.
        self.assertEqual(survival.curves_of(table, survival.Standing(None, True, 0, "semantic", ())), none)
