"""Test only: makes keys, notes, key rings, heads and decisions by the rules of the page.

Everything comes from a seeded stream, so that a fixture can be made again byte for byte.
"""

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

import cbor
import decision
import hpke
import tree
from evidence import KIND, LABEL
from forms import sha256, time_text, tobase64, utf8
from head import text_commitment
from note import DASH, Vkey
from sealing import RULINGS, Epoch, seal_part, stanza_info

T0 = 1_770_919_200_000  # 2026-02-12T18:00:00.000Z
HOUR, DAY = 3_600_000, 86_400_000


class Stream:
    """Bytes that only look random."""

    def __init__(self, seed):
        self.seed, self.count = seed.encode(), 0

    def take(self, size):
        self.count += 1
        return hashlib.shake_256(self.seed + b"/" + str(self.count).encode()).digest(size)


class Signer:
    """A signing key with a name."""

    def __init__(self, name, seed):
        self.secret = Ed25519PrivateKey.from_private_bytes(seed)
        self.vkey = Vkey(name, self.secret.public_key().public_bytes_raw())

    @property
    def name(self):
        return self.vkey.name

    def line(self, text):
        return f"{DASH} {self.name} {tobase64(self.vkey.hash + self.secret.sign(utf8(text)))}\n"

    def sign(self, text):
        return text + "\n" + self.line(text)


def identity(seed):
    return X25519PrivateKey.from_private_bytes(seed)


def public(secret):
    return secret.public_key().public_bytes_raw()


def stanza(epoch, recipient, stream, key=None):
    """One epoch key (or another key in its place) sealed to a recipient."""
    enc, text = hpke.seal_base(
        recipient, key or epoch.key, stanza_info(epoch.vault, epoch.number, recipient),
        ephemeral=identity(stream.take(32)),
    )
    return enc + text


def ring_lines(vault, version, previous, recipients, verifiers, epochs, stream):
    """The lines of a key ring; `previous` is a digest or None. Verifiers are (roles, since, until, vkey)."""
    keys = sorted(recipients)
    lines = ["stillgood/key-ring/v1", f"vault {vault.hex()}", f"version {version} {previous.hex() if previous else '-'}"]
    lines += [f"recipient {key.hex()} {time_text(T0 - DAY)}" for key in keys]
    for roles, since, until, vkey in sorted(verifiers, key=lambda line: utf8(line[3].line)):
        end = "-" if until is None else time_text(until)
        lines.append(f"verifier {roles} {time_text(since)} {end} {vkey.line}")
    lines += [f"epoch {epoch.number} {epoch.commitment.hex()} {time_text(T0 - DAY)}" for epoch in epochs]
    lines += [
        f"stanza {epoch.number} {key.hex()} {tobase64(stanza(epoch, key, stream))}" for epoch in epochs for key in keys
    ]
    return lines


def text_of(lines):
    return "".join(line + "\n" for line in lines)


def new_epoch(vault, number, stream):
    return Epoch(vault, number, stream.take(32))


def head_items(row, generation, text, opening, body_digest, body_generation, **changes):
    """The raw items of a first head; `changes` are keyed by item number as i12=..., and so on."""
    items = [
        row, generation, 0, [], [], "", 0, None, None, 0, None, T0, None, 0, False, None, None, None, None, False,
        0, [], [None] * 8, body_digest, body_generation, None, text_commitment(opening, text), opening, None,
    ]
    for name, value in changes.items():
        items[int(name[1:])] = value
    return items


def evidence_content(materials):
    """The plaintext of an evidence part; a kind is given by its word."""
    return cbor.encode([LABEL, [[KIND.index(kind), *rest] for kind, *rest in materials]])


def move_line(old, new):
    """A move; each side is (generation, digest)."""
    return f"{old[0]} {old[1].hex()} {new[0]} {new[1].hex()}"


def entry_text(kind, vault, *lines):
    return text_of([f"stillgood/{kind}/v1", vault.hex(), *lines])


def earning_text(vault, word, at, moves, who="example.org/owner", challenge=None, source=None):
    """`challenge` is (decision id in hexadecimal, leaf hash); `source` is (word, epoch, mark)."""
    decision, leaf = (challenge[0], challenge[1].hex()) if challenge else ("-", "-")
    seen = f"{source[0]} {source[1]} {source[2].hex()}" if source else "- - -"
    return entry_text("earning", vault, f"{word} {time_text(at)}", who, f"{decision} {leaf}", seen, *(move_line(*move) for move in moves))


def request_content(at, about, candidates, purpose=None, route=None, label=None, blob=None, keys=(), passed=(), what_if=False):
    return cbor.encode([
        "stillgood/request/v1", at, about, purpose, route, label, blob, list(keys), list(passed), what_if, candidates,
    ])


def facts_content(commitment, facts):
    return cbor.encode(["stillgood/facts/v1", commitment, facts])


def make_decision(disclosure, signer, vault, header, rulings, seed_of=None):
    """Make seed, note, leaves and the salts of the commitments.

    `header` is (fields before the commitment, request content, fields after it);
    each ruling is (fields before the commitment, facts content or None).
    """
    before, content, after = header
    plain = [([decision.HEADER, *before], content, list(after))]
    plain += [([decision.RULING, *parts], facts, []) for parts, facts in rulings]
    cores = [
        decision.core(" ".join([*head, "?", *tail, "salt"]), content) for head, content, tail in plain
    ]
    seed = (seed_of or decision.seed_of)(disclosure, signer.vkey, cores)
    salts = decision.salts(disclosure, seed, len(plain))
    leaves = []
    for (head, content, tail), (salt, hidden) in zip(plain, salts):
        shown = "-" if content is None else decision.commitment(hidden, content).hex()
        leaves.append(" ".join([*head, shown, *tail, salt.hex()]))
    return seed, decision_note(signer, vault, seed[:16], leaves), leaves


def decision_note(signer, vault, decision_id, leaves, size=None):
    root = tobase64(tree.root([utf8(leaf) for leaf in leaves]))
    origin = f"{signer.name}/{vault.hex()}/decision/v1/{decision_id.hex()}"
    return signer.sign(text_of([origin, str(len(leaves) if size is None else size), root]))


EVERYDAY = ("everyday", 1, sha256(b"policy set"))


def header_fields(vault, at, count, sequence="unpinned", head="-", occasion="retrieval", passed="-", policies=EVERYDAY):
    """Header fields before and after the request commitment."""
    before = [time_text(at)]
    after = [
        policies[0], str(policies[1]), policies[2].hex(), "stillgood/0.1.0", "rhai/1.27.0", vault.hex(), str(sequence),
        head, "full", occasion, passed, str(count),
    ]
    return before, after


def sealing_rulings(epoch, decision_id, seed, leaves, kind="stillgood/rulings/v1", nonce=bytes(12)):
    """Stored rulings, sealed."""
    return seal_part(epoch, RULINGS, decision_id.hex(), 0, cbor.encode([kind, seed, leaves]), nonce)
