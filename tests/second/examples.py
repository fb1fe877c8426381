"""The worked examples of docs/formats.md, computed from tests/fixtures/python-vault and files beside it.

Every function takes the `Source` and returns one example as Markdown.
"""

import contextlib
import json
import os
import re

import cbor
import decision
import make_vault
import mark
import pem
import policyset
import records
import rowsum
import survival
import tree
import verify
from evidence import KIND, parse_evidence
from forms import need, sha256, time_text, tobase64, utf8
from head import parse_body, parse_head, text_commitment
from hpke import hkdf_expand
from note import digest, parse_vkey, split
from ring import open_ring
from sealing import BODY, EVIDENCE, HEAD, PURPOSES, aad, open_part, parse_part, stanza_info
from vault import Vault

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
ROW = "mem-005"


def read(*place):
    with open(os.path.join(ROOT, *place), "rb") as file:
        return file.read()


class Source:
    """The fixture, verified as a whole, and what else the examples are taken from."""

    def __init__(self):
        folder = ("tests", "fixtures", "python-vault")
        self.device = verify.read_vkey(os.path.join(ROOT, *folder, "device.vkey"))
        self.device_secret = pem.read_ed25519(read(*folder, "device.pem"))
        self.owner = verify.read_vkey(os.path.join(ROOT, *folder, "owner.vkey"))
        self.identity = pem.read_x25519(read(*folder, "identity.pem"))
        self.pin = read(*folder, "vault.pin").decode()
        self.path = os.path.join(ROOT, *folder, "vault.sgv")
        self.vault = verify.check_vault(self.path, self.owner, self.identity, pin=records.parse_pin(self.pin))
        self.golden = decision.parse_bundle(read("tests", "golden", "decision.json"))
        self.vector = json.loads(read("tests", "vectors", "decision.json"))

    def select(self, query):
        with contextlib.closing(Vault(self.path, self.owner, self.identity)) as file:
            return file.select(query)

    def one(self, query):
        """The only value of a query."""
        ((value,),) = self.select(query)
        return value

    def sealed(self, table, row, generation):
        return self.one(f"SELECT sealed FROM {table} WHERE row = '{row}' AND generation = {generation}")

    def entry(self, idx):
        return self.one(f"SELECT entry FROM log_entries WHERE log = 1 AND idx = {idx}")

    def entries(self):
        """The first entries of the fixture's log: what the example of the log shows."""
        return [self.entry(idx) for idx in range(3)]

    def said(self, kind, word=None):
        """The first entry of this kind and word: number, note, and what it says."""
        found = next(entry for entry in self.vault.logs.said if (entry.said.kind, entry.said.word) == (kind, word))
        return found.idx, self.entry(found.idx), found.said

    def stored(self):
        """Note, seed and leaves of the decision in the log's third entry."""
        note = self.entries()[2]
        name = split(note)[0].split("\n")[0].rsplit("/", 1)[1]
        sealed = self.one(f"SELECT rulings FROM decisions WHERE id = '{name}'")
        return note, *decision.open_rulings(self.vault.epochs, bytes.fromhex(name), sealed)


def fence(text):
    return f"```\n{text.rstrip(chr(10))}\n```\n"


def values(*pairs):
    """A block of values, each in one line after its label; bytes in hexadecimal."""
    column = max(len(label) for label, _ in pairs) + 2
    lines = [f"{label:{column}}{value.hex() if isinstance(value, bytes) else value}" for label, value in pairs]
    return fence("\n".join(line.rstrip() for line in lines))


def example(*parts):
    """Prose and blocks, an empty line between them."""
    return "\n".join(part if part.startswith("```") else part + "\n" for part in parts)


def note(source):
    whole, _, _ = source.stored()
    text, ((_, key_hash, signature),) = split(whole)
    need(source.device_secret.sign(utf8(text)) == signature, "device.pem does not make the signature")
    return example(
        "The vault of these examples is `tests/fixtures/python-vault`. Every secret shown is a throwaway key.\n"
        "This note of it is signed with `device.pem`.",
        fence(whole),
        values(
            ("vkey", source.device.line), ("secret", source.device_secret.private_bytes_raw()),
            ("public", source.device.key), ("key hash", key_hash),
            ("signature", signature),
        ),
    )


