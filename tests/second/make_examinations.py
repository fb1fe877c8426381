"""Makes tests/vectors/examinations.json: one whole row with all its evidence, and the same with one difference each.

    python3 make_examinations.py

And the seeds of the fuzz target `material`. The keys are new at every run and are thrown away.

What is expected of a box is one text: its state, what it alone carries, and the time it speaks of where that is not the time of
the examination. A vector names the boxes that differ from the good row's; all others are as they were.
"""

import base64
import datetime
import json
import os

from accounts import PERMIT, PERMIT_DOMAIN, RECEIPT, RECEIPT_DOMAIN, Account, typed_digest
from enclave import enclave, flipped, other, sha256, signed, spki, word, x
from keccak import keccak
from merkle import encoded, siblings, sorted_pair, tree, twice, written
from nitro import DAY, HOUR, MADE, PCR, ROOT_VALID, UTC, a_leaf, a_lower, cbor, document, fields, lower, middle, millis, root, second_root, tls

# --- The answer -------------------------------------------------------------------------------------------------------

SECONDS = millis(MADE) // 1000 + 60
AT = datetime.datetime(2026, 2, 12, 18, 5, tzinfo=UTC)
TEE, OTHER_TEE = keccak(spki(enclave)), keccak(spki(other))
OUTPUT = "Prices rose by 3 % in Québec ☕."
LABEL = "gpt-4.1-2025-04-14"
PART = '{"content": "What do you know of %s?", "role": "user"}' % LABEL


def asking(label, message=PART):
    return ('{"messages": [%s], "model": "%s"}' % (message, label)).encode()


REQUEST = asking(LABEL)
CITED = [{"type": "url_citation", "url": "https://example.org/prices"}]
COST = {"cost_opg": "1234567890123", "cost_usd": "0.0000001523456776411782", "opg_price_usd": "0.1234"}
USAGE = {"prompt_tokens": 11, "completion_tokens": 31, "total_tokens": 42}


def message_of(request, output_hash, seconds):
    return keccak(keccak(request) + output_hash + word(seconds))


def response(request=REQUEST, output_hash=None, key=None, salt=32, tee=TEE, content=OUTPUT, cited=CITED, **changed):
    output_hash = output_hash or keccak(OUTPUT.encode())
    said = {"role": "assistant", "content": content, "annotations": cited}
    made = {
        "id": "chatcmpl-1",
        "model": LABEL,
        "choices": [{"index": 0, "message": said, "finish_reason": "stop"}],
        "usage": USAGE,
        "opengradient": COST,
        "tee_signature": base64.b64encode(signed(message_of(request, output_hash, SECONDS), key, salt)).decode(),
        "tee_request_hash": keccak(request).hex(),
        "tee_output_hash": output_hash.hex(),
        "tee_timestamp": SECONDS,
        "tee_id": x(tee),
    }
    made = {name: value for name, value in {**made, **changed}.items() if value is not ...}
    return made


def older(salt=222, request=REQUEST):
    """A response of the older form, as it is saved."""
    message = {
        "finish_reason": "stop",
        "message": {"content": OUTPUT, "role": "assistant"},
        "model": LABEL,
        "request_hash": sha256(request).hex(),
        "timestamp": "2026-02-12T18:01:00.491885+00:00",
    }
    text = json.dumps(message, sort_keys=True)
    return {"signed_message": text, "signature": base64.b64encode(signed(text.encode(), salt=salt)).decode()}


# --- Settlement -------------------------------------------------------------------------------------------------------

SIGNATURE = signed(message_of(REQUEST, keccak(OUTPUT.encode()), SECONDS))


def leaf(request=REQUEST, signature=SIGNATURE, output=OUTPUT):
    return [TEE, keccak(request), keccak(output.encode()), signature, SECONDS]


NEIGHBOURS = [[TEE, keccak(b"request %d" % n), keccak(b"output %d" % n), b"\xd3", SECONDS - n] for n in range(1, 5)]


class Batch:
    """A leaf among its neighbours."""

    def __init__(self, ours, pair=sorted_pair):
        self.leaves = sorted([ours, *NEIGHBOURS], key=lambda fields: twice(encoded(fields)))
        self.nodes = tree([twice(encoded(fields)) for fields in self.leaves], pair)
        self.ours = ours

    def proof(self, of=None):
        at = len(self.nodes) - 1 - self.leaves.index(of or self.ours)
        path = [x(node) for node in siblings(self.nodes, at)]
        return {"root": x(self.nodes[0]), "leaf": written(of or self.ours), "proof": path}

    def dump(self):
        places = [{"value": written(fields), "treeIndex": len(self.nodes) - 1 - at} for at, fields in enumerate(self.leaves)]
        encoding = ["bytes32", "bytes32", "bytes32", "bytes", "uint256"]
        return {"format": "standard-v1", "leafEncoding": encoding, "tree": [x(node) for node in self.nodes], "values": places}

    @property
    def root(self):
        return x(self.nodes[0])


