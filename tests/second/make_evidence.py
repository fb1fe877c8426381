"""Makes tests/vectors/evidence.json: attestation documents and signed responses, right ones and ones with one defect each.

    python3 make_evidence.py

And ../vectors/enclave-key.pem, and the seeds of the fuzz target `attestation`. The keys are new at every run and are thrown away.
"""

import base64
import json
import os
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.x509.oid import ExtendedKeyUsageOID

from enclave import enclave, flipped, other, sha256, spki
from keccak import keccak, sha3
from nitro import (
    BUNDLE,
    DAY,
    ES384,
    HOUR,
    MADE,
    NEW_VALID,
    OLD_VALID,
    PCR,
    REGISTERS,
    ROOT_VALID,
    USER_DATA,
    a_leaf,
    a_lower,
    cbor,
    certificate,
    document,
    enveloped,
    fields,
    leaf,
    leaf_key,
    lower,
    lower_key,
    middle,
    middle_key,
    millis,
    new_root,
    old_root,
    root,
    root_key,
    second_key,
    second_root,
    streamed,
    tls,
)

# --- Documents --------------------------------------------------------------------------------------------------------

documents = []


def case(name, made, expected="genuine", at=None, under="root"):
    documents.append(
        {"name": name, "document": base64.b64encode(made).decode(), "at": at and millis(at), "under": under, "expected": expected}
    )


good = document()
case("good", good)
case("good_with_the_tag", b"\xd2" + good)
case("good_definite_map", enveloped(cbor(fields())))
case("good_null_fields", document(fields(public_key=None, user_data=None, nonce=None)))
absent = fields()
for name in ("public_key", "user_data", "nonce"):
    del absent[name]