def key_ring(source):
    whole = source.one("SELECT note FROM rings ORDER BY version DESC LIMIT 1")
    return example(
        "Version 2 of the key ring, after a recipient came and the epoch turned, and its digest.",
        fence(whole), values(("owner", source.owner.line), ("digest", digest(whole))),
    )


def epoch_key(source):
    ring = open_ring(source.one("SELECT note FROM rings ORDER BY version DESC LIMIT 1"), source.owner)
    public = source.identity.public_key().public_bytes_raw()
    stanza, epoch = ring.stanzas[1, public], source.vault.epochs[1]
    return example(
        "Epoch 1 of that key ring, opened with `identity.pem`, and what is derived from it.",
        values(
            ("identity secret", source.identity.private_bytes_raw()), ("recipient", public), ("enc", stanza[:32]),
            ("ct", stanza[32:]), ("info", stanza_info(ring.vault, 1, public)), ("epoch key", epoch.key),
            ("derive info of head", cbor.encode(["stillgood/derive/v1", "head", ring.vault, 1])),
            *((f"derive({name})", epoch.derive(name)) for name in (*PURPOSES, "disclosure", "commitment")),
            ("hint", epoch.hint),
        ),
    )


def sealed_head(source):
    sealed = source.sealed("heads", ROW, 1)
    number, nonce = parse_part(sealed)[2], parse_part(sealed)[6]
    return example(
        f"The head of row `{ROW}`, generation 1, sealed under epoch {number}.",
        values(
            ("nonce", nonce), ("AAD", aad(source.vault.vault, HEAD, number, ROW, 1)), ("sealed", sealed),
            ("digest", sha256(sealed)),
        ),
    )


def _plain(item):
    """An item as it stands in CBOR, for people."""
    if isinstance(item, bytes):
        return f"h'{item.hex()}'"
    if isinstance(item, list):
        return f"[{', '.join(map(_plain, item))}]"
    return json.dumps(item, ensure_ascii=False)


def _words(item, named):
    """What the numbers in an item mean: words and times."""
    if isinstance(item, list):
        named = named.values() if isinstance(named, dict) else named
        pairs = list(zip(item, named))
    else:
        pairs = [(item, named)]
    found = [word for part, word in pairs if cbor.is_int(part, -(2**63)) and isinstance(word, str)]
    return f"  ({', '.join(found)})" if found else ""


def head(source):
    plaintext = open_part(source.vault.epochs, HEAD, ROW, 1, source.sealed("heads", ROW, 1))
    items, named = parse_head(plaintext)
    lines = []
    for place, ((name, word), item) in enumerate(zip(named.items(), items)):
        label = f"{place:2} {name.replace('_', ' ')}"
        if name == "boxes":
            lines.append((label, ""))
            boxes = zip(word.items(), item)
            lines += [(f"   {box}", _plain(part) + _words(part, words)) for (box, words), part in boxes]
        else:
            lines.append((label, _plain(item) + _words(item, word)))
    return example(
        "The plaintext of that sealed head, and its items; what a number means stands after it.",
        values(("plaintext", plaintext), ("", ""), *lines),
    )


def body(source):
    sealed, (items, _) = source.sealed("bodies", ROW, 1), source.vault.heads[ROW, 1]
    number = parse_part(sealed)[2]
    plaintext = open_part(source.vault.epochs, BODY, ROW, 1, sealed)
    text, details = parse_body(plaintext)
    need(sha256(sealed) == items[23] and text_commitment(items[27], text) == items[26], "head is not of the body")
    return example(
        f"The body of `{ROW}`, under epoch {number}; digest and text commitment are items 23 and 26 of its head.",
        values(
            ("AAD", aad(source.vault.vault, BODY, number, ROW, 1)), ("sealed", sealed), ("digest", items[23]),
            ("plaintext", plaintext), ("text", text), ("details", details), ("text commitment", items[26]),
        ),
    )