batch = Batch(leaf())
TX = x(keccak(b"transaction"))


def blob(name):
    return base64.urlsafe_b64encode(keccak(name)).decode().rstrip("=")


SETTLED = {"success": True, "transaction": x(keccak(b"transfer")), "network": "eip155:8453"}


def headers(mode="batch", tx=TX, paid=SETTLED, **more):
    made = {
        "content-type": "application/json",
        "x-settlement-type": mode,
        "x-settlement-tx-hash": tx,
        "x-settlement-walrus-blob-id": blob(b"settlement"),
        "PAYMENT-RESPONSE": paid and base64.b64encode(json.dumps(paid).encode()).decode(),
        **more,
    }
    return "HTTP/1.1 200 OK\r\n" + "".join(f"{name}: {value}\r\n" for name, value in made.items() if value)


# --- Payment ----------------------------------------------------------------------------------------------------------

payer, stranger, server = Account(), Account(), Account()
AMOUNT = 10**17


def permit(of=payer, by=None):
    message = {
        "permitted": {"token": "0x" + "11" * 20, "amount": AMOUNT},
        "spender": "0x4020A4f3b7b90ccA423B9fabCc0CE57C6C240002",
        "nonce": 7,
        "deadline": SECONDS + 900,
        "witness": {"to": server.address, "facilitator": "0x" + "22" * 20, "validAfter": SECONDS - 60},
    }
    signature = (by or of).sign(typed_digest(PERMIT, "PermitWitnessTransferFrom", PERMIT_DOMAIN, message))
    accepted = {"scheme": "upto", "network": "eip155:8453"}
    payload = {"signature": signature, "permit2Authorization": {"from": of.address, **message}}
    return {"x402Version": 2, "accepted": accepted, "payload": payload}


def receipt(of=payer, by=server):
    terms = {
        "version": 1,
        "network": "eip155:8453",
        "resourceUrl": "https://example.com/prices",
        "payer": of.address,
        "issuedAt": SECONDS + 5,
        "transaction": "",
    }
    return {"format": "eip712", "payload": terms, "signature": by.sign(typed_digest(RECEIPT, "Receipt", RECEIPT_DOMAIN, terms))}


# --- Route ------------------------------------------------------------------------------------------------------------

IDS = {"key_id": 1, "kem_id": 32, "kdf_id": 1, "aead_id": 3}


def key_configuration(key=enclave, tee=TEE, **changed):
    public = keccak(b"an X25519 key")
    config = bytes([1]) + (32).to_bytes(2, "big") + public + bytes([0, 4, 0, 1, 0, 3])
    words = b"".join(word(number) for number in IDS.values())
    hashed = keccak(keccak(b"OPENGRADIENT_TEE_OHTTP_CONFIG_V1") + tee + words + keccak(public) + keccak(config))
    made = {
        "tee_id": x(tee),
        **IDS,
        "public_key": public.hex(),
        "key_config": base64.b64encode(config).decode(),
        "signature": base64.b64encode(signed(hashed, key)).decode(),
    }
    return {**made, **changed}


def heartbeat(key=enclave, tee=TEE, later=0):
    message = keccak(tee + word(SECONDS + 60))
    signature = base64.b64encode(signed(message, key)).decode()
    return {"teeId": x(tee), "timestamp": str(SECONDS + 60 + later), "signature": signature}


# --- What is said -----------------------------------------------------------------------------------------------------

FETCHED, FRESH = "2026-02-12T18:00:30.000Z", "2026-02-13T00:00:30.000Z"
SEEN = {"network": "eip155:8453", "block": 30_000_000, "at": "2026-02-12T18:04:00Z"}


