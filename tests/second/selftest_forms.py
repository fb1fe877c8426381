"""Self test of the text forms, CBOR, notes, trees, HPKE and key rings."""

import unittest

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

import cbor
import ed
import forge
import forms
import hpke
import note
import points
import records
import rowsum
import tree
from forms import Bad, sha256, tobase64
from ring import open_ring
from sealing import unlock


def refused(cases):
    """Add one test for each case: name -> (call, part of the reason it must be refused for)."""
    def add(cls):
        for name, (call, reason) in cases.items():
            def test(self, call=call, reason=reason):
                with self.assertRaises(Bad) as caught:
                    call()
                self.assertIn(reason, str(caught.exception))
            setattr(cls, f"test_{name}", test)
        return cls
    return add


def raw(text):
    return lambda: cbor.decode(bytes.fromhex(text))


def apply(function, *arguments):
    return lambda: function(*arguments)


@refused({
    "cbor_integer_not_shortest_one_byte": (raw("1817"), "shortest"),
    "cbor_integer_not_shortest_two_bytes": (raw("1900ff"), "shortest"),
    "cbor_integer_not_shortest_four_bytes": (raw("1a0000ffff"), "shortest"),
    "cbor_integer_not_shortest_eight_bytes": (raw("1b00000000ffffffff"), "shortest"),
    "cbor_negative_not_shortest": (raw("3800"), "shortest"),
    "cbor_integer_too_low": (raw("3b8000000000000000"), "too low"),
    "cbor_bytes_length_not_shortest": (raw("580100"), "shortest"),
    "cbor_array_indefinite": (raw("9fff"), "indefinite"),
    "cbor_text_indefinite": (raw("7fff"), "indefinite"),
    "cbor_reserved_length": (raw("1c"), "reserved"),
    "cbor_map": (raw("a0"), "map"),
    "cbor_tag": (raw("c100"), "map or tag"),
    "cbor_float": (raw("f90000"), "float"),
    "cbor_undefined": (raw("f7"), "simple"),
    "cbor_false_in_two_bytes": (raw("f814"), "simple"),
    "cbor_trailing_byte": (raw("0000"), "after"),
    "cbor_empty": (raw(""), "early"),
    "cbor_truncated": (raw("8201"), "early"),
    "cbor_huge_array": (raw("9bffffffffffffffff"), "early"),
    "cbor_huge_bytes": (raw("5bffffffffffffffff"), "early"),
    "cbor_deep": (raw("81" * 64 + "00"), "deeply"),
    "cbor_text_not_utf8": (raw("61ff"), "UTF-8"),
    "cbor_text_surrogate": (raw("63eda080"), "UTF-8"),
    "time_without_millis": (apply(forms.parse_time, "2026-02-12T18:00:00Z"), "time"),
    "time_with_offset": (apply(forms.parse_time, "2026-02-12T18:00:00.000+00:00"), "time"),
    "time_small_z": (apply(forms.parse_time, "2026-02-12T18:00:00.000z"), "time"),
    "time_leap_second": (apply(forms.parse_time, "2016-12-31T23:59:60.000Z"), "exists"),
    "time_thirtieth_of_february": (apply(forms.parse_time, "2026-02-30T00:00:00.000Z"), "exists"),
    "time_year_zero": (apply(forms.parse_time, "0000-01-01T00:00:00.000Z"), "exists"),
    "time_other_digits": (apply(forms.parse_time, "٢٠٢٦-02-12T18:00:00.000Z"), "time"),
    "number_leading_zero": (apply(forms.number, "01"), "number"),
    "number_sign": (apply(forms.number, "+1"), "number"),
    "number_other_digits": (apply(forms.number, "١"), "number"),
    "number_line_feed": (apply(forms.number, "1\n"), "number"),
    "number_too_large": (apply(forms.number, str(2**53)), "range"),
    "digest_upper_case": (apply(forms.hexed, "AB", 1), "hexadecimal"),
    "digest_short": (apply(forms.hexed, "a", 1), "hexadecimal"),
    "base64_stray_bits": (apply(forms.unbase64, "AB=="), "one form"),
    "base64_no_padding": (apply(forms.unbase64, "AA"), "base64"),
    "base64_line_break": (apply(forms.unbase64, "AA==\n"), "base64"),
    "base64_url_alphabet": (apply(forms.unbase64, "__8="), "base64"),
    "base64_too_much_padding": (apply(forms.unbase64, "AAAA===="), "base64"),
    "row_id_space": (apply(forms.row_id, "a b"), "hiding"),
    "row_id_line_separator": (apply(forms.row_id, "a\u2028b"), "hiding"),
    "row_id_no_break_space": (apply(forms.row_id, "a\u00a0b"), "hiding"),
    "row_id_soft_hyphen": (apply(forms.row_id, "a\u00adb"), "hiding"),
    "row_id_right_to_left_mark": (apply(forms.row_id, "a\u200fb"), "hiding"),
    "row_id_byte_order_mark": (apply(forms.row_id, "\ufeffa"), "hiding"),
    "row_id_combining_grapheme_joiner": (apply(forms.row_id, "a\u034fb"), "hiding"),
    "row_id_hangul_filler": (apply(forms.row_id, "a\u3164b"), "hiding"),
    "row_id_variation_selector": (apply(forms.row_id, "a\ufe0f"), "hiding"),
    "row_id_tag_letter": (apply(forms.row_id, "a\U000e0041"), "hiding"),
    "row_id_too_long": (apply(forms.row_id, "ü" * 65), "128"),
    "row_id_empty": (apply(forms.row_id, ""), "128"),
    "key_name_plus": (apply(forms.key_name, "a+b"), "plus"),
})
class Forms(unittest.TestCase):
    def test_cbor_round_trip(self):
        for item in (0, 23, 24, 255, 256, 65536, 2**32, 2**64 - 1, -1, -25, -(2**63), b"", "ü", [], [None, True, [False]]):
            self.assertEqual(cbor.decode(cbor.encode(item)), item)
        self.assertEqual(cbor.encode([1, -1, b"\1", "a", None]).hex(), "8501204101" + "6161" + "f6")

    def test_hiding_characters(self):
        hiding = {code for low, high in forms.HIDING for code in range(low, high + 1)}
        edges = (0x3163, 0x3164, 0x3165, 0xFDFF, 0xFE00, 0xFE0F, 0xFE10, 0xFEFE, 0xFEFF, 0xFF00, 0xFFEF, 0xFFF0, 0xFFFB,
                 0xFFFC, 0x1D172, 0x1D173, 0x1D17B, 0x1F600, 0xDFFFF, 0xE0000, 0xE0020, 0xE0FFF, 0xE1000)
        for code in [*range(0x3100), *edges]:
            if code in hiding:
                with self.assertRaises(Bad):
                    forms.row_id(chr(code))
            else:
                self.assertEqual(forms.row_id(chr(code)), chr(code))
        self.assertEqual(len(hiding), 33 + 34 + 4 + 16 + 8 + 17 + 2 + 9 + 1 + 1 + 16 + 1 + 12 + 4 + 8 + 4096)

    def test_time_range(self):
        for text, millis in (("0001-01-01T00:00:00.000Z", forms.TIME_LOW), ("9999-12-31T23:59:59.999Z", forms.TIME_HIGH),
                             ("1969-12-31T23:59:59.999Z", -1), ("2026-02-12T18:00:00.000Z", forge.T0)):
            self.assertEqual((forms.parse_time(text), forms.time_text(millis)), (millis, text))

    def test_tree_is_that_of_rfc_6962(self):
        def plain(leaves):
            if len(leaves) == 1:
                return sha256(b"\0" + leaves[0])
            k = 1 << (len(leaves) - 1).bit_length() - 1
            return sha256(b"\1" + plain(leaves[:k]) + plain(leaves[k:]))

        for n in range(1, 70):
            leaves = [str(i).encode() for i in range(n)]
            self.assertEqual(tree.root(leaves), plain(leaves))
            self.assertEqual(len(tree.complete_nodes(leaves)), sum(n >> level for level in range(8)))
        self.assertEqual(tree.root([]), sha256(b""))


