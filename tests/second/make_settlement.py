"""Makes tests/vectors/settlement.json: leaves, proofs, batches, headers, key configurations, heartbeats, routes and labels,
right ones and ones with one defect each.

    python3 make_settlement.py

And the seeds of the fuzz targets `settlement` and `route`. The keys are new at every run and are thrown away.
"""

import base64
import json
import os

from enclave import enclave, other, sha256, signed, spki, word, x
from keccak import keccak, sha3
from merkle import encoded, siblings, sorted_pair, tree, twice, written

# --- Keys and a response ----------------------------------------------------------------------------------------------

TEE, OTHER_TEE = keccak(spki(enclave)), keccak(spki(other))
LABEL = "gpt-4.1-2025-04-14"
REQUEST = ('{"messages": [{"content": "Hello!", "role": "user"}], "model": "%s"}' % LABEL).encode()
INPUT, OUTPUT = keccak(REQUEST), keccak(b"Good morning.")
SECONDS = 1_770_918_962
SIGNATURE = signed(keccak(INPUT + OUTPUT + word(SECONDS)))
RESPONSE = {
    "tee_signature": base64.b64encode(SIGNATURE).decode(),
    "tee_request_hash": INPUT.hex(),
    "tee_output_hash": OUTPUT.hex(),
    "tee_timestamp": SECONDS,
    "tee_id": x(TEE),
}

# --- Leaves and trees -------------------------------------------------------------------------------------------------


def leaf(tee=TEE, request=INPUT, output=OUTPUT, signature=SIGNATURE, seconds=SECONDS):
    return [tee, request, output, signature, seconds]


def neighbour(n, signature=None):
    request, output, seconds = keccak(b"request %d" % n), keccak(b"output %d" % n), SECONDS - n
    made = signature if signature is not None else signed(keccak(request + output + word(seconds)))
    return leaf(TEE, request, output, made, seconds)


NEIGHBOURS = [neighbour(1), neighbour(2), neighbour(3, b"\xd3"), neighbour(4, b"")]


class Made:
    """A batch of our leaf and its neighbours, however they are hashed."""

    def __init__(self, ours=None, neighbours=None, of_leaf=lambda fields: twice(encoded(fields)), pair=sorted_pair):
        ours = ours or leaf()
        leaves = [ours, *(NEIGHBOURS if neighbours is None else neighbours)]
        leaves.sort(key=of_leaf)
        self.nodes = tree([of_leaf(fields) for fields in leaves], pair)
        self.leaves = leaves
        self.places = [len(self.nodes) - 1 - at for at in range(len(leaves))]
        self.ours = ours
        self.place = self.places[leaves.index(ours)]
        self.root = self.nodes[0]

    def proof(self, **changed):
        made = {
            "root": x(self.root),
            "leaf": written(self.ours),
            "proof": [x(node) for node in siblings(self.nodes, self.place)],
        }
        return {name: value for name, value in {**made, **changed}.items() if value is not ...}

    def dump(self, **changed):
        made = {
            "format": "standard-v1",
            "leafEncoding": ["bytes32", "bytes32", "bytes32", "bytes", "uint256"],
            "tree": [x(node) for node in self.nodes],
            "values": [{"value": written(fields), "treeIndex": place} for fields, place in zip(self.leaves, self.places)],
        }
        return {name: value for name, value in {**made, **changed}.items() if value is not ...}


good = Made()
ROOT = good.root

# --- Proofs -----------------------------------------------------------------------------------------------------------

proofs = []


def proof(name, made, expected="included, Holds", root=ROOT):
    text = made if isinstance(made, str) else json.dumps(made)
    proofs.append({"name": name, "file": text, "root": x(root), "expected": expected})


def with_leaf(name, fields, expected):
    """In a tree of its own, so that it is included."""
    made = Made(fields)
    proof(name, made.proof(), expected, made.root)


def with_path(name, path, expected="NotIncluded", **changed):
    proof(name, good.proof(proof=[x(node) for node in path], **changed), expected)