def statement(**changed):
    """A member that is `...` is not said; a dictionary changes what is said there."""
    made = {
        "by": "my pipeline",
        "mode": "tee",
        "settlement": {"root": batch.root},
        "payment": {"payer": payer.address, "receipt_signer": server.address},
        "route": {"path": "private", "rewritten": "no"},
        "artifact": {"label": LABEL},
        "data": {"source": "https://example.org/prices", "fetched_at": FETCHED, "fresh_for": "6 hours"},
    }
    for name, value in changed.items():
        made[name] = {**made.get(name, {}), **value} if isinstance(value, dict) else value
        if isinstance(made[name], dict):
            made[name] = {each: said for each, said in made[name].items() if said is not ...}
    return {name: value for name, value in made.items() if value is not ...}


def code_list(pcrs=PCR, begin="2026-01-01T00:00:00Z", until=None):
    build = {"pcr0": pcrs[0].hex(), "pcr1": pcrs[1].hex(), "pcr2": pcrs[2].hex(), "from": begin}
    return [{**build, "until": until} if until else build]


# --- The good row -----------------------------------------------------------------------------------------------------

GOOD = {
    "response": response(),
    "request": REQUEST,
    "document": document(),
    "key": spki(enclave),
    "proof": batch.proof(),
    "receipt": receipt(),
    "permit": permit(),
    "headers": headers(),
    "key-configuration": key_configuration(),
    "heartbeat": heartbeat(),
    "statement": statement(),
}


def text_of(time):
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03}Z"


AS_OF_DOCUMENT = f" as of {text_of(MADE)}"
DUE = "due 2026-02-12T18:16:00.000Z"
FRESHNESS = f"until {FRESH} as of {FETCHED}"
EXPECTED = {
    "binding": "verified verbatim",
    "attestation": "verified listed" + AS_OF_DOCUMENT,
    "mode": "verified tee" + AS_OF_DOCUMENT,
    "settlement": f"verified included {DUE}",
    "payment": "verified receipted",
    "route": "claimed yes",
    "artifact": f"verified {LABEL} -",
    "data": f"verified {FRESHNESS}",
}
NOTICED = {
    "attestation": ["the document is genuine", "its code is on your list"],
    "settlement": ["the signature in the leaf holds"],
    "payment": ["unsigned"],
    "route": ["a private route was there to take"],
    "artifact": ["which model answered is not known"],
    "data": ["citations are unsigned"],
}


def written_out(piece):
    if isinstance(piece, bytes):
        try:
            return piece.decode()
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(piece).decode()}
    return piece if isinstance(piece, str) else json.dumps(piece, ensure_ascii=False)


vectors = []


def row(name, expected=None, noticed=None, later=(), text=None, codes=..., at=None, body=1, **pieces):
    """The good row with these pieces in place of its own; `None` leaves one out."""
    made = {"name": name, "pieces": {kind.replace("_", "-"): piece and written_out(piece) for kind, piece in pieces.items()}}
    if text is not None:
        made["text"] = text
    if codes is not ...:
        made["codes"] = None if codes is None else json.dumps(codes)
    if at:
        made["at"] = text_of(at)
    if body != 1:
        made["body_generation"] = body
    made["expected"], made["noticed"] = expected or {}, noticed or {}
    if later:
        made["later"] = [{"at": time, "states": states} for time, states in later]
    vectors.append(made)


ABSENT = {box: "absent" for box in EXPECTED}
# No attested enclave: the boxes that say that there was one.
UNATTESTED = {"mode": "claimed tee", "data": f"claimed {FRESHNESS}"}
# A response that cannot be read.
UNREAD = {
    "binding": "malformed unknown",
    "attestation": "malformed listed",
    "settlement": "claimed announced",
    "artifact": f"claimed {LABEL} -",
    **UNATTESTED,
}
REFUTED = {"attestation": "contradicted listed", **UNATTESTED}
NOT_GENUINE = {"attestation": "contradicted unknown", **UNATTESTED}
NOT_SETTLED = {"settlement": f"contradicted announced {DUE}"}
ANNOUNCED = {"settlement": f"claimed announced {DUE}"}
LAPSES = (("2026-02-12T18:15:59.999Z", {"settlement": "claimed"}), ("2026-02-12T18:16:00Z", {"settlement": "lapsed"}))

row("good", noticed=NOTICED)
row("nothing", ABSENT, **{kind: None for kind in GOOD})

# --- The text ---------------------------------------------------------------------------------------------------------