case("good_absent_fields", document(absent))
case("good_in_the_last_second", good, at=MADE + 2 * HOUR)
case("after_the_leaf", good, "Expired", MADE + 3 * HOUR)
case("long_after", good, "Expired", MADE + 270 * DAY)
case("after_the_root", good, "Expired", MADE + 1001 * DAY)
case("before_the_leaf", good, "NotYetValid", MADE - 2 * HOUR)
case("before_the_root", good, "NotYetValid", MADE - 1001 * DAY)
case("root_expired", document(fields(cabundle=[old_root, middle, lower])), "Expired", under="old_root")
case("root_not_yet_valid", document(fields(cabundle=[new_root, middle, lower])), "NotYetValid", under="new_root")
case("issuer_expired", document(fields(cabundle=[root, middle, a_lower(end=MADE - HOUR)])), "Expired")
case("issuer_not_yet_valid", document(fields(cabundle=[root, middle, a_lower(begin=MADE + HOUR)])), "NotYetValid")
case("leaf_expired", document(fields(certificate=a_leaf(end=MADE - timedelta(seconds=1)))), "Expired")
case("leaf_not_yet_valid", document(fields(certificate=a_leaf(begin=MADE + HOUR))), "NotYetValid")
case("link_missing_above", document(fields(cabundle=[root, lower])), "LinkMissing")
case("link_missing_below", document(fields(cabundle=[root, middle])), "LinkMissing")
case("only_the_root", document(fields(cabundle=[root])), "LinkMissing")
case("no_bundle", document(fields(cabundle=[])), "Field:cabundle")
case("no_root", document(fields(cabundle=[middle, lower])), "OtherRoot")
case("extra_root", document(fields(cabundle=[root, second_root, middle, lower])), "LeftOver")
case("extra_root_first", document(fields(cabundle=[second_root, root, middle, lower])), "OtherRoot")
case("extra_root_last", document(fields(cabundle=[root, middle, lower, second_root])), "LeftOver")
case("root_twice", document(fields(cabundle=[root, root, middle, lower])), "LeftOver")
case("issuer_twice", document(fields(cabundle=[root, middle, middle, lower])), "LeftOver")
case("issuers_swapped", document(fields(cabundle=[root, lower, middle])), "LeftOver")
case("bundle_upside_down", document(fields(cabundle=[lower, middle, root])), "OtherRoot")
case("bundle_of_eight", document(fields(cabundle=BUNDLE + [lower] * 5)), "Field:cabundle")
case("root_of_the_same_name", document(fields(cabundle=[root, certificate("middle", middle_key, "root", second_key, MADE - 5 * DAY, MADE + 5 * DAY, True, 1), lower])), "ForgedCertificate")
case("root_of_the_same_name_first", document(fields(cabundle=[certificate("root", second_key, "root", second_key, *ROOT_VALID, True), middle, lower])), "OtherRoot")
case("issuer_signed_by_another", document(fields(cabundle=[root, middle, a_lower(issuer_key=second_key)])), "ForgedCertificate")
case("issuer_without_authority", document(fields(cabundle=[root, middle, a_lower(authority=False)])), "NoAuthority")
short = certificate("middle", middle_key, "root", root_key, MADE - 5 * DAY, MADE + 5 * DAY, True, 0)
case("path_too_long", document(fields(cabundle=[root, short, lower])), "NoAuthority")
case("leaf_with_authority", document(fields(certificate=a_leaf(authority=True))), "NoAuthority")
case("leaf_by_sha256", document(fields(certificate=a_leaf(algorithm=hashes.SHA256()))), "BadCertificate")
purpose = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
case("leaf_for_a_server", document(fields(certificate=a_leaf(more=[purpose]))), "BadCertificate")
unknown = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)
case("leaf_with_an_unknown_critical_extension", document(fields(certificate=a_leaf(more=[unknown]))), "BadCertificate")
case("leaf_truncated", document(fields(certificate=leaf[:-1])), "BadCertificate")
p256 = ec.generate_private_key(ec.SECP256R1())
case("leaf_of_p256", document(fields(certificate=a_leaf(key=p256))), "NotSigned")
case("content_changed", good.replace(PCR[2], flipped(PCR[2], 0)), "NotSigned")
case("time_changed", good.replace(cbor(millis(MADE)), cbor(millis(MADE) + 1)), "NotSigned")
case("signature_changed", flipped(good, len(good) - 1), "NotSigned")
case("signature_of_zeros", good[:-96] + bytes(96), "NotSigned")
case("signature_of_another_key", document(key=second_key), "NotSigned")
case("signature_of_an_issuer", document(key=lower_key), "NotSigned")
case("signature_by_sha256", document(algorithm=hashes.SHA256()), "NotSigned")
case("signature_in_der", document(der=True), "OtherAlgorithm")
case("algorithm_es256", document(protected=cbor({1: -7})), "OtherAlgorithm")
case("algorithm_es256_in_truth", document(fields(certificate=a_leaf(key=p256)), key=p256, protected=cbor({1: -7}), algorithm=hashes.SHA256()), "OtherAlgorithm")
case("algorithm_eddsa", document(protected=cbor({1: -8})), "OtherAlgorithm")
case("algorithm_not_named", document(protected=b""), "OtherAlgorithm")
case("algorithm_twice", document(protected=b"\xa2" + cbor(1) + cbor(-35) + cbor(1) + cbor(-35)), "OtherAlgorithm")
case("algorithm_and_key_id", document(protected=cbor({1: -35, 4: b"k"})), "OtherAlgorithm")
case("algorithm_not_signed", document(protected=b"", open_header=ES384), "OpenHeader")
case("open_header", document(open_header={4: b"k"}), "OpenHeader")
case("trailing_byte", good + b"\x00", "NotSign1")
case("truncated", good[:-1], "NotSign1")
case("other_tag", b"\xd1" + good, "NotSign1")
case("five_items", b"\x85" + good[1:] + b"\xf6", "NotSign1")
case("empty", b"", "NotSign1")
case("oversized", document(fields(nonce=bytes(16_384))), "TooLong")
case("payload_trailing_byte", enveloped(streamed(fields().items()) + b"\x00"), "NotPayload")
case("payload_not_closed", enveloped(streamed(fields().items())[:-1]), "NotPayload")
case("payload_an_array", enveloped(cbor(list(fields().values()))), "NotPayload")
case("field_unknown", document(fields(more=1)), "UnknownField")
tpm = fields(nitrotpm_pcrs=REGISTERS)
del tpm["pcrs"]
case("field_of_the_tpm", document(tpm), "UnknownField")
for name in ("module_id", "digest", "timestamp", "pcrs", "certificate", "cabundle"):
    gone = fields()
    del gone[name]
    case(f"field_missing_{name}", document(gone), f"Missing:{name}")