PATH = siblings(good.nodes, good.place)
assert len(PATH) >= 2
proof("good", good.proof())
proof("good_batch", good.dump())
proof("good_time_as_number", good.proof(leaf=[*written(leaf())[:4], SECONDS]))
alone = Made(neighbours=[])
proof("good_alone", alone.proof(), root=alone.root)
two = Made(neighbours=NEIGHBOURS[:1])
proof("good_of_two", two.proof(), root=two.root)
many = Made(neighbours=[neighbour(n, b"\xd3") for n in range(1, 20)])
proof("good_of_twenty", many.proof(), root=many.root)
proof("good_batch_of_twenty", many.dump(), root=many.root)
again = Made(neighbours=[leaf(signature=b"\xd3"), leaf(signature=b""), *NEIGHBOURS])
proof("good_batch_with_the_leaf_thrice", again.dump(), root=again.root)
with_leaf("placeholder_of_one_byte", leaf(signature=b"\xd3"), "included, Placeholder")
with_leaf("placeholder_empty", leaf(signature=b""), "included, Placeholder")
with_leaf("placeholder_of_zeros", leaf(signature=bytes(256)), "included, Placeholder")
with_leaf("placeholder_of_a_hash", leaf(signature=keccak(SIGNATURE)), "included, Placeholder")
with_leaf("placeholder_of_255_bytes", leaf(signature=SIGNATURE[1:]), "included, Placeholder")
with_leaf("placeholder_of_257_bytes", leaf(signature=SIGNATURE + b"\x00"), "included, Placeholder")
with_leaf("placeholder_of_base64", leaf(signature=base64.b64encode(SIGNATURE)), "included, Placeholder")
with_leaf("signature_of_another_response", leaf(signature=NEIGHBOURS[0][3]), "included, DoesNotHold")
with_leaf("signature_of_another_enclave", leaf(signature=signed(keccak(INPUT + OUTPUT + word(SECONDS)), other)), "included, DoesNotHold")
with_leaf("signature_of_ones", leaf(signature=b"\xff" * 256), "included, DoesNotHold")
with_leaf("signature_changed", leaf(signature=SIGNATURE[:-1] + bytes([SIGNATURE[-1] ^ 1])), "included, DoesNotHold")
with_leaf("signature_with_salt_of_222", leaf(signature=signed(keccak(INPUT + OUTPUT + word(SECONDS)), salt=222)), "included, DoesNotHold")
with_leaf("leaf_of_another_response", NEIGHBOURS[0], "OtherResponse:inputHash, outputHash, timestamp")
with_leaf("leaf_of_the_same_request", leaf(output=keccak(b"Good evening.")), "OtherResponse:outputHash")
with_leaf("leaf_with_another_request", leaf(request=keccak(b"Bye!")), "OtherResponse:inputHash")
with_leaf("leaf_with_the_hashes_swapped", leaf(request=OUTPUT, output=INPUT), "OtherResponse:inputHash, outputHash")
with_leaf("leaf_of_another_enclave", leaf(tee=OTHER_TEE), "OtherResponse:teeId")
with_leaf("leaf_by_sha256", leaf(request=sha256(REQUEST), output=sha256(b"Good morning.")), "OtherResponse:inputHash, outputHash")
with_leaf("timestamp_one_later", leaf(seconds=SECONDS + 1), "OtherResponse:timestamp")
with_leaf("timestamp_one_earlier", leaf(seconds=SECONDS - 1), "OtherResponse:timestamp")
with_leaf("timestamp_in_milliseconds", leaf(seconds=SECONDS * 1000), "OtherResponse:timestamp")
missing_leaves = Made(NEIGHBOURS[0], NEIGHBOURS[1:])
proof("batch_without_the_leaf", missing_leaves.dump(), "NotInBatch", missing_leaves.root)
proof("batch_with_the_leaf_one_later", Made(leaf(seconds=SECONDS + 1)).dump(), "NotInBatch", Made(leaf(seconds=SECONDS + 1)).root)
proof("root_of_another_batch", good.proof(), "OtherRoot", many.root)
proof("root_of_another_batch_in_the_file", good.proof(root=x(many.root)), "OtherRoot")
proof("root_of_another_batch_in_both", good.proof(root=x(many.root)), "NotIncluded", many.root)
proof("batch_under_another_root", good.dump(), "OtherRoot", many.root)
with_path("sibling_missing_above", PATH[:-1])
with_path("sibling_missing_below", PATH[1:])
with_path("sibling_extra_above", [*PATH, keccak(b"more")])
with_path("sibling_extra_below", [twice(encoded(leaf())), *PATH])
with_path("siblings_swapped", PATH[::-1])
with_path("sibling_changed", [bytes([PATH[0][0] ^ 1]) + PATH[0][1:], *PATH[1:]])
with_path("no_siblings", [])
with_path("leaf_hash_as_the_root", [], "OtherRoot", root=x(twice(encoded(leaf()))))
with_path("leaf_hash_in_its_own_path", [twice(encoded(leaf()))])


def otherwise(name, expected="NotIncluded", **how):
    """Hashed in another way by whoever made it, under the root that this gives."""
    made = Made(**how)
    proof(name, made.proof(), expected, made.root)