STREAM = forge.Stream("self test")
OWNER = forge.Signer("example.org/owner", STREAM.take(32))
OTHER = forge.Signer("example.org/other", STREAM.take(32))
TEXT = "first line\nsecond line\n"
NOTE = OWNER.sign(TEXT)
def opening(text):
    return lambda: note.open_note(text, OWNER.vkey)


def vkey_with(change):
    return lambda: note.parse_vkey(change(OWNER.vkey.line))


@refused({
    "note_foreign_signature": (opening(OTHER.sign(TEXT)), "no signature line"),
    "note_wrong_signature": (opening(NOTE.replace("first", "frist")), "does not verify"),
    "note_tab": (opening(OWNER.sign("a\tb\n")), "control"),
    "note_crlf": (opening(OWNER.sign("a\r\n")), "control"),
    "note_c1_control": (opening(OWNER.sign("a\u0085b\n")), "control"),
    "note_text_ends_in_empty_line": (opening(OWNER.sign("a\n\n")), "empty line"),
    "note_no_text": (opening("\n" + OWNER.line("")), "empty line"),
    "note_own_line_twice": (opening(NOTE + OWNER.line(TEXT)), "more than one"),
    "note_stray_base64_bits": (opening(NOTE.replace("=\n", "=\n") + f"{note.DASH} x AAAAAAB=\n"), "one form"),
    "note_seventeen_lines": (opening(NOTE + forge.Signer("x", bytes(32)).line("") * 16), "too many"),
    "note_without_last_line_feed": (opening(NOTE[:-1]), "line feed"),
    "note_too_large": (opening(OWNER.sign("a" * 1_048_576 + "\n")), "large"),
    "vkey_wrong_hash": (vkey_with(lambda line: line.replace("+" + OWNER.vkey.hash.hex(), "+00000000")), "hash"),
    "vkey_upper_case_hash": (vkey_with(lambda line: line.replace(OWNER.vkey.hash.hex(), "ABCDEF01")), "hexadecimal"),
    "vkey_other_algorithm": (apply(note.parse_vkey, "a+00000000+" + tobase64(bytes([4]) + bytes(32))), "Ed25519"),
    "vkey_small_order": (apply(note.parse_vkey, note.Vkey("a", points.NEUTRAL).line), "small order"),
    "vkey_not_canonical": (apply(note.parse_vkey, note.Vkey("a", (ed.P + 1).to_bytes(32, "little")).line), "canonical"),
    "vkey_line_feed": (vkey_with(lambda line: line + "\n"), "base64"),
    "vkey_file_two_line_feeds": (apply(note.parse_vkey_file, OWNER.vkey.line + "\n\n"), "base64"),
    "signature_small_order_key": (apply(ed.verify, points.NEUTRAL, b"m", points.NEUTRAL + bytes(32)), "public key of small order"),
    "signature_small_order_r": (lambda: ed.verify(OWNER.vkey.key, b"m", points.neutral_r(OWNER.secret, b"m")), "R of the signature is of small"),
    "signature_large_s": (lambda: ed.verify(OWNER.vkey.key, b"m", points.large_s(OWNER.secret, b"m")), "S of the signature"),
})
class Notes(unittest.TestCase):
    def test_note_opens(self):
        self.assertEqual(note.open_note(NOTE, OWNER.vkey), TEXT)
        self.assertEqual(note.open_note(NOTE + OTHER.line("something else"), OWNER.vkey), TEXT)
        self.assertEqual(note.parse_vkey(OWNER.vkey.line), OWNER.vkey)

    def test_note_may_hold_an_empty_line(self):
        self.assertEqual(note.open_note(OWNER.sign("a\n\nb\n"), OWNER.vkey), "a\n\nb\n")

    def test_signature_with_neutral_r_is_good_but_for_its_order(self):
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        Ed25519PublicKey.from_public_bytes(OWNER.vkey.key).verify(points.neutral_r(OWNER.secret, b"m"), b"m")