twice = list(fields().items())
case("field_twice", enveloped(streamed(twice + [("timestamp", millis(MADE) + 1)])), "Doubled:timestamp")
case("field_twice_null_first", enveloped(streamed([("user_data", None)] + twice)), "Doubled:user_data")
case("module_empty", document(fields(module_id="")), "Field:module_id")
case("digest_sha256", document(fields(digest="SHA256")), "OtherDigest")
case("time_zero", document(fields(timestamp=0)), "Field:timestamp")
case("time_negative", document(fields(timestamp=-1)), "Field:timestamp")
case("time_beyond_the_calendar", document(fields(timestamp=2**63)), "Field:timestamp")
case("time_as_text", document(fields(timestamp="2026-02-12T18:00:00Z")), "Field:timestamp")
case("pcr_of_32_bytes", document(fields(pcrs={**REGISTERS, 0: bytes(32)})), "Field:pcrs")
case("pcr_two_missing", document(fields(pcrs={0: PCR[0], 1: PCR[1]})), "Field:pcrs")
case("pcr_32", document(fields(pcrs={**REGISTERS, 32: PCR[0]})), "Field:pcrs")
pairs = b"".join(cbor(n) + cbor(PCR[n]) for n in range(3)) + cbor(0) + cbor(PCR[1])
doubled = b"\xbf" + b"".join(cbor(key) + (b"\xa4" + pairs if key == "pcrs" else cbor(item)) for key, item in fields().items()) + b"\xff"
case("pcr_twice", enveloped(doubled), "Field:pcrs")
case("debug_mode", document(fields(pcrs={n: bytes(48) for n in range(16)})), "DebugMode")
case("certificate_empty", document(fields(certificate=b"")), "Field:certificate")
case("certificate_of_1025_bytes", document(fields(certificate=leaf + bytes(1025 - len(leaf)))), "Field:certificate")
case("certificate_null", document(fields(certificate=None)), "Field:certificate")

bindings = []


def binding(name, user_data, expected):
    made = base64.b64encode(document(fields(user_data=user_data))).decode()
    bindings.append({"name": name, "document": made, "expected": expected})


binding("good", USER_DATA, "bound")
binding("another_key", b"\x12\x20" + sha256(tls) + b"\x12\x20" + sha256(spki(other)), "OtherKey")
binding("hashes_swapped", b"\x12\x20" + sha256(spki(enclave)) + b"\x12\x20" + sha256(tls), "OtherKey")
binding("keccak", b"\x12\x20" + sha256(tls) + b"\x12\x20" + keccak(spki(enclave)), "OtherKey")
binding("of_the_pem", b"\x12\x20" + sha256(tls) + b"\x12\x20" + sha256(base64.b64encode(spki(enclave))), "OtherKey")
binding("absent", None, "NoKey")
binding("empty", b"", "NoKey")
binding("without_prefixes", sha256(tls) + sha256(spki(enclave)), "NoKey")
binding("one_hash", b"\x12\x20" + sha256(spki(enclave)), "NoKey")
binding("three_hashes", USER_DATA + b"\x12\x20" + sha256(tls), "NoKey")
binding("other_hash", USER_DATA.replace(b"\x12\x20", b"\x16\x20"), "NoKey")
binding("second_prefix_wrong", USER_DATA[:34] + b"\x16\x20" + USER_DATA[36:], "NoKey")

# --- Responses --------------------------------------------------------------------------------------------------------

REQUEST = b'{"messages": [{"content": "Hello!", "role": "user"}], "model": "m"}'
OUTPUT = "Prices rose by 3 % in Québec ☕."
SECONDS = millis(MADE) // 1000 + 60