def unsorted(left, right):
    # The other way about than sorting has it, at every node.
    return keccak(max(left, right) + min(left, right))


otherwise("pairs_unsorted", pair=unsorted)
otherwise("pairs_by_sha256", pair=lambda left, right: sorted_pair(left, right, sha256))
otherwise("pairs_by_sha3", pair=lambda left, right: sorted_pair(left, right, sha3))
otherwise("pairs_marked", pair=lambda left, right: keccak(b"\x01" + min(left, right) + max(left, right)))
otherwise("leaf_hashed_once", of_leaf=lambda fields: keccak(encoded(fields)))
otherwise("leaf_hashed_thrice", of_leaf=lambda fields: keccak(twice(encoded(fields))))
otherwise("leaf_by_sha256_twice", of_leaf=lambda fields: twice(encoded(fields), sha256))
otherwise("leaf_by_sha3_twice", of_leaf=lambda fields: twice(encoded(fields), sha3))
otherwise("leaf_packed", of_leaf=lambda fields: twice(fields[0] + fields[1] + fields[2] + fields[3] + word(fields[4])))
otherwise("leaf_as_a_tuple", of_leaf=lambda fields: twice(word(32) + encoded(fields)))
otherwise("leaf_with_the_hash_of_the_signature", of_leaf=lambda fields: twice(b"".join(fields[:3]) + keccak(fields[3]) + word(fields[4])))
otherwise("leaf_of_three_fields", of_leaf=lambda fields: twice(fields[1] + fields[2] + keccak(fields[3])))
short = Made(leaf(signature=b"\xd3"), of_leaf=lambda fields: twice(encoded(fields)[: 6 * 32 + len(fields[3])]))
proof("leaf_without_the_zeros", short.proof(), "NotIncluded", short.root)
inner = sorted(good.nodes[1:3])
proof("inner_node_as_leaf", good.proof(leaf=x(b"".join(inner))), "Leaf(NotFive)")
proof("inner_node_as_leaf_in_a_list", good.proof(leaf=[x(node) for node in inner]), "Leaf(NotFive)")
FIELDS = written(leaf())


def with_field(name, at, value, expected):
    proof(name, good.proof(leaf=[*FIELDS[:at], value, *FIELDS[at + 1 :]]), expected)


for at, field in enumerate(("teeId", "inputHash", "outputHash", "teeSignature")):
    with_field(f"{field}_without_prefix", at, FIELDS[at][2:], f"Leaf(Field:{field})")
    with_field(f"{field}_with_two_prefixes", at, "0x" + FIELDS[at], f"Leaf(Field:{field})")
    with_field(f"{field}_in_capitals", at, "0x" + FIELDS[at][2:].upper(), f"Leaf(Field:{field})")
    with_field(f"{field}_with_odd_digits", at, FIELDS[at][:-1], f"Leaf(Field:{field})")
    with_field(f"{field}_null", at, None, f"Leaf(Field:{field})")
with_field("prefix_in_capitals", 0, "0X" + FIELDS[0][2:], "Leaf(Field:teeId)")
with_field("teeId_of_31_bytes", 0, FIELDS[0][:-2], "Leaf(Field:teeId)")
with_field("timestamp_in_hexadecimal", 4, hex(SECONDS), "Leaf(Field:timestamp)")
with_field("timestamp_with_a_zero", 4, f"0{SECONDS}", "Leaf(Field:timestamp)")
with_field("timestamp_negative", 4, -SECONDS, "Leaf(Field:timestamp)")
with_field("timestamp_a_fraction", 4, SECONDS + 0.5, "Leaf(Field:timestamp)")
with_field("timestamp_beyond_64_bits", 4, str(2**64 + SECONDS), "Leaf(Field:timestamp)")
with_field("timestamp_in_a_list", 4, [SECONDS], "Leaf(Field:timestamp)")
proof("leaf_of_four", good.proof(leaf=FIELDS[:4]), "Leaf(NotFive)")
proof("leaf_of_six", good.proof(leaf=[*FIELDS, "0x"]), "Leaf(NotFive)")
proof("leaf_an_object", good.proof(leaf={"teeId": FIELDS[0]}), "Leaf(NotFive)")
proof("leaf_null", good.proof(leaf=None), "Leaf(NotFive)")
proof("root_without_prefix", good.proof(root=ROOT.hex()), "NotAHash:root")
proof("root_in_capitals", good.proof(root="0x" + ROOT.hex().upper()), "NotAHash:root")
proof("sibling_without_prefix", good.proof(proof=[node.hex() for node in PATH]), "NotAHash:proof")
proof("sibling_a_number", good.proof(proof=[1]), "NotAHash:proof")
proof("siblings_in_one_text", good.proof(proof=x(b"".join(PATH))), "NotAProof")
proof("siblings_65", good.proof(proof=[x(ROOT)] * 65), "TooDeep")
for name in ("root", "leaf", "proof"):
    proof(f"without_{name}", good.proof(**{name: ...}), "NotAProof")