def evidence(source):
    sealed, (items, _) = source.sealed("evidence", ROW, 1), source.vault.heads[ROW, 1]
    number = parse_part(sealed)[2]
    plaintext = open_part(source.vault.epochs, EVIDENCE, ROW, 1, sealed)
    need(sha256(sealed) == items[25], "head does not name the evidence")
    found = [
        (f"item {place}", f"{_plain([KIND.index(one.kind), one.attached_at, one.body_generation, one.data])}"
                          f"  ({one.kind}, {time_text(one.attached_at)})")
        for place, one in enumerate(parse_evidence(plaintext, 1))
    ]
    return example(
        f"The evidence of `{ROW}`, under epoch {number}; its digest is item 25 of the head. Its bytes are made up.",
        values(
            ("AAD", aad(source.vault.vault, EVIDENCE, number, ROW, 1)), ("sealed", sealed), ("digest", items[25]),
            ("plaintext", plaintext), *found,
        ),
    )


def vault_head(source):
    whole = source.one("SELECT note FROM vault_heads ORDER BY sequence DESC LIMIT 1")
    said, row_digest = source.vault.vault_head, source.vault.digests[ROW, 1]
    named = cbor.encode([rowsum.LABEL, ROW, 1, row_digest])
    state = source.one("SELECT state FROM row_sum")
    need(sha256(state) == said.row_sum, "row sum is not that of the vault head")
    return example(
        f"The newest vault head; of the element of row `{ROW}` and of the row sum of all {said.rows} rows the first\n"
        "32 bytes.",
        fence(whole),
        values(
            ("digest", digest(whole)), ("CBOR in s", named), ("s", sha256(named)),
            ("element", f"{rowsum.element(ROW, 1, row_digest)[:32].hex()}…"), ("row sum", f"{state[:32].hex()}…"),
            ("its SHA-256", said.row_sum),
        ),
    )


def pin(source):
    return example("The pin on that vault head, `vault.pin`; the log grew by two decisions since.", fence(source.pin))


def a_mark(source):
    _, _, said = source.said("use")
    epoch, found = said.mark
    key, content = source.vault.epochs[epoch], mark.answer_digest(make_vault.ANSWER)
    need(mark.mark(key, mark.TEXT, content) == found, "use has another mark")
    return example(
        f"The mark of the answer in the use below, under epoch {epoch}. The answer ends with a line feed, which does not\ncount.",
        values(
            ("answer", make_vault.ANSWER.decode().rstrip()), ("content", content), ("D", key.derive("disclosure")),
            ("CBOR", cbor.encode([mark.LABEL, mark.TEXT, content])), ("salt", mark.salt(key, mark.TEXT, content)),
            ("mark", found),
        ),
    )


def use(source):
    idx, whole, said = source.said("use")
    rows = [source.vault.decisions[said.decision][0].rulings[place - 1].row for place in said.placed]
    named = " and ".join(f"`{row}`" for row in rows)
    return example(f"Entry {idx} of the log: the rows {named} stood in the prompt.", fence(whole))


def _changes(source, moves):
    """Which items each move changed, but for the generation and the digest of the head before."""
    lines = []
    for move in moves:
        row, generation = source.vault.places[move.new[1]]
        before, after = (source.vault.heads[row, generation - less][0] for less in (1, 0))
        changed = [place for place in range(len(before)) if before[place] != after[place] and place not in (1, 28)]
        lines += [(f"{row} item {place}", f"{_plain(before[place])} → {_plain(after[place])}") for place in changed]
    return values(*lines)


def ask(source):
    idx, whole, said = source.said("ask")
    return example(f"Entry {idx}, and what it changed beside items 1 and 28.", fence(whole), _changes(source, said.moves))


def earning(source):
    idx, whole, said = _settling(source)
    row = source.vault.places[said.moves[0].old[1]][0]
    leaves = source.vault.decisions[said.decision][1]
    place = [tree.leaf_hash(utf8(leaf)) for leaf in leaves].index(said.challenge)
    return example(
        f"Entry {idx}: the owner confirms `{row}`, which contradicted another row. The challenge is the leaf hash of\n"
        f"ruling {place} of the decision. Then what it changed, beside items 1 and 28.",
        fence(whole), fence(leaves[place]), _changes(source, said.moves),
    )