row("text_a_part", {"binding": "verified substring"}, text="rose by 3 %")
row("text_made_from_it", {"binding": "claimed derived"}, {"binding": ["speaks of the answer, not of the row"], "data": ["does not stand in the content"]}, text="Prices are up.")
row("text_edited_afterwards", {**ABSENT, "binding": "contradicted unknown"}, {"binding": ["the row's text changed"]}, body=2)
OTHER_OUTPUT = {"binding": "contradicted unknown", "data": f"contradicted {FRESHNESS}"}
row("output_byte_flipped", OTHER_OUTPUT, {"binding": ["not the one that the response names"]}, response={**GOOD["response"], "choices": [{"message": {"content": OUTPUT.replace("3", "2")}}]})
row("output_attached", output=OUTPUT)
row("output_attached_with_a_byte_flipped", OTHER_OUTPUT, output=OUTPUT.replace("3", "2"))
NO_OUTPUT = {"binding": "claimed unknown", "data": f"claimed {FRESHNESS}"}
row("output_attached_not_text", NO_OUTPUT, output=b"\xff")
row("output_nowhere", NO_OUTPUT, {"binding": ["attach it"]}, response={**GOOD["response"], "choices": []})
row("output_only_attached", response={**GOOD["response"], "choices": []}, output=OUTPUT)

# --- Attestation ------------------------------------------------------------------------------------------------------

row("timestamp_off_by_one", {**REFUTED, "settlement": "contradicted announced due 2026-02-12T18:16:01.000Z"}, {"settlement": ["timestamp"]}, response={**GOOD["response"], "tee_timestamp": SECONDS + 1})
row("timestamp_iso", UNREAD, {"attestation": ["whole number of seconds"]}, response={**GOOD["response"], "tee_timestamp": "2026-02-12T18:01:00Z"})
row("request_hash_flipped", {**REFUTED, **NOT_SETTLED, "artifact": f"contradicted {LABEL} -"}, response={**GOOD["response"], "tee_request_hash": flipped(keccak(REQUEST), 0).hex()})
row("output_hash_by_sha256", {**OTHER_OUTPUT, **NOT_SETTLED}, response=response(output_hash=sha256(OUTPUT.encode())))
row("output_hash_with_prefix", UNREAD, {"binding": ["without a prefix"]}, response={**GOOD["response"], "tee_output_hash": "0x" + GOOD["response"]["tee_output_hash"]})
row("signature_with_salt_of_222", REFUTED, {"attestation": ["salt of 222"]}, response=response(salt=222))
row("signature_by_another_enclave_in_our_name", REFUTED, response=response(key=other))
row("response_of_another_enclave", {**REFUTED, **NOT_SETTLED}, {"attestation": ["names another key"], "settlement": ["teeId"]}, response=response(key=other, tee=OTHER_TEE))
row("key_of_another_enclave", {**REFUTED, "route": "contradicted yes"}, {"settlement": ["another key than the one that is attached"]}, key=spki(other))
row("key_unreadable", {"attestation": "malformed listed", **UNATTESTED}, {"route": ["no key"]}, key=b"a key")
# Its time is told in millionths of a second.
OLDER = {"settlement": "claimed announced due 2026-02-12T18:16:00.491Z"}
row("older_form", OLDER, {"attestation": ["older form"], "settlement": ["no response of the current form"]}, response=None, older_response=older())
row("older_form_with_salt_of_32", {**OLDER, **REFUTED}, {"attestation": ["salt of 32"]}, response=None, older_response=older(salt=32))
row("older_form_of_another_request", {**OLDER, "artifact": f"contradicted {LABEL} -"}, response=None, older_response=older(request=REQUEST + b" "))
row("older_form_beside_the_current", {}, {"attestation": ["is not looked at"]}, older_response=older(salt=32))
row("document_of_another_key", REFUTED, {"attestation": ["names another signing key"]}, document=document(fields(user_data=b"\x12\x20" + sha256(tls) + b"\x12\x20" + sha256(spki(other)))))
row("document_of_no_key", REFUTED, document=document(fields(user_data=None)))
row("document_unreadable", {"attestation": "malformed unknown", **UNATTESTED}, document=document()[:-1])
row("document_oversized", {"attestation": "malformed unknown", **UNATTESTED}, {"attestation": ["at most"]}, document=document(fields(nonce=bytes(16_384))))
row("document_without_its_time", {"attestation": "malformed unknown", **UNATTESTED}, {"attestation": ["no `timestamp`"]}, document=document({name: value for name, value in fields().items() if name != "timestamp"}))
row("document_with_a_field_more", {"attestation": "malformed unknown", **UNATTESTED}, document=document(fields(more=1)))
row("document_changed", NOT_GENUINE, document=GOOD["document"].replace(PCR[2], flipped(PCR[2], 0)))
row("document_by_es256", NOT_GENUINE, {"attestation": ["ES384"]}, document=document(protected=cbor({1: -7})))
row("document_in_debug_mode", NOT_GENUINE, {"attestation": ["debug mode"]}, document=document(fields(pcrs={n: bytes(48) for n in range(16)})))
row("chain_with_a_link_missing", NOT_GENUINE, {"attestation": ["is missing"]}, document=document(fields(cabundle=[root, lower])))
row("chain_with_an_extra_root", NOT_GENUINE, document=document(fields(cabundle=[root, second_root, middle, lower])))
row("chain_under_another_root", NOT_GENUINE, {"attestation": ["root of AWS Nitro"]}, document=document(fields(cabundle=[second_root, middle, lower])))
row("chain_expired", NOT_GENUINE, {"attestation": ["expired"]}, document=document(fields(cabundle=[root, middle, a_lower(end=MADE - HOUR)])))
row("leaf_expired_before_the_document", NOT_GENUINE, {"attestation": ["expired"]}, document=document(fields(certificate=a_leaf(end=MADE - HOUR / 2))))
row("examined_years_later", {"data": f"lapsed {FRESHNESS}"}, at=AT + 1000 * DAY)
UNLISTED = {"attestation": "verified unlisted" + AS_OF_DOCUMENT}
row("code_unlisted", UNLISTED, {"attestation": ["genuine", "not on your list"]}, codes=code_list([bytes([n]) * 48 for n in (1, 2, 3)]))
row("code_with_pcr1_alone_listed", UNLISTED, codes=code_list([bytes(48), PCR[1], bytes(48)]))
row("code_listed_from_later_on", UNLISTED, codes=code_list(begin="2026-02-12T18:01:00Z"))
row("code_listed_until_before", UNLISTED, codes=code_list(until="2026-02-12T18:00:00Z"))
row("code_without_a_list", {"attestation": "verified unknown" + AS_OF_DOCUMENT}, {"attestation": ["no list"]}, codes=None)
row("code_approved_by_word", UNLISTED, {"attestation": ["a claim"]}, codes=[], statement=statement(code={"approved": SEEN}))
row("heartbeat_one_later", {}, {"attestation": ["the heartbeat is not looked at"]}, heartbeat=heartbeat(later=1))
row("heartbeat_of_another_enclave", {}, {"attestation": ["heartbeat names another key"]}, heartbeat=heartbeat(other, OTHER_TEE))
row("heartbeat_unreadable", {}, {"attestation": ["the heartbeat is not looked at"]}, heartbeat={**heartbeat(), "timestamp": "2026-02-12T18:02:00Z"})