def pss(salt, mgf=None):
    return padding.PSS(padding.MGF1(mgf or hashes.SHA256()), salt)


def message_of(request_hash, output_hash, seconds):
    return keccak(request_hash + output_hash + seconds.to_bytes(32, "big"))


def response(hashed=keccak, key=enclave, scheme=None, algorithm=None, message=None, **changed):
    request_hash, output_hash = hashed(REQUEST), hashed(OUTPUT.encode())
    message = message or message_of(request_hash, output_hash, SECONDS)
    signature = key.sign(message, scheme or pss(32), algorithm or hashes.SHA256())
    made = {
        "id": "chatcmpl-1",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": OUTPUT}, "finish_reason": "stop"}],
        "tee_signature": base64.b64encode(signature).decode(),
        "tee_request_hash": request_hash.hex(),
        "tee_output_hash": output_hash.hex(),
        "tee_timestamp": SECONDS,
        "tee_id": "0x" + keccak(spki(enclave)).hex(),
    }
    return {name: value for name, value in {**made, **changed}.items() if value is not ...}


responses = []


def answer(name, made, expected="signed"):
    text = made if isinstance(made, str) else json.dumps(made)
    responses.append({"name": name, "response": text, "expected": expected})


plain = response()
answer("good", plain)
answer("output_hash_changed", {**plain, "tee_output_hash": flipped(keccak(OUTPUT.encode()), 31).hex()}, "NotSigned")
answer("request_hash_changed", {**plain, "tee_request_hash": flipped(keccak(REQUEST), 0).hex()}, "NotSigned")
answer("hashes_swapped", {**plain, "tee_request_hash": plain["tee_output_hash"], "tee_output_hash": plain["tee_request_hash"]}, "NotSigned")
answer("time_off_by_one", {**plain, "tee_timestamp": SECONDS + 1}, "NotSigned")
answer("time_in_milliseconds", response(tee_timestamp=SECONDS * 1000), "NotSeconds")
answer("time_signed_in_eight_bytes", response(message=keccak(keccak(REQUEST) + keccak(OUTPUT.encode()) + SECONDS.to_bytes(8, "big"))), "NotSigned")
answer("time_signed_with_the_least_first", response(message=keccak(keccak(REQUEST) + keccak(OUTPUT.encode()) + SECONDS.to_bytes(32, "little"))), "NotSigned")
answer("time_iso", {**plain, "tee_timestamp": "2026-02-12T18:01:00+00:00"}, "NotSeconds")
answer("time_as_text", {**plain, "tee_timestamp": str(SECONDS)}, "NotSeconds")
answer("time_a_fraction", {**plain, "tee_timestamp": SECONDS + 0.5}, "NotSeconds")
answer("time_a_whole_fraction", json.dumps(plain).replace(f'{SECONDS}', f'{SECONDS}.0'), "NotSeconds")
answer("time_negative", {**plain, "tee_timestamp": -1}, "NotSeconds")
answer("time_beyond_the_calendar", {**plain, "tee_timestamp": 2**62}, "NotSeconds")
answer("signed_by_another_enclave", response(key=other, tee_id="0x" + keccak(spki(other)).hex()), "OtherKey")
answer("signed_by_another_in_our_name", response(key=other), "NotSigned")
answer("name_by_sha256", {**plain, "tee_id": "0x" + sha256(spki(enclave)).hex()}, "OtherKey")
answer("name_without_prefix", {**plain, "tee_id": keccak(spki(enclave)).hex()}, "NotATeeId")
answer("name_in_capitals", {**plain, "tee_id": "0x" + keccak(spki(enclave)).hex().upper()}, "NotATeeId")
answer("hash_with_prefix", {**plain, "tee_output_hash": "0x" + plain["tee_output_hash"]}, "NotAHash:tee_output_hash")
answer("request_hash_with_prefix", {**plain, "tee_request_hash": "0x" + plain["tee_request_hash"]}, "NotAHash:tee_request_hash")
answer("hash_in_capitals", {**plain, "tee_output_hash": plain["tee_output_hash"].upper()}, "NotAHash:tee_output_hash")
answer("salt_of_222", response(scheme=pss(222)), "LegacySalt")
answer("salt_of_0", response(scheme=pss(0)), "NotSigned")
answer("salt_of_31", response(scheme=pss(31)), "NotSigned")
answer("salt_of_33", response(scheme=pss(33)), "NotSigned")
answer("mask_by_sha1", response(scheme=pss(32, hashes.SHA1())), "NotSigned")
answer("signed_by_sha384", response(algorithm=hashes.SHA384()), "NotSigned")
answer("signed_without_second_hash", response(algorithm=utils.Prehashed(hashes.SHA256())), "NotSigned")
answer("signed_by_pkcs1", response(scheme=padding.PKCS1v15()), "NotSigned")
answer("message_by_sha256", response(message=sha256(keccak(REQUEST) + keccak(OUTPUT.encode()) + SECONDS.to_bytes(32, "big"))), "NotSigned")
answer("message_by_sha3", response(message=sha3(keccak(REQUEST) + keccak(OUTPUT.encode()) + SECONDS.to_bytes(32, "big"))), "NotSigned")
answer("hashes_by_sha256", response(hashed=sha256), "signed, other output")
answer("signature_changed", {**plain, "tee_signature": base64.b64encode(flipped(base64.b64decode(plain["tee_signature"]), 100)).decode()}, "NotSigned")
answer("signature_of_zeros", {**plain, "tee_signature": base64.b64encode(bytes(256)).decode()}, "NotSigned")
answer("signature_of_ones", {**plain, "tee_signature": base64.b64encode(b"\xff" * 256).decode()}, "NotSigned")
answer("signature_short", {**plain, "tee_signature": base64.b64encode(bytes(255)).decode()}, "NotASignature")
answer("signature_in_hexadecimal", {**plain, "tee_signature": base64.b64decode(plain["tee_signature"]).hex()}, "NotASignature")
answer("signature_with_line_break", {**plain, "tee_signature": plain["tee_signature"] + "\n"}, "NotASignature")
for name in ("tee_signature", "tee_request_hash", "tee_output_hash", "tee_timestamp", "tee_id"):
    answer(f"without_{name}", response(**{name: ...}), f"Missing:{name}")