def _settling(source):
    """The first earning that settled a tie."""
    found = next(entry for entry in source.vault.logs.said if entry.said.kind == "earning" and len(entry.said.moves) > 1)
    return found.idx, source.entry(found.idx), found.said


def policies(source):
    found = [entry for entry in source.vault.logs.said if entry.said.kind == "policies"]
    last = found[-1]
    return example(
        f"Entry {last.idx}. The set before was named by entry {found[-2].idx}.", fence(source.entry(last.idx)))


def forgetting(source):
    idx, whole, said = source.said("forgetting")
    epoch, found = said.mark
    row = "mem-014"
    need(mark.of_row(source.vault.epochs[epoch], row) == found, "forgetting of another row")
    return example(
        f"Entry {idx}: `{row}` was forgotten at generation {said.generation}. It was added again since, and begins at generation "
        f"{said.generation + 1}.",
        fence(whole),
        values(("content", utf8(row)), ("salt", mark.salt(source.vault.epochs[epoch], mark.ROW, utf8(row))), ("mark", found)),
    )


def log_keys(source):
    idx, _, said = _settling(source)
    keys = [key for (key,) in source.select(f"SELECT key FROM log_keys WHERE idx = {idx} ORDER BY key")]
    need(set(keys) == said.keys, "log keys are not those of the entry")
    names = {said.challenge: "the challenge"}
    names |= {move.new[1]: f"the new head of {source.vault.places[move.new[1]][0]}" for move in said.moves}
    return example(f"The keys of entry {idx}, the earning above.", values(*((key.hex(), names[key]) for key in keys)))


def _set_name(text, field, form):
    match = re.search(rf'^{field} = {form}$', text.split("\n[")[0], re.MULTILINE)
    need(match, f"no {field} in policies/set.toml")
    return match[1]


def policy_set(source):
    """The shipped set stands on no other; its name and version are in set.toml."""
    names = os.listdir(os.path.join(ROOT, "policies"))
    files = {name: read("policies", name) for name in names if name.endswith((".rhai", ".toml"))}
    settings = files["set.toml"].decode()
    need(not re.search("^base", settings, re.MULTILINE), "the shipped set has a base")
    name, version = _set_name(settings, "name", '"(.*)"'), _set_name(settings, "version", "([0-9]+)")
    text = policyset.text(name, int(version), None, files)
    return example(
        f"The text that is hashed for the shipped set, `policies/`; the digest is\n`{sha256(utf8(text)).hex()}`.",
        fence(text),
    )


def survival_table(source):
    """The note of tests/fixtures/personal, without most of its table."""
    note = read("tests", "fixtures", "personal", "survival.note").decode()
    found = survival.open_table(note, source.owner, source.vault.vault)
    lines = note.split("\n")
    second = lines.index("[[curve]]", lines.index("[[curve]]") + 1)
    left_out, shown = lines[second:-3], [*lines[:second], "…", *lines[-3:]]
    need(len(found.table["curve"]) == 22, "another fixture")
    return example(
        f"`tests/fixtures/personal/survival.note`, of which {len(left_out)} lines of curves are left out here. With it the set in\n"
        f"that folder, which stands on the shipped one, has the digest `{_personal_set()}`.",
        fence("\n".join(shown)),
    )


def _personal_set():
    shipped = {name: read("policies", name) for name in os.listdir(os.path.join(ROOT, "policies")) if policyset.belongs(name)}
    folder = ("tests", "fixtures", "personal")
    files = {name: read(*folder, name) for name in os.listdir(os.path.join(ROOT, *folder))}
    return policyset.of_files(files, lambda _: policyset.of_files(shipped)[2])[2].hex()