proof("member_more", good.proof(index=1), "NotAProof")
proof("member_twice", json.dumps(good.proof())[:-1] + f', "root": "{x(ROOT)}"}}', "NotAProof")
proof("in_a_list", [x(ROOT), FIELDS, [x(node) for node in PATH]], "NotAProof")
proof("two_values", json.dumps(good.proof()) + "{}", "NotAProof")
proof("no_json", "proof", "NotAProof")
proof("leaf_nested", '{"root": "%s", "leaf": %s, "proof": []}' % (x(ROOT), "[" * 200 + "]" * 200), "Leaf(NotFive)")

# --- Batches ----------------------------------------------------------------------------------------------------------

batches = []


def batch(name, made, expected):
    batches.append({"name": name, "file": made if isinstance(made, str) else json.dumps(made), "expected": expected})


VALUES, NODES = good.dump()["values"], good.dump()["tree"]


def with_value(at, **changed):
    return good.dump(values=[*VALUES[:at], {**VALUES[at], **changed}, *VALUES[at + 1 :]])


def with_node(at, node):
    return good.dump(tree=[*NODES[:at], node, *NODES[at + 1 :]])


batch("good", good.dump(), "batch of 5")
batch("good_values_in_another_order", good.dump(values=VALUES[::-1]), "batch of 5")
batch("good_alone", alone.dump(), "batch of 1")
batch("root_changed", with_node(0, x(keccak(b"root"))), "OtherNode(0)")
batch("inner_node_changed", with_node(1, x(keccak(b"node"))), "OtherNode(0)")
batch("leaf_node_changed", with_node(8, x(keccak(b"leaf"))), "OtherLeaf(0)")
batch("pairs_unsorted", Made(pair=unsorted).dump(), "OtherNode(0)")
batch("leaf_hashed_once", Made(of_leaf=lambda fields: keccak(encoded(fields))).dump(), "OtherLeaf(0)")
batch("leaf_packed", Made(of_leaf=lambda fields: twice(b"".join(fields[:4]) + word(fields[4]))).dump(), "OtherLeaf(0)")
batch("value_changed", with_value(2, value=[*VALUES[2]["value"][:4], "1"]), "OtherLeaf(2)")
batch("leaf_in_the_place_of_an_inner_node", with_value(0, treeIndex=1), "OtherPlace(0)")
batch("leaf_in_the_place_of_the_root", with_value(0, treeIndex=0), "OtherPlace(0)")
batch("leaf_in_the_place_of_another", with_value(1, treeIndex=8), "OtherPlace(1)")
batch("leaf_nowhere", with_value(0, treeIndex=9), "OtherPlace(0)")
batch("leaves_swapped", with_value(0, treeIndex=7), "OtherLeaf(0)")
batch("place_negative", with_value(0, treeIndex=-1), "NotAValue(0)")
batch("place_as_text", with_value(0, treeIndex="8"), "NotAValue(0)")
batch("value_without_place", good.dump(values=[{"value": FIELDS}, *VALUES[1:]]), "NotAValue(0)")
batch("value_in_a_list", good.dump(values=[[FIELDS, 8], *VALUES[1:]]), "NotAValue(0)")
batch("value_with_more", with_value(3, hash=NODES[5]), "NotAValue(3)")
batch("leaf_of_four", with_value(4, value=FIELDS[:4]), "Leaf(4, NotFive)")
batch("leaf_without_prefix", with_value(4, value=[FIELDS[0][2:], *FIELDS[1:]]), "Leaf(4, Field:teeId)")
batch("value_missing", good.dump(values=VALUES[1:]), "OtherSize")
batch("node_missing", good.dump(tree=NODES[:-1]), "OtherSize")
batch("node_more", good.dump(tree=[*NODES, NODES[8]]), "OtherSize")
batch("empty", good.dump(tree=[], values=[]), "OtherSize")
batch("node_without_prefix", with_node(3, NODES[3][2:]), "NotAHash(3)")
batch("node_a_number", with_node(3, 3), "NotAHash(3)")
batch("format_simple", good.dump(format="simple-v1"), "OtherFormat")
batch("encoding_of_three", good.dump(leafEncoding=["bytes32"] * 3), "OtherEncoding")
batch("encoding_with_text", good.dump(leafEncoding=["bytes32", "bytes32", "bytes32", "string", "uint256"]), "OtherEncoding")
for name in ("format", "leafEncoding", "tree", "values"):
    batch(f"without_{name}", good.dump(**{name: ...}), "NotABatch")