VAULT = STREAM.take(16)
EPOCHS = [forge.new_epoch(VAULT, 1, STREAM), forge.new_epoch(VAULT, 2, STREAM)]
SECRETS = [forge.identity(STREAM.take(32)) for _ in range(2)]
KEYS = sorted(forge.public(secret) for secret in SECRETS)
VERIFIERS = [("writer,decider", forge.T0, None, OTHER.vkey), ("decider", forge.T0, forge.T0 + 1, OWNER.vkey)]
LINES = forge.ring_lines(VAULT, 1, None, KEYS, VERIFIERS, EPOCHS, STREAM)


def ring_of(lines):
    return open_ring(OWNER.sign(forge.text_of(lines)), OWNER.vkey)


def edited(old, new, count=1):
    """The ring with one piece of its text replaced, signed again."""
    text = forge.text_of(LINES)
    assert old in text, old
    return lambda: open_ring(OWNER.sign(text.replace(old, new, count)), OWNER.vkey)


def swapped(a, b):
    lines = list(LINES)
    lines[a], lines[b] = lines[b], lines[a]
    return lambda: ring_of(lines)


def unlocking(change):
    """Unlock a ring whose last stanza was replaced."""
    def run():
        secret = next(secret for secret in SECRETS if forge.public(secret) == KEYS[-1])
        return unlock(ring_of([*LINES[:-1], f"stanza 2 {KEYS[-1].hex()} {tobase64(change())}"]), secret)
    return run