# --- Mode -------------------------------------------------------------------------------------------------------------

row("mode_said_zkml", {"mode": "contradicted zkml"}, {"mode": ["language model"]}, statement=statement(mode="zkml"))
row("mode_said_vanilla", {"mode": "contradicted vanilla"}, statement=statement(mode="vanilla"))
row("mode_not_said", statement=statement(mode=...))

# --- Settlement -------------------------------------------------------------------------------------------------------


def unsorted(left, right):
    return keccak(max(left, right) + min(left, right))


def under(made, **changed):
    """A proof, and the statement that gives its root."""
    return {"proof": made.proof(), "statement": statement(settlement={"root": made.root}, **changed)}


row("pairs_unsorted", NOT_SETTLED, {"settlement": ["not under the root"]}, **under(Batch(leaf(), unsorted)))
row("leaf_with_a_placeholder", {}, {"settlement": ["a placeholder, no signature"]}, **under(Batch(leaf(signature=b"\xd3"))))
row("leaf_with_another_signature", {}, {"settlement": ["does not hold"]}, **under(Batch(leaf(signature=signed(b"else")))))
row("leaf_of_another_response", NOT_SETTLED, {"settlement": ["of another response"]}, proof=batch.proof(NEIGHBOURS[0]))
row("root_of_another_batch", NOT_SETTLED, {"settlement": ["another root"]}, statement=statement(settlement={"root": x(keccak(b"root"))}))
row("root_of_its_own_alone", ANNOUNCED, {"settlement": ["whose root that is, nobody says"]}, LAPSES, statement=statement(settlement=...))
row("proof_in_a_whole_batch", proof=batch.dump())
row("proof_in_a_batch_without_the_leaf", NOT_SETTLED, proof=Batch(NEIGHBOURS[0]).dump())
row("proof_unreadable", {"settlement": f"malformed announced {DUE}"}, proof={**batch.proof(), "index": 1})
row("announced_and_never_mined", ANNOUNCED, {"settlement": ["before anything is sent"]}, LAPSES, proof=None)
row("announced_alone_and_never_mined", {"settlement": "claimed announced due 2026-02-12T19:01:00.000Z"}, {}, (("2026-02-12T19:00:59.999Z", {"settlement": "claimed"}), ("2026-02-12T19:01:00Z", {"settlement": "lapsed"})), proof=None, headers=headers("individual"))
row("requested", {"settlement": f"claimed requested {DUE}"}, {}, LAPSES, proof=None, headers=headers(tx=None))
row("private", {"settlement": "claimed none"}, {"settlement": ["private"]}, (("2029-01-01T00:00:00Z", {"settlement": "claimed"}),), proof=None, headers=headers("private", None))
row("seen_on_a_chain", {"settlement": f"claimed anchored {DUE}"}, {"settlement": ["as of block 30000000, at"]}, (("2029-01-01T00:00:00Z", {"settlement": "claimed"}),), proof=None, statement=statement(settlement={"seen": SEEN}))
row("seen_on_a_chain_and_proved", statement=statement(settlement={"seen": SEEN}))
row("seen_on_a_chain_and_another_leaf_proved", NOT_SETTLED, proof=batch.proof(NEIGHBOURS[0]), statement=statement(settlement={"seen": SEEN}))
row("headers_with_the_mode_twice", {"settlement": "malformed none"}, headers=headers(**{"X-Settlement-Type": "batch"}))