batch("member_more", good.dump(hash="custom"), "NotABatch")
batch("member_twice", json.dumps(good.dump())[:-1] + ', "format": "standard-v1"}', "NotABatch")
batch("in_a_list", list(good.dump().values()), "NotABatch")
batch("a_proof", good.proof(), "NotABatch")
batch("no_json", "{", "NotABatch")

# --- Headers ----------------------------------------------------------------------------------------------------------

announcements = []
HASH, BLOB = x(keccak(b"transaction")), base64.urlsafe_b64encode(keccak(b"blob")).decode().rstrip("=")


def announcement(name, headers, expected):
    announcements.append({"name": name, "headers": headers, "expected": expected})


MODE, TX, BLOB_ID = "x-settlement-type", "x-settlement-tx-hash", "x-settlement-walrus-blob-id"
announcement("nothing", [["date", "today"]], "none")
announcement("batch", [[MODE, "batch"]], "requested, batch")
announcement("individual", [["X-SETTLEMENT-TYPE", " Individual\t"]], "requested, individual")
announcement("private", [[MODE, "private"]], "none, private")
announcement("transaction", [[TX, HASH]], "announced, transaction")
announcement("everything", [[MODE, "individual"], [TX, HASH], [BLOB_ID, BLOB]], "announced, individual, transaction, blob")
announcement("blob_alone", [[BLOB_ID, BLOB]], "none, blob")
announcement("mode_of_old", [[MODE, "settle-batch"]], "OtherMode")
announcement("mode_misspelt", [[MODE, "pivate"]], "OtherMode")
announcement("mode_empty", [[MODE, ""]], "OtherMode")
announcement("mode_twice", [[MODE, "batch"], ["X-Settlement-Type", "batch"]], "Twice:x-settlement-type")
announcement("transaction_without_prefix", [[TX, HASH[2:]]], "NotATransaction")
announcement("transaction_in_capitals", [[TX, "0x" + HASH[2:].upper()]], "NotATransaction")
announcement("transaction_of_31_bytes", [[TX, HASH[:-2]]], "NotATransaction")
announcement("transaction_a_word", [[TX, "external"]], "NotATransaction")
announcement("transaction_twice", [[TX, HASH], [TX, HASH]], "Twice:x-settlement-tx-hash")
announcement("blob_in_hexadecimal", [[BLOB_ID, HASH]], "NotABlobId")
announcement("blob_twice", [[BLOB_ID, BLOB], [BLOB_ID, BLOB]], "Twice:x-settlement-walrus-blob-id")

# --- Key configurations -----------------------------------------------------------------------------------------------

DOMAIN = keccak(b"OPENGRADIENT_TEE_OHTTP_CONFIG_V1")
PUBLIC = keccak(b"an X25519 key")
IDS = {"key_id": 1, "kem_id": 32, "kdf_id": 1, "aead_id": 3}


def key_bytes(public=PUBLIC, pairs=None, key_id=1, kem_id=32, kdf_id=1, aead_id=3):
    listed = b"".join(one.to_bytes(2, "big") + two.to_bytes(2, "big") for one, two in pairs or [(kdf_id, aead_id)])
    return bytes([key_id]) + kem_id.to_bytes(2, "big") + public + len(listed).to_bytes(2, "big") + listed


def config_hash(tee, ids, public, config, hashed=keccak, domain=DOMAIN):
    words = b"".join(word(ids[name]) for name in IDS)
    return hashed(domain + tee + words + hashed(public) + hashed(config))


configs = []


def config(name, expected="signed", key=None, signed_hash=None, signed_ids=None, with_hash=True, salt=32, **changed):
    """Signed as it stands, unless said otherwise."""
    ids = {each: changed.get(each, IDS[each]) for each in IDS}
    public, tee = changed.pop("public", PUBLIC), changed.pop("tee", TEE)
    made_bytes = changed.pop("bytes", None) or key_bytes(public, **ids)
    message = signed_hash or config_hash(tee, signed_ids or ids, public, made_bytes)
    made = {
        "tee_id": x(tee),
        **ids,
        "public_key": public.hex(),
        "key_config": base64.b64encode(made_bytes).decode(),
        "signature": base64.b64encode(signed(message, key, salt)).decode(),
        "signature_hash": x(config_hash(tee, ids, public, made_bytes)) if with_hash else ...,
        **changed,
    }
    made = {each: value for each, value in made.items() if value is not ...}
    configs.append({"name": name, "file": json.dumps(made), "expected": expected})
    return made