answer("member_twice", json.dumps(plain)[:-1] + f', "tee_timestamp": {SECONDS}}}', "NotJson")
answer("in_an_array", [plain["tee_signature"], plain["tee_request_hash"], plain["tee_output_hash"], SECONDS, plain["tee_id"]], "NotJson")
answer("two_values", json.dumps(plain) + "{}", "NotJson")
answer("no_json", "tee", "NotJson")

# --- Responses of the older form --------------------------------------------------------------------------------------

OLDER = {
    "finish_reason": "stop",
    "message": {"content": OUTPUT, "role": "assistant"},
    "model": "m",
    "request_hash": sha256(REQUEST).hex(),
    "timestamp": "2025-12-16T08:20:26.491885+00:00",
}
legacy = []


def older(name, message, expected="signed", key=enclave, salt=222, shown=None):
    message = message if isinstance(message, bytes) else json.dumps(message, sort_keys=True).encode()
    signature = key.sign(message, pss(salt), hashes.SHA256())
    legacy.append(
        {
            "name": name,
            "message": base64.b64encode(shown or message).decode(),
            "signature": base64.b64encode(signature).decode(),
            "expected": expected,
        }
    )


older("good", OLDER)
older("salt_of_32", OLDER, "CurrentSalt", salt=32)
older("salt_of_221", OLDER, "NotSigned", salt=221)
older("signed_by_another", OLDER, "NotSigned", key=other)
older("changed", OLDER, "NotSigned", shown=json.dumps(OLDER, sort_keys=True).replace("stop", "stip").encode())
older("respaced", OLDER, "NotSigned", shown=json.dumps(OLDER, sort_keys=True, separators=(",", ":")).encode())
older("current_message", message_of(keccak(REQUEST), keccak(OUTPUT.encode()), SECONDS), "NotLegacy")
older("more_members", {**OLDER, "usage": 1}, "NotLegacy")
older("time_missing", {name: value for name, value in OLDER.items() if name != "timestamp"}, "NotLegacy")
older("time_in_seconds", {**OLDER, "timestamp": SECONDS}, "NotLegacy")
older("request_hash_with_prefix", {**OLDER, "request_hash": "0x" + OLDER["request_hash"]}, "NotLegacy")
older("in_an_array", list(OLDER.values()), "NotLegacy")