GOOD = forms.unbase64(LINES[-1].split(" ")[3])
ADDED = forge.public(forge.identity(STREAM.take(32)))


@refused({
    "ring_foreign_signature": (lambda: open_ring(OTHER.sign(forge.text_of(LINES)), OWNER.vkey), "no signature line"),
    "ring_recipient_added_unsigned": (
        lambda: open_ring(OWNER.sign(forge.text_of(LINES)).replace("verifier", f"recipient {ADDED.hex()} {LINES[3][-24:]}\nverifier", 1), OWNER.vkey),
        "does not verify"),
    "ring_recipient_added_without_stanza": (
        lambda: ring_of(forge.ring_lines(VAULT, 1, None, [*KEYS, ADDED], VERIFIERS, EPOCHS, STREAM)[:-1]), "one stanza"),
    "ring_recipients_out_of_order": (swapped(3, 4), "out of order"),
    "ring_verifiers_out_of_order": (swapped(5, 6), "out of order"),
    "ring_epochs_out_of_order": (swapped(7, 8), "count up"),
    "ring_stanzas_out_of_order": (swapped(9, 10), "out of order"),
    "ring_kinds_out_of_order": (swapped(4, 5), "out of order"),
    "ring_recipient_twice": (lambda: ring_of([*LINES[:4], LINES[3], *LINES[4:]]), "twice"),
    "ring_stanza_twice": (lambda: ring_of([*LINES, LINES[-1]]), "one stanza"),
    "ring_stanza_missing": (lambda: ring_of(LINES[:-1]), "one stanza"),
    "ring_unknown_line": (lambda: ring_of([*LINES, "extra 1"]), "unknown line"),
    "ring_unknown_version": (edited("key-ring/v1", "key-ring/v2"), "kind or version"),
    "ring_version_zero": (edited("version 1 ", "version 0 "), "range"),
    "ring_first_with_previous": (edited("version 1 -", f"version 1 {'0' * 64}"), "version 1 alone"),
    "ring_second_without_previous": (edited("version 1 -", "version 2 -"), "version 1 alone"),
    "ring_version_without_previous": (edited("version 1 -", "version 1"), "1 fields"),
    "ring_version_twice": (lambda: ring_of([*LINES[:3], LINES[2], *LINES[3:]]), "once"),
    "ring_unknown_role": (edited("writer,decider", "decider,writer"), "roles"),
    "ring_two_spaces": (edited("version 1", "version  1"), "empty field"),
    "ring_epoch_gap": (edited("epoch 2", "epoch 3"), "count up"),
    "ring_upper_case_recipient": (edited(KEYS[0].hex(), KEYS[0].hex().upper(), 1), "hexadecimal"),
    "ring_low_order_recipient": (edited(LINES[3].split()[1], "00" * 32), "small order"),
    "ring_stray_base64_bits": (edited(LINES[-1][-4:], LINES[-1][-4:-2] + chr(ord(LINES[-1][-2]) + 1) + "="), "base64"),
    "stanza_low_order_point": (unlocking(lambda: bytes(32) + GOOD[32:]), "all-zero"),
    "stanza_of_another_epoch": (unlocking(lambda: forge.stanza(EPOCHS[0], KEYS[-1], STREAM)), "does not open"),
    "stanza_of_another_recipient": (unlocking(lambda: forge.stanza(EPOCHS[1], KEYS[0], STREAM)), "does not open"),
    "stanza_of_another_vault": (
        unlocking(lambda: forge.stanza(forge.Epoch(bytes(16), 2, EPOCHS[1].key), KEYS[-1], STREAM)), "does not open"),
    "stanza_wrong_commitment": (unlocking(lambda: forge.stanza(EPOCHS[1], KEYS[-1], STREAM, bytes(32))), "commitment"),
    "stanza_truncated_tag": (unlocking(lambda: GOOD[:-1]), "80 bytes"),
    "stanza_trailing_byte": (unlocking(lambda: GOOD + b"\0"), "80 bytes"),
    "identity_no_recipient": (lambda: unlock(ring_of(LINES), forge.identity(bytes([7]) * 32)), "not a recipient"),
    "hpke_other_info": (lambda: hpke.open_base(SECRETS[0], *hpke.seal_base(forge.public(SECRETS[0]), b"x", b"a"), b"b"), "open"),
})
class Rings(unittest.TestCase):
    def test_ring_opens(self):
        ring = ring_of(LINES)
        for secret in SECRETS:
            self.assertEqual(unlock(ring, secret), {1: EPOCHS[0], 2: EPOCHS[1]})
        self.assertEqual(ring.with_role("writer"), [OTHER.vkey])
        self.assertEqual(ring.with_role("decider", forge.T0 + 1), [OTHER.vkey])

    def test_hpke_round_trip(self):
        secret = X25519PrivateKey.generate()
        enc, text = hpke.seal_base(forge.public(secret), b"plain", b"info", b"aad")
        self.assertEqual(hpke.open_base(secret, enc, text, b"info", b"aad"), b"plain")