plain = config("good")
config("good_without_hash", with_hash=False)
config("good_of_another_aead", aead_id=1)
config("good_with_more_members", algorithm="RSA-PSS")
config("of_another_enclave", "OtherKey", key=other, tee=OTHER_TEE)
config("by_another_enclave_in_our_name", "NotSigned", key=other)
config("signature_over_other_ids", "NotSigned", signed_ids={**IDS, "aead_id": 1})
config("signature_over_another_key", "NotSigned", signed_hash=config_hash(TEE, IDS, keccak(b"another"), key_bytes()))
config("signature_over_other_bytes", "NotSigned", signed_hash=config_hash(TEE, IDS, PUBLIC, key_bytes(aead_id=1)))
config("signature_for_another_enclave", "NotSigned", signed_hash=config_hash(OTHER_TEE, IDS, PUBLIC, key_bytes()))
config("signature_without_domain", "NotSigned", signed_hash=config_hash(TEE, IDS, PUBLIC, key_bytes(), domain=b""))
config("signature_under_another_domain", "NotSigned", signed_hash=config_hash(TEE, IDS, PUBLIC, key_bytes(), domain=keccak(b"OPENGRADIENT_TEE_OHTTP_CONFIG_V2")))
config("signature_over_sha256", "NotSigned", signed_hash=config_hash(TEE, IDS, PUBLIC, key_bytes(), hashed=sha256))
config("signature_over_sha3", "NotSigned", signed_hash=config_hash(TEE, IDS, PUBLIC, key_bytes(), hashed=sha3))
config("signature_with_salt_of_222", "NotSigned", salt=222)
config("signature_of_the_heartbeat", "NotSigned", signed_hash=keccak(TEE + word(SECONDS)))
for name in IDS:
    if name != "kem_id":
        config(f"bytes_with_another_{name}", "Disagrees", bytes=key_bytes(**{**IDS, name: IDS[name] + 1}))
config("bytes_with_another_kem", "Disagrees", bytes=key_bytes(kem_id=16))
config("bytes_with_another_key", "Disagrees", bytes=key_bytes(keccak(b"another")))
config("bytes_with_two_pairs", "Disagrees", bytes=key_bytes(pairs=[(1, 3), (1, 1)]))
config("bytes_with_length_before", "Disagrees", bytes=len(key_bytes()).to_bytes(2, "big") + key_bytes())
config("bytes_truncated", "Disagrees", bytes=key_bytes()[:-1])
config("bytes_trailing", "Disagrees", bytes=key_bytes() + b"\x00")
config("kem_of_p256", "OtherKem", kem_id=16)
config("hash_of_another", "OtherHash", signature_hash=x(keccak(b"another")))
config("hash_without_prefix", "Field:signature_hash", signature_hash=plain["signature_hash"][2:])
config("name_without_prefix", "Field:tee_id", tee_id=TEE.hex())
config("key_with_prefix", "Field:public_key", public_key=x(PUBLIC))
config("key_of_31_bytes", "Field:public_key", public_key=PUBLIC[:31].hex())
config("bytes_in_hexadecimal", "Field:key_config", key_config=key_bytes().hex())
config("signature_short", "Field:signature", signature=base64.b64encode(bytes(255)).decode())
config("key_id_256", "Field:key_id", bytes=key_bytes(), signed_hash=keccak(b""), key_id=256)
config("aead_id_as_text", "Field:aead_id", with_hash=False, bytes=key_bytes(), signed_hash=keccak(b""), aead_id="3")
config("kdf_id_a_fraction", "Field:kdf_id", with_hash=False, bytes=key_bytes(), signed_hash=keccak(b""), kdf_id=1.0)
for name in ("tee_id", "key_id", "kem_id", "kdf_id", "aead_id", "public_key", "key_config", "signature"):
    gone = {each: value for each, value in plain.items() if each != name}
    configs.append({"name": f"without_{name}", "file": json.dumps(gone), "expected": f"Missing:{name}"})
configs.append({"name": "member_twice", "file": json.dumps(plain)[:-1] + ', "key_id": 1}', "expected": "NotJson"})
configs.append({"name": "in_a_list", "file": json.dumps(list(plain.values())), "expected": "NotJson"})