# --- Keys -------------------------------------------------------------------------------------------------------------

keys = []


def key(name, der, expected):
    keys.append({"name": name, "der": base64.b64encode(der).decode(), "expected": expected})


key("good", spki(enclave), "key")
key("of_3072_bits", spki(rsa.generate_private_key(65537, 3072)), "OtherSize")
key("of_1024_bits", spki(rsa.generate_private_key(65537, 1024)), "OtherSize")
key("exponent_3", spki(rsa.generate_private_key(3, 2048)), "OtherSize")
key("elliptic", spki(leaf_key), "NotAKey")
key("trailing_byte", spki(enclave) + b"\x00", "NotAKey")
key("bare", enclave.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1), "NotAKey")
# rsaEncryption (1.2.840.113549.1.1.1) becomes id-RSASSA-PSS (.10), and its parameters go.
rsa_id, pss_id = bytes.fromhex("300d06092a864886f70d0101010500"), bytes.fromhex("300b06092a864886f70d01010a")
body = pss_id + spki(enclave)[4 + len(rsa_id) :]
key("for_pss_alone", b"\x30\x82" + len(body).to_bytes(2, "big") + body, "NotCanonical")
key("even", flipped(spki(enclave), len(spki(enclave)) - 6), "NotAKey")
bare = bytes.fromhex("300b06092a864886f70d010101") + spki(enclave)[4 + len(rsa_id) :]
key("without_parameters", b"\x30\x82" + len(bare).to_bytes(2, "big") + bare, "NotAKey")

text = {
    "roots": {
        name: {"der": base64.b64encode(der).decode(), "valid": [millis(time) for time in valid]}
        for name, der, valid in (("root", root, ROOT_VALID), ("old_root", old_root, OLD_VALID), ("new_root", new_root, NEW_VALID))
    },
    "made": millis(MADE),
    "pcrs": [pcr.hex() for pcr in PCR],
    "pcr_hash": keccak(b"".join(PCR)).hex(),
    "key": base64.b64encode(spki(enclave)).decode(),
    "other_key": base64.b64encode(spki(other)).decode(),
    "tls": tls.decode(),
    "request": REQUEST.decode(),
    "output": OUTPUT,
    "seconds": SECONDS,
    "documents": documents,
    "bindings": bindings,
    "responses": responses,
    "legacy": legacy,
    "keys": keys,
}
HERE = os.path.dirname(os.path.abspath(__file__))


def put(path, data):
    with open(os.path.join(HERE, path), "wb") as out:
        out.write(data)


put("../vectors/evidence.json", json.dumps(text, indent=1, ensure_ascii=False).encode() + b"\n")
pem = enclave.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
put("../vectors/enclave-key.pem", pem)

os.makedirs(os.path.join(HERE, "../../fuzz/corpus/attestation"), exist_ok=True)
SEEDS = (
    ("document", documents, ("good", "good_with_the_tag", "good_definite_map", "good_null_fields", "extra_root", "field_twice", "algorithm_es256", "pcr_twice", "truncated")),
    ("response", responses, ("good", "time_iso", "hash_with_prefix", "member_twice")),
    ("key", keys, ("good", "even", "for_pss_alone")),
    ("legacy", legacy, ("good", "more_members")),
)
for kind, made, names in SEEDS:
    for vector in made:
        if vector["name"] in names:
            if kind == "response":
                data = vector["response"].encode()
            else:
                data = base64.b64decode(vector[{"document": "document", "key": "der", "legacy": "message"}[kind]])
            put(f"../../fuzz/corpus/attestation/{kind}_{vector['name']}", data)