CALLS = json.dumps([{"function": {"arguments": "{}", "name": "prices"}, "id": "call_1", "type": "function"}])
calling = response(output_hash=keccak(CALLS.encode()), content="")
calling["choices"][0]["message"]["tool_calls"] = json.loads(CALLS)
called = {"response": calling, **under(Batch(leaf(signature=b"", output=CALLS)))}
row("answer_that_calls_tools", NO_OUTPUT, {"binding": ["attach it"]}, **called)
row("answer_that_calls_tools_and_its_output", {"binding": "claimed derived"}, **called, output=CALLS)

# --- Payment ----------------------------------------------------------------------------------------------------------

row("permit_of_another_payer", {"payment": "verified not-the-payer"}, {"payment": ["another account"]}, permit=permit(stranger))
row("permit_by_another_in_the_payers_name", {"payment": "contradicted receipted"}, {"payment": ["did not sign"]}, permit=permit(by=stranger))
row("permit_unreadable", {}, {"payment": ["object"]}, permit="permit")
row("receipt_by_an_unrelated_key", {"payment": "contradicted authorised"}, {"payment": ["did not sign the receipt"]}, receipt=receipt(by=stranger))
row("receipt_of_whom_the_payer_signed_to_pay", {}, statement=statement(payment={"receipt_signer": ...}))
row("receipt_whose_signer_nobody_names", {"payment": "claimed settled"}, {"payment": ["nobody says whether"]}, permit=None, statement=statement(payment={"receipt_signer": ...}))
row("receipt_of_another_payer", {"payment": "contradicted receipted"}, {"payment": ["another payer's"]}, receipt=receipt(stranger))
row("cost_sum_off_by_one", {"payment": "contradicted receipted"}, response={**GOOD["response"], "usage": {**USAGE, "total_tokens": 41}})
row("cost_above_what_was_allowed", {"payment": "contradicted receipted"}, {"payment": ["more is charged"]}, response={**GOOD["response"], "opengradient": {"cost_opg": str(AMOUNT + 1), "cost_usd": "0.100000000000000001", "opg_price_usd": "1"}})
UNPAID = {"permit": None, "receipt": None, "response": {name: value for name, value in GOOD["response"].items() if name != "opengradient"}}
row("payment_by_a_header_alone", {"payment": "claimed settled"}, {"payment": ["unsigned"]}, **UNPAID, statement=statement(payment=...))
row("payment_queued_by_word", {"payment": "claimed queued"}, **UNPAID, statement=statement(payment={"queued": True}), headers=headers(paid=None))
row("payment_settled_by_word", {"payment": "claimed settled"}, {"payment": ["a claim"]}, **UNPAID, statement=statement(payment={"settled": SEEN}), headers=headers(paid=None))
row("payment_that_nobody_speaks_of", {"payment": "absent"}, **UNPAID, statement=statement(payment=...), headers=headers(paid=None))

# --- Route ------------------------------------------------------------------------------------------------------------