def _derived(vector):
    """How the first two leaves of tests/vectors/decision.json come about, and each step compared with the file."""
    disclosure = bytes.fromhex(vector["disclosure"])
    contents = [content and bytes.fromhex(content) for content in vector["contents"]]
    cores = [decision.core(leaf, content) for leaf, content in zip(vector["leaves"], contents)]
    vkey = parse_vkey(vector["vkey"])
    result = decision.verify(vector["note"], vector["leaves"], vkey)
    seed = decision.seed_of(disclosure, vkey, cores)
    need(cores == vector["cores"] and seed.hex() == vector["seed"], "vector has other cores or another seed")
    salts = decision.salts(disclosure, seed, len(cores))
    said = [result.header.request, result.rulings[0].facts]
    lines = [
        ("D", disclosure), ("V", vkey.line), ("request content", contents[0]), ("its SHA-256", sha256(contents[0])),
        ("core of leaf 0", cores[0]), ("facts content", contents[1]), ("its SHA-256", sha256(contents[1])),
        ("core of leaf 1", cores[1]), ("seed", seed), ("decision id", seed[:16]),
        ("salt key", hkdf_expand(disclosure, cbor.encode(["stillgood/salts/v1", seed]), 32)),
    ]
    for place, ((shown, hidden), content, found) in enumerate(zip(salts, contents, said)):
        need(decision.commitment(hidden, content) == found, "vector has another commitment")
        lines += [(f"keystream of {place}", shown + hidden), (f"commitment of {place}", found)]
    return values(*lines)


def a_decision(source):
    whole, leaves = source.golden
    result = decision.verify(whole, leaves, source.device)
    place = 1 + [ruling.row for ruling in result.rulings].index(ROW)
    return example(
        "A decision by the program over this vault, `tests/golden/decision.json`: the note, then leaf 0 and the leaf\n"
        f"on `{ROW}`, number {place}. The contents it commits to are not in the file.",
        fence(whole), fence(f"{leaves[0]}\n{leaves[place]}"),
        values(
            ("leaf hash 0", tree.leaf_hash(utf8(leaves[0]))),
            (f"leaf hash {place}", tree.leaf_hash(utf8(leaves[place]))),
            ("root", tree.root([utf8(leaf) for leaf in leaves])),
        ),
        "From contents to commitments, shown on another decision, over another vault: leaves 0 and 1 of 4. The rest\n"
        "is in `tests/vectors/decision.json`; the seed takes all 4 cores. A line of keystream is two salts, that in\n"
        "the leaf and that of its commitment.",
        _derived(source.vector),
    )


def bundle(source):
    whole, _, leaves = source.stored()
    data = json.dumps({"note": whole, "leaves": leaves}, ensure_ascii=False, indent=1)
    decision.verify_bundle(utf8(data), source.device)
    return example("The decision whose note is the example under [Notes](#notes), with its two leaves.", fence(data))


def log(source):
    hashes = [tree.leaf_hash(utf8(entry)) for entry in source.entries()]
    kinds = ["an earning", "a policies entry", "the note of the bundle above"]
    root, notes = tree.root_of_hashes(hashes), source.select("SELECT note FROM vault_heads ORDER BY sequence")
    heads = [records.parse_vault_head(split(whole)[0]) for (whole,) in notes]
    named = next(head.sequence for head in heads if (head.log_size, head.log_root) == (len(hashes), root))
    return example(
        f"The first three entries of the log. Vault head {named} names this size and root.",
        values(
            *((f"leaf hash {i}", f"{value.hex()}  {kind}") for i, (value, kind) in enumerate(zip(hashes, kinds))),
            ("node of 0 and 1", tree.node_hash(*hashes[:2])), ("root", root), ("root in base64", tobase64(root)),
        ),
    )


EXAMPLES = {
    "note": note, "key-ring": key_ring, "epoch-key": epoch_key, "sealed-head": sealed_head, "head": head, "body": body,
    "evidence": evidence, "vault-head": vault_head, "pin": pin, "mark": a_mark, "use": use, "ask": ask, "earning": earning,
    "policies": policies,
    "forgetting": forgetting, "log-keys": log_keys, "policy-set": policy_set, "survival-table": survival_table,
    "decision": a_decision,
    "bundle": bundle, "log": log,
}