# --- Heartbeats -------------------------------------------------------------------------------------------------------

heartbeats = []


def heartbeat(name, expected="signed", key=None, message=None, **changed):
    message = message or keccak(TEE + word(SECONDS))
    made = {
        "teeId": x(TEE),
        "timestamp": str(SECONDS),
        "signature": base64.b64encode(signed(message, key)).decode(),
        "contractAddress": "0x" + "00" * 20,
    }
    made = {each: value for each, value in {**made, **changed}.items() if value is not ...}
    heartbeats.append({"name": name, "file": json.dumps(made), "expected": expected})


heartbeat("good")
heartbeat("good_time_as_number", timestamp=SECONDS)
heartbeat("good_without_contract", contractAddress=...)
heartbeat("one_later", "NotSigned", timestamp=str(SECONDS + 1))
heartbeat("one_earlier", "NotSigned", timestamp=str(SECONDS - 1))
heartbeat("of_another_enclave", "OtherKey", key=other, message=keccak(OTHER_TEE + word(SECONDS)), teeId=x(OTHER_TEE))
heartbeat("by_another_enclave_in_our_name", "NotSigned", key=other)
heartbeat("for_another_enclave", "NotSigned", message=keccak(OTHER_TEE + word(SECONDS)))
heartbeat("time_in_eight_bytes", "NotSigned", message=keccak(TEE + SECONDS.to_bytes(8, "big")))
heartbeat("message_by_sha3", "NotSigned", message=sha3(TEE + word(SECONDS)))
heartbeat("a_response", "NotSigned", message=keccak(INPUT + OUTPUT + word(SECONDS)))
heartbeat("time_iso", "Field:timestamp", timestamp="2026-02-12T18:00:00Z")
heartbeat("time_with_a_zero", "Field:timestamp", timestamp=f"0{SECONDS}")
heartbeat("time_beyond_the_calendar", "Field:timestamp", message=keccak(TEE + word(2**62)), timestamp=2**62)
heartbeat("name_without_prefix", "Field:teeId", teeId=TEE.hex())
heartbeat("signature_in_hexadecimal", "Field:signature", signature=SIGNATURE.hex())
for name in ("teeId", "timestamp", "signature"):
    heartbeat(f"without_{name}", f"Missing:{name}", **{name: ...})
heartbeats.append({"name": "no_json", "file": "beat", "expected": "NotJson"})

# --- Routes -----------------------------------------------------------------------------------------------------------

routes = []


def route(name, made, expected):
    routes.append({"name": name, "file": made if isinstance(made, str) else json.dumps(made), "expected": expected})


route("private", {"path": "private"}, "private, unknown: yes")
route("private_rewritten", {"path": "private", "rewritten": "locally"}, "private, locally: yes")
route("direct", {"path": "direct", "rewritten": "no"}, "direct, no: no")
route("provider", {"path": "provider", "rewritten": "unknown"}, "provider, unknown: no")
route("path_of_none", {"path": ""}, "OtherPath")
route("path_in_capitals", {"path": "Private"}, "OtherPath")
route("path_verified", {"path": "verified"}, "OtherPath")
route("rewritten_true", {"path": "private", "rewritten": True}, "NotARoute")
route("rewritten_otherwise", {"path": "private", "rewritten": "yes"}, "OtherRewritten")
route("state_beside_it", {"path": "private", "state": "verified"}, "NotARoute")
route("path_missing", {"rewritten": "no"}, "NotARoute")
route("path_twice", '{"path": "provider", "path": "private"}', "NotARoute")
route("in_a_list", ["private"], "NotARoute")
route("no_json", "private", "NotARoute")

# --- Labels and blob ids ----------------------------------------------------------------------------------------------

labels = []


def label(name, request, expected=LABEL):
    labels.append({"name": name, "request": request if isinstance(request, str) else json.dumps(request), "expected": expected})