row("key_configuration_of_another_enclave", {"route": "contradicted yes"}, {"route": ["names another key"]}, key_configuration=key_configuration(other, OTHER_TEE))
row("key_configuration_by_another_in_our_name", {"route": "contradicted yes"}, key_configuration=key_configuration(other))
row("key_configuration_of_other_bytes", {"route": "contradicted yes"}, key_configuration=key_configuration(aead_id=1))
row("key_configuration_unreadable", {"route": "malformed yes"}, key_configuration={**key_configuration(), "public_key": "0x"})
row("route_claimed_without_any_proof", key_configuration=None)
row("route_not_said", {"route": "claimed unknown"}, statement=statement(route=...))
row("route_over_the_provider", {"route": "claimed no"}, statement=statement(route={"path": "provider"}))
row("route_of_a_rewritten_request", {}, {"route": ["changed before it was sent"]}, statement=statement(route={"rewritten": "locally"}))
row("route_that_nobody_speaks_of", {"route": "absent"}, key_configuration=None, statement=statement(route=...))

# --- Artifact ---------------------------------------------------------------------------------------------------------


def asked(request):
    """The answer to another request."""
    made = Batch(leaf(request, signed(message_of(request, keccak(OUTPUT.encode()), SECONDS))))
    return {"request": request, "response": response(request), "proof": made.proof()}, made.root


row("blob_id_said", {"artifact": f"claimed {LABEL} {blob(b'model')}"}, {"artifact": ["only said"]}, statement=statement(artifact={"blob_id": blob(b"model")}))
row("blob_id_of_the_settlement", {"artifact": f"contradicted {LABEL} -"}, {"artifact": ["a settlement's"]}, statement=statement(artifact={"blob_id": blob(b"settlement")}))
row("blob_id_unreadable", {"artifact": f"malformed {LABEL} -"}, statement=statement(artifact={"blob_id": "blob"}))
row("request_that_was_not_signed", {"artifact": f"contradicted {LABEL} -"}, {"artifact": ["not the one whose hash"]}, request=REQUEST.replace(b"?", b"!"))
row("request_with_a_line_end", request=REQUEST + b"\n")
pieces, its_root = asked(asking(LABEL).replace(b"model", b"other"))
row("label_only_in_a_message", {"artifact": f"claimed {LABEL} -"}, {"artifact": ["names no `model`"]}, **pieces, statement=statement(settlement={"root": its_root}))
pieces, its_root = asked(asking(LABEL)[:-1] + b', "model": "other"}')
row("label_twice", {"artifact": f"claimed {LABEL} -"}, {"artifact": ["names `model` twice"]}, **pieces, statement=statement(settlement={"root": its_root}))
pieces, its_root = asked(asking("gpt-4.1-latest"))
row("label_that_moves", {"artifact": "verified gpt-4.1-latest -"}, {"artifact": ["the label moves"]}, **pieces, statement=statement(settlement={"root": its_root}, artifact=...))
row("label_of_another_request", {"artifact": f"contradicted {LABEL} -"}, {"artifact": ["another label"]}, statement=statement(artifact={"label": "gpt-4.1"}))
row("label_not_said", statement=statement(artifact=...))

# --- Data -------------------------------------------------------------------------------------------------------------

row("content_changed", {"data": f"contradicted {FRESHNESS}"}, {"data": ["does not stand in the output"]}, statement=statement(data={"content": OUTPUT.replace("3", "2")}))
row("content_a_part", {}, {"data": ["does not stand in the content"]}, statement=statement(data={"content": "rose by 3 %"}))
row("content_empty", {"data": f"contradicted {FRESHNESS}"}, statement=statement(data={"content": ""}))
row("citation_swapped", {}, {"data": ["citations are unsigned"]}, response={**response(cited=[{"type": "url_citation", "url": "https://example.com/other"}]), "tee_signature": GOOD["response"]["tee_signature"]})
row("citation_said", {}, {"data": ["citations are unsigned"]}, statement=statement(data={"citations": ["https://example.com/other"]}))
row("data_no_longer_fresh", {"data": f"lapsed {FRESHNESS}"}, at=AT + 6 * HOUR)
row("data_fresh_to_the_end", later=(("2026-02-13T00:00:30.000Z", {"data": "lapsed"}), ("2026-02-13T00:00:29.999Z", {"data": "verified"})))
row("data_without_an_end", {"data": f"verified - as of {FETCHED}"}, {"data": ["nobody says until when"]}, statement=statement(data={"fresh_for": ...}))
row("data_fetched_nobody_says_when", {"data": f"verified until {FRESH} as of 2026-02-12T18:01:00.000Z"}, statement=statement(data={"fetched_at": ..., "fresh_for": ..., "fresh_until": FRESH}))
row("data_fetched_in_time_to_come", {"data": "contradicted until 2026-02-13T00:11:00.000Z"}, {"data": ["time to come"]}, statement=statement(data={"fetched_at": "2026-02-12T18:11:00Z"}))
row("data_fetched_after_the_answer", {"data": "contradicted until 2026-02-13T00:07:00.000Z"}, {"data": ["after the answer"]}, statement=statement(data={"fetched_at": "2026-02-12T18:07:00Z"}))
row("data_that_nobody_speaks_of", {"data": "absent"}, statement=statement(data=...))