PIN = records.Pin(VAULT, 3, sha256(b"head 3"), 1, 3, sha256(b"root 3"))
HEADS = {sequence: sha256(f"head {sequence}".encode()) for sequence in range(1, 6)}


def pinned(vault=VAULT, heads=HEADS, log=1, size=4, root="root"):
    return lambda: records.check_pin(PIN, vault, heads, log, size, lambda n: sha256(f"{root} {n}".encode()))


def pin_text(old="", new=""):
    text = f"stillgood/pin/v1\n{VAULT.hex()}\n3 {PIN.vault_head.hex()}\n1 3 {tobase64(PIN.log_root)}\n"
    assert old in text
    return lambda: records.parse_pin(text.replace(old, new, 1))


@refused({
    "pin_other_vault": (pinned(vault=bytes(16)), "another vault"),
    "pin_older_sequence": (pinned(heads={1: HEADS[1], 2: HEADS[2]}), "older"),
    "pin_same_sequence_other_head": (pinned(heads={**HEADS, 3: HEADS[4]}), "another vault head"),
    "pin_other_log": (pinned(log=2), "another log"),
    "pin_shorter_log": (pinned(size=2), "shorter"),
    "pin_other_past": (pinned(root="other"), "past"),
    "pin_sequence_zero": (pin_text("\n3 ", "\n0 "), "range"),
    "pin_log_zero": (pin_text("\n1 3", "\n0 3"), "range"),
    "pin_unknown_version": (pin_text("/v1", "/v2"), "version"),
    "pin_trailing_line": (pin_text("=\n", "=\n\n"), "4 lines"),
})
class Pins(unittest.TestCase):
    def test_pin_reads(self):
        self.assertEqual(pin_text()(), PIN)
        pinned()()
        pinned(heads={n: HEADS[n] for n in (1, 2, 3)}, size=3)()


MEMBERS = [(f"row {n}", n, sha256(bytes([n]))) for n in range(1, 6)]


class RowSums(unittest.TestCase):
    def test_row_sum_of_nothing(self):
        self.assertEqual(rowsum.total([]), bytes(2048))

    def test_row_sum_in_any_order(self):
        self.assertEqual(rowsum.total(MEMBERS), rowsum.total(MEMBERS[::-1]))

    def test_row_sum_changes_without_the_other_rows(self):
        new = ("row 3", 4, sha256(b"new"))
        state = rowsum.add(rowsum.total(MEMBERS), rowsum.element(*MEMBERS[2]), -1)
        self.assertEqual(state, rowsum.total(MEMBERS[:2] + MEMBERS[3:]))
        self.assertEqual(rowsum.add(state, rowsum.element(*new)), rowsum.total([*MEMBERS[:2], new, *MEMBERS[3:]]))

    def test_element_number_by_number(self):
        seed = sha256(cbor.encode(["stillgood/row-sum/v1", *MEMBERS[0]]))
        part = rowsum.element(*MEMBERS[0])
        self.assertEqual(part[-32:], sha256(b"stillgood/row-sum/v1\n" + seed + b"\x3f"))
        double = rowsum.add(part, part)
        for i in (0, 1, 511, 1023):
            number = int.from_bytes(part[2 * i : 2 * i + 2], "little")
            self.assertEqual(int.from_bytes(double[2 * i : 2 * i + 2], "little"), 2 * number % 65536)