MESSAGES = [{"role": "user", "content": "Hello!"}]
label("good", REQUEST.decode())
label("good_in_an_escape", '{"mod\\u0065l": "%s"}' % LABEL)
label("good_beside_others_below", {"model": LABEL, "messages": [{"model": "gpt-5"}], "tools": [{"model": "gpt-5"}]})
label("only_in_a_message", {"messages": [{"role": "user", "content": f'"model": "{LABEL}"'}]}, "Missing")
label("only_in_a_member_of_a_message", {"messages": [{"model": LABEL}]}, "Missing")
label("only_as_a_key", {LABEL: "model"}, "Missing")
label("in_capitals", {"Model": LABEL}, "Missing")
label("twice", '{"model": "%s", "messages": [], "model": "gpt-5"}' % LABEL, "Twice")
label("twice_the_same", '{"model": "%s", "model": "%s"}' % (LABEL, LABEL), "Twice")
label("twice_once_in_an_escape", '{"model": "%s", "mod\\u0065l": "gpt-5"}' % LABEL, "Twice")
label("null", {"model": None}, "NotALabel")
label("a_list", {"model": [LABEL]}, "NotALabel")
label("empty", {"model": ""}, "NotALabel")
label("with_a_line_break", {"model": LABEL + "\n"}, "NotALabel")
label("of_257_bytes", {"model": "m" * 257}, "NotALabel")
label("request_in_a_list", [{"model": LABEL}], "NotJson")
label("request_with_more_behind", REQUEST.decode() + "{}", "NotJson")
label("request_truncated", REQUEST.decode()[:-1], "NotJson")
label("request_nested", '{"messages": %s, "model": "%s"}' % ("[" * 5000 + "]" * 5000, LABEL))

blob_ids = []


def blob_id(name, text, expected="blob id"):
    blob_ids.append({"name": name, "text": text, "expected": expected})


MODEL_BLOB = base64.urlsafe_b64encode(keccak(b"model")).decode().rstrip("=")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
stray = MODEL_BLOB[:-1] + ALPHABET[ALPHABET.index(MODEL_BLOB[-1]) | 1]
blob_id("good", MODEL_BLOB)
blob_id("of_a_settlement", BLOB, "OfASettlement")
blob_id("stray_bits", stray, "NotABlobId")
blob_id("padded", MODEL_BLOB + "=", "NotABlobId")
blob_id("of_31_bytes", base64.urlsafe_b64encode(keccak(b"model")[:31]).decode().rstrip("="), "NotABlobId")
blob_id("of_33_bytes", base64.urlsafe_b64encode(keccak(b"model") + b"\x00").decode(), "NotABlobId")
blob_id("plain_base64", "+/" + MODEL_BLOB[2:], "NotABlobId")
blob_id("in_hexadecimal", keccak(b"model").hex(), "NotABlobId")
blob_id("with_a_space", MODEL_BLOB[:-1] + " ", "NotABlobId")
blob_id("empty", "", "NotABlobId")

# --- Files ------------------------------------------------------------------------------------------------------------

text = {
    "key": base64.b64encode(spki(enclave)).decode(),
    "other_key": base64.b64encode(spki(other)).decode(),
    "response": json.dumps(RESPONSE),
    "request": REQUEST.decode(),
    "label": LABEL,
    "leaf_hash": x(twice(encoded(leaf()))),
    "root": x(ROOT),
    "settlement_blob_id": BLOB,
    "proofs": proofs,
    "batches": batches,
    "announcements": announcements,
    "configs": configs,
    "heartbeats": heartbeats,
    "routes": routes,
    "labels": labels,
    "blob_ids": blob_ids,
}
HERE = os.path.dirname(os.path.abspath(__file__))


def put(path, data):
    path = os.path.join(HERE, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(data)


put("../vectors/settlement.json", json.dumps(text, indent=1, ensure_ascii=False).encode() + b"\n")

SEEDS = (
    ("settlement", "proof", proofs, ("good", "good_alone", "placeholder_of_one_byte", "sibling_extra_above", "leaf_of_four", "teeId_without_prefix", "member_twice")),
    ("settlement", "batch", batches, ("good", "good_alone", "root_changed", "leaf_in_the_place_of_an_inner_node", "value_in_a_list", "encoding_of_three")),
    ("settlement", "headers", announcements, ("everything", "private", "mode_twice", "transaction_a_word")),
    ("route", "config", configs, ("good", "good_without_hash", "bytes_with_two_pairs", "kem_of_p256", "member_twice")),
    ("route", "heartbeat", heartbeats, ("good", "good_time_as_number", "time_iso")),
    ("route", "claim", routes, ("private_rewritten", "path_twice", "in_a_list")),
    ("route", "label", labels, ("good", "good_in_an_escape", "twice", "only_in_a_message", "request_nested")),
    ("route", "blob", blob_ids, ("good", "stray_bits")),
)
for target, kind, made, names in SEEDS:
    taken = [vector for vector in made if vector["name"] in names]
    assert len(taken) == len(names), (target, kind)
    for vector in taken:
        data = vector.get("file") or vector.get("request") or vector.get("text")
        if data is None:
            data = "".join(f"{name}: {value}\n" for name, value in vector["headers"])
        put(f"../../fuzz/corpus/{target}/{kind}_{vector['name']}", data.encode())