# --- One piece left out -----------------------------------------------------------------------------------------------

WITHOUT = {
    "response": {
        "binding": "absent",
        "attestation": "claimed listed",
        "settlement": "claimed announced",
        "artifact": f"claimed {LABEL} -",
        **UNATTESTED,
    },
    "request": {"artifact": f"claimed {LABEL} -"},
    "document": {"attestation": "claimed unknown", **UNATTESTED},
    "key": {"attestation": "claimed listed", **UNATTESTED},
    "proof": ANNOUNCED,
    "receipt": {"payment": "verified authorised"},
    "permit": {},
    "headers": {"settlement": "verified included"},
    "key-configuration": {},
    "heartbeat": {},
    "statement": {**ANNOUNCED, "route": "claimed unknown", "data": "absent"},
}
assert list(WITHOUT) == list(GOOD)
for kind, expected in WITHOUT.items():
    row(f"without_{kind.replace('-', '_')}", expected, **{kind: None})
row("statement_unreadable", WITHOUT["statement"], {"binding": ["a statement is not looked at"]}, statement={**statement(), "verified": True})

# --- Out --------------------------------------------------------------------------------------------------------------

names = [vector["name"] for vector in vectors]
assert len(set(names)) == len(names), sorted(name for name in names if names.count(name) > 1)
text = {
    "roots": {"root": {"der": base64.b64encode(root).decode(), "valid": [millis(time) for time in ROOT_VALID]}},
    "at": text_of(AT),
    "text": OUTPUT,
    "codes": json.dumps(code_list()),
    "pieces": {kind: written_out(piece) for kind, piece in GOOD.items()},
    "expected": EXPECTED,
    "vectors": vectors,
}
HERE = os.path.dirname(os.path.abspath(__file__))


def put(path, data):
    path = os.path.join(HERE, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(data)


put("../vectors/examinations.json", json.dumps(text, indent=1, ensure_ascii=False).encode() + b"\n")


def as_bytes(piece):
    return piece if isinstance(piece, bytes) else written_out(piece).encode()


PEM = b"-----BEGIN PUBLIC KEY-----\n" + base64.encodebytes(spki(enclave)) + b"-----END PUBLIC KEY-----\n"
SEEDS = {
    "attested": (GOOD["response"], PEM, GOOD["document"]),
    "attested_in_base64": (GOOD["response"], PEM, base64.encodebytes(GOOD["document"])),
    "beating": (GOOD["response"], PEM, GOOD["heartbeat"]),
    "older_form": (older(), PEM, GOOD["document"]),
    "settled": (GOOD["response"], GOOD["proof"], GOOD["statement"]),
    "settled_in_a_batch": (GOOD["response"], batch.dump(), GOOD["statement"]),
    "paid": (GOOD["permit"], GOOD["receipt"], GOOD["statement"]),
    "announced": (GOOD["response"], GOOD["headers"], GOOD["statement"]),
    "routed": (PEM, GOOD["key-configuration"], GOOD["statement"]),
    "labelled": (GOOD["response"], GOOD["request"], GOOD["statement"]),
    "output": (OUTPUT, GOOD["response"], GOOD["statement"]),
    "statement_of_all": (statement(payment={"settled": SEEN}, settlement={"seen": SEEN}, code={"approved": SEEN}),),
    "statement_with_a_member_more": ({**statement(), "verified": True},),
    "code_list": (code_list(until="2026-03-01T00:00:00Z"),),
    "code_list_that_never_holds": (code_list(until="2025-03-01T00:00:00Z"),),
    "no_evidence": (OUTPUT,),
    "no_evidence_in_braces": ("{}",),
    "no_key": ("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",),
}
for name, pieces in SEEDS.items():
    put(f"../../fuzz/corpus/material/{name}", b"\n%%\n".join(map(as_bytes, pieces)))
