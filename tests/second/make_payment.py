"""Makes tests/vectors/payment.json: permits, receipts, headers and costs, right ones and ones with one defect each.

    python3 make_payment.py

And the seeds of the fuzz target `payment`. The keys are new at every run and are thrown away.
"""

import base64
import copy
import decimal
import json
import os

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from accounts import (
    PERMIT,
    PERMIT2,
    PERMIT_DOMAIN,
    RECEIPT,
    RECEIPT_DOMAIN,
    Account,
    G,
    N,
    checksummed,
    lifted,
    times,
    typed_digest,
    written,
)
from keccak import keccak

# The one example that EIP-712 itself has.
MAIL = {
    "Mail": [("from", "Person"), ("to", "Person"), ("contents", "string")],
    "Person": [("name", "string"), ("wallet", "address")],
}
mail_domain = {"name": "Ether Mail", "version": "1", "chainId": 1, "verifyingContract": "0x" + "cC" * 20}
mail = {
    "from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
    "to": {"name": "Bob", "wallet": "0x" + "bB" * 20},
    "contents": "Hello, Bob!",
}
assert typed_digest(MAIL, "Mail", mail_domain, mail).hex() == "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"

# --- Addresses --------------------------------------------------------------------------------------------------------

payer, other, server = Account(), Account(), Account()


def other_case(address):
    """The same digits, one letter in the other case."""
    at = next(at for at, digit in enumerate(address) if at > 1 and digit.isalpha())
    made = address[:at] + address[at].swapcase() + address[at + 1 :]
    both = any(d.islower() for d in made[2:]) and any(d.isupper() for d in made[2:])
    return made if both else None


addresses = []


def address(name, text, expected="address"):
    addresses.append({"name": name, "text": text, "expected": expected})


# The four with letters of both cases that EIP-55 has.
for number, text in enumerate(
    (
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    )
):
    assert checksummed(bytes.fromhex(text[2:])) == text
    address(f"good_{number}", text)
address("lower_case", PERMIT2.lower())
address("upper_case", "0x" + PERMIT2[2:].upper())
address("checksum_wrong", other_case(PERMIT2), "WrongChecksum")
address("prefix_in_capitals", "0X" + PERMIT2[2:], "NotAnAddress")
address("no_prefix", PERMIT2[2:], "NotAnAddress")
address("short", PERMIT2[:-1], "NotAnAddress")
address("long", PERMIT2 + "0", "NotAnAddress")
address("of_other_letters", PERMIT2[:-1] + "g", "NotAnAddress")
address("of_two_byte_letters", "0x" + "é" * 20, "NotAnAddress")
address("empty", "", "NotAnAddress")

# --- Permits ----------------------------------------------------------------------------------------------------------

TOKEN = "0x" + "11" * 20
SWAPPED = {**PERMIT, "Witness": [("facilitator", "address"), ("to", "address"), ("validAfter", "uint256")]}
EXACT = {**PERMIT, "Witness": [("to", "address"), ("validAfter", "uint256")]}
DEADLINE, VALID_AFTER = 1_770_919_970, 1_770_918_970
MESSAGE = {
    "permitted": {"token": TOKEN, "amount": 10**17},
    "spender": "0x4020A4f3b7b90ccA423B9fabCc0CE57C6C240002",
    "nonce": 2**255 + 7,
    "deadline": DEADLINE,
    "witness": {"to": server.address, "facilitator": "0x" + "22" * 20, "validAfter": VALID_AFTER},
}
MOST = 2**256 - 1


def merged(value, changes):
    """A copy with changes; `...` takes a member away."""
    made = copy.deepcopy(value)
    for name, change in changes.items():
        if change is ...:
            made.pop(name, None)
        elif isinstance(change, dict) and isinstance(made.get(name), dict):
            made[name] = merged(made[name], change)
        else:
            made[name] = change
    return made


def digest_of(signed=None, domain=None, types=PERMIT):
    message = merged(MESSAGE, signed or {})
    return typed_digest(types, "PermitWitnessTransferFrom", domain or PERMIT_DOMAIN, message)


def quoted(value):
    """Numbers as x402 sends them: in quotes."""
    if isinstance(value, dict):
        return {name: quoted(item) for name, item in value.items()}
    return str(value) if isinstance(value, int) else value


def payment(signature=None, changes=None, network="eip155:8453", scheme="upto", signed=None, **more):
    """A permit as x402 sends it."""
    message = quoted(merged(MESSAGE, signed or {}))
    authorization = merged({"from": payer.address, **message}, changes or {})
    inner = {"signature": signature or payer.sign(digest_of(signed)), "permit2Authorization": authorization}
    accepted = {"scheme": scheme, "network": network, "amount": "5", "asset": TOKEN, "payTo": server.address}
    return {"x402Version": 2, "accepted": accepted, "payload": {**inner, **more}}


def typed(signature=None, domain=None, message=None, **more):
    """A permit as typed data."""
    data = {"domain": merged(PERMIT_DOMAIN, domain or {}), "message": merged(MESSAGE, message or {})}
    return {"signer": payer.address, "typed_data": {**data, **more}, "signature": signature or payer.sign(digest_of())}


permits = []


def text_of(value):
    return value if isinstance(value, str) else json.dumps(value)


def permit(name, made, expected="authorised", of=payer):
    permits.append({"name": name, "permit": text_of(made), "payer": of.address, "expected": expected})


r, s, odd = payer.numbers(digest_of())
permit("good", payment())
permit("good_typed", typed())
permit("good_recovery_from_zero", payment(payer.sign(digest_of(), first=0)))
permit("good_numbers_without_quotes", payment(changes=MESSAGE))
permit("good_typed_numbers_in_quotes", typed(message=quoted(MESSAGE)))
permit("good_nonce_in_hexadecimal", payment(changes={"nonce": f"0x{MESSAGE['nonce']:064x}"}))
permit("good_addresses_in_lower_case", payment(changes={"from": payer.address.lower(), "witness": {"to": server.address.lower()}}))
permit("good_most_amount", payment(signed={"permitted": {"amount": MOST}, "deadline": MOST}))
permit("good_amount_of_zero", payment(signed={"permitted": {"amount": 0}}))
permit("of_another_payer", payment(), "FromAnother", of=other)
permit("of_another_payer_typed", typed(), "NotThePayer", of=other)
permit("signed_by_another_in_our_name", payment(other.sign(digest_of())), "NotThePayer")
permit("says_it_is_from_another", payment(changes={"from": other.address}), "FromAnother")
for name, change in (
    ("amount", {"permitted": {"amount": str(10**17 + 1)}}),
    ("token", {"permitted": {"token": "0x" + "33" * 20}}),
    ("spender", {"spender": other.address}),
    ("nonce", {"nonce": "8"}),
    ("deadline", {"deadline": str(DEADLINE + 1)}),
    ("recipient", {"witness": {"to": other.address}}),
    ("facilitator", {"witness": {"facilitator": other.address}}),
    ("valid_after", {"witness": {"validAfter": "0"}}),
    ("witness_members_swapped", {"witness": {"to": "0x" + "22" * 20, "facilitator": server.address}}),
):
    permit(f"changed_{name}", payment(changes=change), "NotThePayer")
permit("changed_network", payment(network="eip155:84532"), "NotThePayer")
permit("changed_chain_typed", typed(domain={"chainId": 1}), "NotThePayer")
permit("signed_with_a_version", payment(payer.sign(digest_of(domain={**PERMIT_DOMAIN, "version": "1"}))), "NotThePayer")
permit("signed_for_another_contract", payment(payer.sign(digest_of(domain={**PERMIT_DOMAIN, "verifyingContract": TOKEN}))), "NotThePayer")
permit("signed_for_another_name", payment(payer.sign(digest_of(domain={**PERMIT_DOMAIN, "name": "permit2"}))), "NotThePayer")
permit("signed_with_the_witness_swapped", payment(payer.sign(digest_of(types=SWAPPED))), "NotThePayer")
permit("signed_without_the_facilitator", payment(payer.sign(digest_of(types=EXACT))), "NotThePayer")
permit("signed_as_a_message", payment(payer.sign(keccak(b"\x19Ethereum Signed Message:\n32" + digest_of()))), "NotThePayer")
permit("domain_with_a_version", typed(domain={"version": "1"}), "OtherDomain")
permit("domain_with_a_salt", typed(domain={"salt": "0x" + "00" * 32}), "OtherDomain")
permit("domain_of_another_name", typed(domain={"name": "permit2"}), "OtherDomain")
permit("domain_of_another_contract", typed(domain={"verifyingContract": TOKEN}), "OtherDomain")
permit("domain_without_a_chain", typed(domain={"chainId": ...}), "Member(Missing:chainId)")
permit("chain_beyond_64_bits", typed(domain={"chainId": 2**64}), "NotAChain")
permit("types_of_its_own", typed(types={}), "Member(Unknown:message)")
permit("scheme_exact", payment(scheme="exact"), "OtherScheme")
for name, network in (
    ("by_name", "base"),
    ("solana", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"),
    ("zero", "eip155:0"),
    ("with_a_leading_zero", "eip155:08453"),
    ("in_hexadecimal", "eip155:0x2105"),
    ("beyond_64_bits", f"eip155:{2**64}"),
):
    permit(f"network_{name}", payment(network=network), "NotAChain")
permit("signature_other_key_of_the_two", payment(written(r, s, 28 - odd)), "NotThePayer")
permit("signature_high_s", payment(written(r, N - s, 28 - odd)), "Signature(HighS)")
permit("signature_half_and_one", payment(written(r, N // 2 + 1, 27)), "Signature(HighS)")
for last in (2, 3, 5, 26, 29, 37):
    permit(f"signature_recovery_{last}", payment(written(r, s, last)), "Signature(OtherRecovery)")
permit("signature_of_64_bytes", payment(written(r, s, 27)[:-2]), "Signature(NotASignature)")
permit("signature_of_66_bytes", payment(written(r, s, 27) + "00"), "Signature(NotASignature)")
permit("signature_without_prefix", payment(written(r, s, 27)[2:]), "Signature(NotASignature)")
permit("signature_in_base64", payment(base64.b64encode(bytes(65)).decode()), "Signature(NotASignature)")
permit("signature_empty", payment("0x"), "Signature(NotASignature)")
permit("signature_r_zero", payment(written(0, s, 27)), "Signature(OutOfRange)")
permit("signature_s_zero", payment(written(r, 0, 27)), "Signature(OutOfRange)")
permit("signature_r_of_the_order", payment(written(N, s, 27)), "Signature(OutOfRange)")
permit("signature_s_of_the_order", payment(written(r, N, 27)), "Signature(OutOfRange)")
permit("signature_r_on_no_point", payment(written(next(x for x in range(1, 99) if not lifted(x, 0)), s, 27)), "Signature(NoKey)")
# s·R is z·G, so that the key would be the point at infinity.
nonce_point = times(12345, G)
nowhere = int.from_bytes(digest_of(), "big") * pow(12345, -1, N) % N
nowhere, nonce_odd = (nowhere, nonce_point[1] % 2) if nowhere <= N // 2 else (N - nowhere, 1 - nonce_point[1] % 2)
permit("signature_of_no_key", payment(written(nonce_point[0], nowhere, 27 + nonce_odd)), "Signature(NoKey)")
permit("checksum_wrong", payment(changes={"spender": other_case(MESSAGE["spender"])}), "Member(WrongChecksum:spender)")
permit("checksum_wrong_of_the_payer", payment(changes={"from": other_case(payer.address) or "0x" + "aA" * 20}), "Member(WrongChecksum:from)")
permit("address_short", payment(changes={"witness": {"to": server.address[:-2]}}), "Member(NotAnAddress:to)")
permit("address_a_number", payment(changes={"spender": 1}), "Member(NotAnAddress:spender)")
for name, number, expected in (
    ("above_256_bits", str(2**256), "TooLarge"),
    ("far_above_256_bits", "9" * 500, "TooLarge"),
    ("negative", "-1", "NotANumber"),
    ("with_a_plus", "+1", "NotANumber"),
    ("with_a_leading_zero", "01", "NotANumber"),
    ("with_a_separator", "1_000", "NotANumber"),
    ("a_fraction", "1.5", "NotANumber"),
    ("with_an_exponent", "1e3", "NotANumber"),
    ("in_hexadecimal", "0x10", "NotANumber"),
    ("empty", "", "NotANumber"),
    ("with_a_space", " 1", "NotANumber"),
    ("in_other_digits", "١", "NotANumber"),
):
    permit(f"amount_{name}", payment(changes={"permitted": {"amount": number}}), f"Member({expected}:amount)")
for name, number, expected in (
    ("above_256_bits", 2**256, "TooLarge"),
    ("negative", -1, "NotANumber"),
    ("a_fraction", 1.5, "NotANumber"),
    ("true", True, "NotANumber"),
    ("null", None, "NotANumber"),
    ("a_list", [1], "NotANumber"),
):
    permit(f"deadline_without_quotes_{name}", payment(changes={"deadline": number}), f"Member({expected}:deadline)")
permit("amount_with_an_exponent_without_quotes", text_of(payment()).replace(f'"{10**17}"', "1e17"), "Member(NotANumber:amount)")
permit("nonce_in_short_hexadecimal", payment(changes={"nonce": "0x8"}), "Member(NotANumber:nonce)")
for name in ("spender", "nonce", "deadline", "permitted", "witness", "from"):
    permit(f"without_{name}", payment(changes={name: ...}), f"Member(Missing:{name})")
permit("without_the_facilitator", payment(changes={"witness": {"facilitator": ...}}), "Member(Missing:facilitator)")
permit("without_the_signature", merged(payment(), {"payload": {"signature": ...}}), "Member(Missing:signature)")
permit("witness_with_more", payment(changes={"witness": {"extra": "0x"}}), "Member(Unknown:facilitator)")
permit("message_with_more", payment(changes={"requestedAmount": "1"}), "Member(Unknown:permitted)")
permit("permitted_with_more", payment(changes={"permitted": {"decimals": 18}}), "Member(Unknown:token)")
permit("payload_with_more", payment(authorization={}), "Member(Unknown:permit2Authorization)")
permit("typed_with_from", typed(message={"from": payer.address}), "Member(Unknown:permitted)")
permit("witness_a_list", payment(changes={"witness": [server.address, TOKEN, 0]}), "Member(NotAnObject:witness)")
permit("member_twice", text_of(payment()).replace('"deadline"', '"deadline": "9", "deadline"'), "Member(NotAnObject:permit2Authorization)")
permit("member_twice_by_an_escape", text_of(payment()).replace('"deadline"', '"deadlin\\u0065": "9", "deadline"'), "Member(NotAnObject:permit2Authorization)")
permit("payload_twice", text_of(payment())[:-1] + ', "payload": {}}', "NotJson")
permit("both_shapes", {**payment(), **typed()}, "NotAPermit")
permit("neither_shape", {"signature": payer.sign(digest_of())}, "NotAPermit")
permit("of_eip_3009", merged(payment(), {"payload": {"permit2Authorization": ..., "authorization": {}}}), "Member(Missing:permit2Authorization)")
permit("a_list", [payment()], "NotJson")
permit("trailing", text_of(payment()) + "{}", "NotJson")
permit("truncated", text_of(payment())[:-1], "NotJson")

# --- Receipts ---------------------------------------------------------------------------------------------------------

ISSUED = 1_770_919_000
TERMS = {
    "version": 1,
    "network": "eip155:8453",
    "resourceUrl": "https://example.com/weather",
    "payer": payer.address,
    "issuedAt": ISSUED,
    "transaction": "",
}


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Signer:
    def __init__(self):
        self.key = ed25519.Ed25519PrivateKey.generate()
        self.public = self.key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64url(self.public)}

    def kid(self, **changes):
        return "did:jwk:" + b64url(json.dumps(merged(self.jwk, changes)).encode())


signer, unrelated = Signer(), Signer()
receipts = []


def receipt(name, made, expected, under=None):
    if isinstance(under, Account):
        under = {"account": under.address}
    elif isinstance(under, Signer):
        under = {"ed25519": under.public.hex()}
    receipts.append({"name": name, "receipt": text_of(made), "under": under, "expected": expected})


def receipt_digest(terms=TERMS, domain=None, types=RECEIPT):
    return typed_digest(types, "Receipt", domain or RECEIPT_DOMAIN, terms)


def by_account(account=server, terms=TERMS, shown=None, signature=None, **more):
    payload = merged(terms, shown or {})
    return {"format": "eip712", "payload": payload, "signature": signature or account.sign(receipt_digest(terms)), **more}


receipt("good", by_account(), "given", server)
receipt("good_without_a_key", by_account(), "recovered:" + server.address)
receipt("good_with_a_transaction", by_account(terms={**TERMS, "transaction": "0x" + "ab" * 32}), "given", server)
receipt("good_of_another_network", by_account(terms={**TERMS, "network": "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"}), "given", server)
receipt("signed_by_an_unrelated_key", by_account(other), "NotTheSigner", server)
receipt("signed_by_an_unrelated_key_without_a_key", by_account(other), "recovered:" + other.address)
for name, change in (
    ("payer", {"payer": other.address}),
    ("payer_in_lower_case", {"payer": payer.address.lower()}),
    ("network", {"network": "eip155:84532"}),
    ("resource", {"resourceUrl": "https://example.com/whether"}),
    ("time", {"issuedAt": ISSUED + 1}),
    ("transaction", {"transaction": "0x" + "ab" * 32}),
):
    receipt(f"changed_{name}", by_account(shown=change), "NotTheSigner", server)
chained = typed_digest(RECEIPT, "Receipt", {**RECEIPT_DOMAIN, "chainId": 8453}, TERMS)
receipt("signed_for_the_chain_of_the_payment", by_account(signature=server.sign(chained)), "NotTheSigner", server)
offer = typed_digest(RECEIPT, "Receipt", {**RECEIPT_DOMAIN, "name": "x402 offer"}, TERMS)
receipt("signed_as_an_offer", by_account(signature=server.sign(offer)), "NotTheSigner", server)
plain = typed_digest(RECEIPT, "Receipt", {"name": "x402 receipt", "chainId": 1}, TERMS)
receipt("signed_without_a_version_of_the_domain", by_account(signature=server.sign(plain)), "NotTheSigner", server)
older = {"Receipt": [member for member in RECEIPT["Receipt"] if member[0] != "version"]}
receipt("signed_without_a_version", by_account(signature=server.sign(receipt_digest(types=older))), "NotTheSigner", server)
reordered = {"Receipt": sorted(RECEIPT["Receipt"])}
receipt("signed_in_another_order", by_account(signature=server.sign(receipt_digest(types=reordered))), "NotTheSigner", server)
rr, rs, rodd = server.numbers(receipt_digest())
receipt("account_signature_high_s", by_account(signature=written(rr, N - rs, 28 - rodd)), "Signature(HighS)", server)
receipt("account_signature_recovery_5", by_account(signature=written(rr, rs, 5)), "Signature(OtherRecovery)", server)
receipt("account_signature_of_64_bytes", by_account(signature=written(rr, rs, 27)[:-2]), "Signature(NotASignature)", server)
receipt("account_key_of_the_other_kind", by_account(), "OtherKind", signer)
for name in ("version", "network", "resourceUrl", "payer", "issuedAt", "transaction"):
    receipt(f"without_{name}", by_account(shown={name: ...}), f"Member(Missing:{name})", server)
receipt("version_2", by_account(shown={"version": 2}), "OtherVersion", server)
receipt("version_a_text", by_account(shown={"version": "1"}), "Member(NotANumber:version)", server)
receipt("time_a_text", by_account(shown={"issuedAt": str(ISSUED)}), "Member(NotANumber:issuedAt)", server)
receipt("time_a_fraction", by_account(shown={"issuedAt": ISSUED + 0.5}), "Member(NotANumber:issuedAt)", server)
receipt("time_negative", by_account(shown={"issuedAt": -1}), "Member(NotANumber:issuedAt)", server)
receipt("time_in_milliseconds", by_account(shown={"issuedAt": ISSUED * 1000}), "Member(TooLarge:issuedAt)", server)
receipt("time_beyond_64_bits", by_account(shown={"issuedAt": 2**64}), "Member(TooLarge:issuedAt)", server)
receipt("network_by_name", by_account(shown={"network": "base"}), "NotANetwork", server)
receipt("network_in_capitals", by_account(shown={"network": "EIP155:8453"}), "NotANetwork", server)
receipt("payer_empty", by_account(shown={"payer": ""}), "Member(Missing:payer)", server)
receipt("payer_with_a_line_break", by_account(shown={"payer": payer.address + "\n"}), "Member(NotText:payer)", server)
receipt("resource_long", by_account(shown={"resourceUrl": "https://example.com/" + "x" * 2048}), "Member(NotText:resourceUrl)", server)
receipt("payload_with_more", by_account(shown={"amount": "5"}), "Member(Unknown:version)", server)
receipt("more_beside_the_payload", by_account(acceptIndex=0), "Member(Unknown:format)", server)
receipt("without_the_payload", {"format": "eip712", "signature": server.sign(receipt_digest())}, "Member(Missing:payload)", server)
receipt("payload_twice", text_of(by_account()).replace('"payload"', '"payload": {}, "payload"'), "NotJson", server)
receipt("member_twice", text_of(by_account()).replace('"payer"', '"payer": "x", "payer"'), "Member(NotAnObject:payload)", server)
receipt("format_in_capitals", {**by_account(), "format": "EIP712"}, "OtherFormat", server)
receipt("format_missing", merged(by_account(), {"format": ...}), "Member(Missing:format)", server)
receipt("no_json", "receipt", "NotJson", server)


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


SHORT = {name: value for name, value in TERMS.items() if name != "transaction"}


def by_jws(by=signer, header=None, terms=SHORT, payload=None, parts=None, signature=None, **more):
    header = merged({"alg": "EdDSA", "kid": by.kid()}, header or {}) if not isinstance(header, str) else header
    first = b64url(text_of(header).encode())
    second = b64url(canonical(terms) if payload is None else payload)
    signed = by.key.sign(f"{first}.{second}".encode()) if signature is None else signature
    three = [first, second, b64url(signed)]
    return {"format": "jws", "signature": ".".join(parts(three) if parts else three), **more}


def bent(text):
    """The last digit of base64url with a stray bit."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) | 1]


receipt("jws_good", by_jws(), "named")
receipt("jws_good_under_the_key", by_jws(), "given", signer)
receipt("jws_good_with_a_transaction", by_jws(terms={**TERMS, "transaction": "0x" + "ab" * 32}), "given", signer)
receipt("jws_good_with_an_empty_transaction", by_jws(terms=TERMS), "given", signer)
receipt("jws_good_with_a_fragment", by_jws(header={"kid": signer.kid() + "#0"}), "named")
receipt("jws_good_with_alg_and_use_of_the_key", by_jws(header={"kid": signer.kid(alg="EdDSA", use="sig")}), "named")
receipt("jws_good_with_the_key_it_names", by_jws(header={"jwk": signer.jwk}), "named")
receipt("jws_good_with_letters_and_quotes", by_jws(terms={**SHORT, "resourceUrl": 'https://example.com/é?q="\\\U0001f600/'}), "given", signer)
receipt("jws_good_of_a_site", by_jws(header={"kid": "did:web:example.com#key-1"}), "given", signer)
receipt("jws_of_a_site_without_a_key", by_jws(header={"kid": "did:web:example.com#key-1"}), "Jws(NoKeyNamed)")
receipt("jws_signed_by_an_unrelated_key", by_jws(unrelated), "Jws(OtherKey)", signer)
receipt("jws_signed_by_an_unrelated_key_it_names", by_jws(unrelated), "named")
receipt("jws_kid_of_another_key", by_jws(header={"kid": unrelated.kid()}), "Jws(OtherKey)", signer)
receipt("jws_kid_of_another_key_without_a_key", by_jws(header={"kid": unrelated.kid()}), "Jws(NotSigned)")
receipt("jws_of_a_site_by_an_unrelated_key", by_jws(unrelated, header={"kid": "did:web:example.com#key-1"}), "Jws(NotSigned)", signer)
receipt("jws_key_of_the_other_kind", by_jws(), "OtherKind", server)
receipt("jws_payload_changed", by_jws(parts=lambda all: [all[0], b64url(canonical({**SHORT, "issuedAt": ISSUED + 1})), all[2]]), "Jws(NotSigned)", signer)
receipt("jws_header_changed", by_jws(parts=lambda all: [b64url(json.dumps({"kid": signer.kid(), "alg": "EdDSA"}).encode())] + all[1:]), "Jws(NotSigned)", signer)
receipt("jws_signature_changed", by_jws(signature=bytes([1]) + bytes(63)), "Jws(NotSigned)", signer)
receipt("jws_signature_of_63_bytes", by_jws(signature=bytes(63)), "Jws(NotASignature)", signer)
receipt("jws_signature_of_65_bytes", by_jws(signature=bytes(65)), "Jws(NotASignature)", signer)
receipt("jws_signature_empty", by_jws(signature=b""), "Jws(NotASignature)", signer)
# A key of small order signs anything: the neutral element, with itself as R and 0 as S.
neutral = bytes([1]) + bytes(31)
weak = {"alg": "EdDSA", "kid": "did:jwk:" + b64url(json.dumps({**signer.jwk, "x": b64url(neutral)}).encode())}
receipt("jws_key_of_small_order", by_jws(header=weak, signature=neutral + bytes(32)), "Jws(NotSigned)")
order = 2**252 + 27742317777372353535851937790883648493
whole = base64.urlsafe_b64decode(by_jws()["signature"].split(".")[2] + "==")
larger = (int.from_bytes(whole[32:], "little") + order).to_bytes(32, "little")
receipt("jws_signature_with_a_larger_s", by_jws(signature=whole[:32] + larger), "Jws(NotSigned)", signer)
receipt("jws_alg_none", by_jws(header={"alg": "none"}, signature=b""), "Jws(Unsigned)", signer)
receipt("jws_alg_none_in_capitals", by_jws(header={"alg": "None"}), "Jws(Unsigned)", signer)
for name in ("ES256", "ES256K", "HS256", "RS256", "Ed25519", "eddsa"):
    receipt(f"jws_alg_{name}", by_jws(header={"alg": name}), "Jws(OtherAlgorithm)", signer)
receipt("jws_alg_missing", by_jws(header={"alg": ...}), "Jws(OtherAlgorithm)", signer)
receipt("jws_crit", by_jws(header={"crit": ["b64"], "b64": False}), "Jws(Critical)", signer)
receipt("jws_unencoded", by_jws(header={"b64": False}), "Jws(UnknownHeader)", signer)
receipt("jws_typ", by_jws(header={"typ": "JWT"}), "Jws(UnknownHeader)", signer)
receipt("jws_own_key", by_jws(unrelated, header={"kid": signer.kid(), "jwk": unrelated.jwk}), "Jws(OwnKey)", signer)
receipt("jws_own_key_of_a_site", by_jws(unrelated, header={"kid": "did:web:example.com#key-1", "jwk": unrelated.jwk}), "Jws(OwnKey)")
receipt("jws_own_key_null", by_jws(header={"jwk": None}), "Jws(OwnKey)", signer)
for name in ("jku", "x5u", "x5c", "x5t"):
    receipt(f"jws_{name}", by_jws(header={name: "https://example.com/keys"}), "Jws(OwnKey)", signer)
receipt("jws_kid_missing", by_jws(header={"kid": ...}), "Jws(NoKid)", signer)
receipt("jws_kid_a_number", by_jws(header={"kid": 1}), "Jws(NoKid)", signer)
receipt("jws_kid_of_x25519", by_jws(header={"kid": signer.kid(crv="X25519")}), "Jws(NotAKey)", signer)
receipt("jws_kid_of_an_elliptic_key", by_jws(header={"kid": signer.kid(kty="EC")}), "Jws(NotAKey)", signer)
receipt("jws_kid_with_a_private_key", by_jws(header={"kid": signer.kid(d=b64url(bytes(32)))}), "Jws(NotAKey)", signer)
receipt("jws_kid_for_encryption", by_jws(header={"kid": signer.kid(use="enc")}), "Jws(NotAKey)", signer)
receipt("jws_kid_with_a_short_key", by_jws(header={"kid": signer.kid(x=b64url(bytes(31)))}), "Jws(NotAKey)", signer)
receipt("jws_kid_with_a_stray_bit", by_jws(header={"kid": signer.kid(x=bent(signer.jwk["x"]))}), "Jws(NotAKey)", signer)
receipt("jws_kid_not_base64url", by_jws(header={"kid": signer.kid() + "="}), "Jws(NotAKey)", signer)
receipt("jws_kid_of_another_fragment", by_jws(header={"kid": signer.kid() + "#1"}), "Jws(NotAKey)", signer)
receipt("jws_kid_with_a_member_twice", by_jws(header={"kid": "did:jwk:" + b64url((text_of(signer.jwk)[:-1] + f', "x": "{unrelated.jwk["x"]}"}}').encode())}), "Jws(NotAKey)", signer)
receipt("jws_header_with_a_member_twice", by_jws(header=f'{{"alg": "EdDSA", "kid": "{signer.kid()}", "alg": "EdDSA"}}'), "Jws(NotAHeader)", signer)
receipt("jws_header_a_list", by_jws(header='["EdDSA"]'), "Jws(NotAHeader)", signer)
receipt("jws_two_parts", by_jws(parts=lambda all: all[:2]), "Jws(NotThreeParts)", signer)
receipt("jws_four_parts", by_jws(parts=lambda all: all + [all[2]]), "Jws(NotThreeParts)", signer)
receipt("jws_five_parts", by_jws(parts=lambda all: all + ["", ""]), "Jws(NotThreeParts)", signer)
receipt("jws_header_padded", by_jws(parts=lambda all: [all[0] + "=" * (-len(all[0]) % 4 or 4)] + all[1:]), "Jws(NotBase64Url)", signer)
receipt("jws_signature_padded", by_jws(parts=lambda all: all[:2] + [all[2] + "=="]), "Jws(NotBase64Url)", signer)
receipt("jws_signature_with_a_stray_bit", by_jws(parts=lambda all: all[:2] + [bent(all[2])]), "Jws(NotBase64Url)", signer)
receipt("jws_signature_in_the_other_alphabet", by_jws(parts=lambda all: all[:2] + ["+" + all[2][1:]]), "Jws(NotBase64Url)", signer)
receipt("jws_with_a_line_break", {**by_jws(), "signature": by_jws()["signature"] + "\n"}, "Jws(NotBase64Url)", signer)
receipt("jws_payload_with_spaces", by_jws(payload=json.dumps(SHORT, sort_keys=True).encode()), "Jws(NotCanonical)", signer)
receipt("jws_payload_in_another_order", by_jws(payload=json.dumps(SHORT, separators=(",", ":")).encode()), "Jws(NotCanonical)", signer)
receipt("jws_payload_with_an_escape", by_jws(payload=canonical(SHORT).replace(b"payer", b"paye\\u0072")), "Jws(NotCanonical)", signer)
receipt("jws_payload_with_an_escaped_slash", by_jws(payload=canonical(SHORT).replace(b"https://", b"https:\\/\\/")), "Jws(NotCanonical)", signer)
receipt("jws_payload_with_an_exponent", by_jws(payload=canonical(SHORT).replace(str(ISSUED).encode(), b"1.770919e9")), "Member(NotANumber:issuedAt)", signer)
receipt("jws_payload_with_a_line_break", by_jws(payload=canonical(SHORT) + b"\n"), "Jws(NotCanonical)", signer)
receipt("jws_payload_with_a_member_twice", by_jws(payload=canonical(SHORT)[:-1] + b',"version":1}'), "Jws(NotAPayload)", signer)
receipt("jws_payload_with_more", by_jws(terms={**SHORT, "amount": "5"}), "Member(Unknown:version)", signer)
receipt("jws_payload_null_transaction", by_jws(terms={**SHORT, "transaction": None}), "Member(NotText:transaction)", signer)
receipt("jws_payload_an_offer", by_jws(terms={"version": 1, "scheme": "exact"}), "Member(Missing:issuedAt)", signer)
receipt("jws_payload_not_text", by_jws(payload=b"\xff"), "Jws(NotAPayload)", signer)
receipt("jws_payload_empty", by_jws(payload=b""), "Jws(NotAPayload)", signer)
receipt("jws_payload_version_2", by_jws(terms={**SHORT, "version": 2}), "OtherVersion", signer)
receipt("jws_two_payloads", by_jws() | {"payload": TERMS}, "TwoPayloads", signer)
receipt("jws_two_payloads_null", by_jws() | {"payload": None}, "TwoPayloads", signer)

# --- Headers ----------------------------------------------------------------------------------------------------------

headers = []
SETTLED = {"success": True, "transaction": "0x" + "ab" * 32, "network": "eip155:8453", "payer": payer.address}


def header(name, made, expected, padded=None):
    text = padded or base64.b64encode(text_of(made).encode()).decode()
    headers.append({"name": name, "header": text, "expected": expected})


header("success_unsigned", SETTLED, "claimed settled")
header("success_with_an_amount", {**SETTLED, "amount": "2350000"}, "claimed settled")
header("success_with_an_older_amount", {**SETTLED, "settledAmount": "2350000"}, "claimed settled")
header("success_without_a_transaction", {**SETTLED, "transaction": ""}, "claimed queued")
header("success_alone", {"success": True}, "claimed queued")
header("success_with_nulls", {**SETTLED, "transaction": None, "errorReason": None}, "claimed queued")
header("success_of_an_older_version", {**SETTLED, "network": "base"}, "claimed settled")
header("success_with_a_receipt", {**SETTLED, "extensions": {"offer-receipt": {"info": {"receipt": by_jws()}}}}, "claimed settled, named")
header("success_with_a_receipt_of_no_form", {**SETTLED, "extensions": {"offer-receipt": {"info": {"receipt": {}}}}}, "claimed settled, Member(Missing:format)")
header("success_with_other_extensions", {**SETTLED, "extensions": {"bazaar": {}}}, "claimed settled")
header("failure", {"success": False, "errorReason": "insufficient_funds", "network": "eip155:84532"}, "claimed none")
header("failure_with_a_transaction", {**SETTLED, "success": False}, "claimed none")
header("success_a_text", {**SETTLED, "success": "true"}, "Member(NotTruth:success)")
header("success_a_number", {**SETTLED, "success": 1}, "Member(NotTruth:success)")
header("success_missing", merged(SETTLED, {"success": ...}), "Member(Missing:success)")
header("success_twice", text_of(SETTLED)[:-1] + ', "success": false}', "NotJson")
header("payer_a_number", {**SETTLED, "payer": 1}, "Member(NotText:payer)")
header("payer_with_a_line_break", {**SETTLED, "payer": "a\nb"}, "Member(NotText:payer)")
header("amount_negative", {**SETTLED, "amount": "-1"}, "Member(NotANumber:amount)")
header("extensions_a_list", {**SETTLED, "extensions": [1]}, "Member(NotAnObject:extensions)")
header("a_list", [SETTLED], "NotJson")
header("not_base64", None, "NotBase64", text_of(SETTLED))
header("not_padded", None, "NotBase64", base64.b64encode(b'{"success":true }').decode().rstrip("="))
header("in_the_other_alphabet", None, "NotBase64", base64.urlsafe_b64encode('{"success":true,"payer":"\u07ff\u07ff"}'.encode()).decode())

# --- Costs ------------------------------------------------------------------------------------------------------------

costs = []
decimal.getcontext().prec = 28


def dollars(units, price):
    """As the gateway works it out: in decimals of 28 digits."""
    return format(decimal.Decimal(units) / decimal.Decimal(10) ** 18 * decimal.Decimal(price), "f")


def response(units=1_234_567_890_123, price="0.1234", usd=None, usage=None, block=None):
    made = {"prompt_tokens": 11, "completion_tokens": 31, "total_tokens": 42, "reasoning_tokens": 5}
    cost = {"cost_opg": str(units), "cost_usd": usd or dollars(units, price), "opg_price_usd": price}
    return {"id": "r1", "usage": merged(made, usage or {}), "opengradient": merged(cost, block or {})}


def cost(name, made, expected="0"):
    costs.append({"name": name, "response": text_of(made), "expected": expected})


def off_by_one(text):
    return text[:-1] + str((int(text[-1]) + 1) % 10)


long_price = "0.123456789012345678"
cost("good", response())
cost("good_of_a_whole_price", response(price="2"))
cost("good_of_nothing", response(units=0))
cost("good_of_one_unit", response(units=1, price="0.000000123"))
cost("good_with_zeros_at_the_end", response(usd=dollars(1_234_567_890_123, "0.1234") + "000"))
assert len(str(int(1_234_567_890_123_456_789_012 * 123456789012345678))) > 28
cost("good_rounded", response(units=1_234_567_890_123_456_789_012, price=long_price))
for digit in (1, 3, 5, 7, 9):
    # Five times a number of 28 digits: the half of an odd one is halfway between two numbers of 28 digits.
    cost(f"good_rounded_at_the_half_{digit}", response(units=2 * 10**27 + digit, price="0.5"))
cost("good_of_many_zeros", response(units=10**40, price="0.1"))
cost("good_cost_without_quotes", response(block={"cost_opg": 1_234_567_890_123}))
cost("good_more_tokens_than_two_parts", response(usage={"total_tokens": 50}), "8")
cost("good_no_tokens", response(usage={"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}))
cost("tokens_off_by_one", response(usage={"total_tokens": 41}), "TokensDoNotAddUp")
cost("tokens_beyond_64_bits_together", response(usage={"prompt_tokens": 2**64 - 1}), "TokensDoNotAddUp")
cost("dollars_off_by_one", response(usd=off_by_one(dollars(1_234_567_890_123, "0.1234"))), "DollarsDoNotFollow")
cost("dollars_off_by_one_when_rounded", response(units=1_234_567_890_123_456_789_012, price=long_price, usd=off_by_one(dollars(1_234_567_890_123_456_789_012, long_price))), "DollarsDoNotFollow")
cost("dollars_rounded_up_at_the_half", response(units=2 * 10**27 + 1, price="0.5", usd="1000000000.000000000000000001"), "DollarsDoNotFollow")
cost("cost_off_by_one", response(block={"cost_opg": "1234567890124"}), "DollarsDoNotFollow")
cost("price_off_by_one", response(block={"opg_price_usd": "0.1235"}), "DollarsDoNotFollow")
cost("dollars_of_a_token_with_six_decimals", response(units=10**6, price="1", usd="1"), "DollarsDoNotFollow")
cost("price_zero", response(price="0.000"), "NoPrice")
cost("cost_of_29_digits", response(units=10**28 + 1, price="1", usd="10000000000.0000000000"), "Member(TooLarge:cost_opg)")
cost("cost_negative", response(block={"cost_opg": "-1"}), "Member(NotANumber:cost_opg)")
cost("cost_a_fraction", response(block={"cost_opg": "1.5"}), "Member(NotANumber:cost_opg)")
cost("dollars_without_quotes", response(block={"cost_usd": 0.5}), "Member(NotADecimal:cost_usd)")
for name, text in (
    ("negative", "-0.5"),
    ("with_an_exponent", "1E-7"),
    ("with_two_points", "1.2.3"),
    ("with_a_comma", "1,5"),
    ("without_a_whole", ".5"),
    ("without_a_fraction", "5."),
    ("not_a_number", "NaN"),
    ("empty", ""),
    ("of_29_digits", "0.12345678901234567890123456789"),
    ("with_a_leading_zero", "00.5"),
):
    cost(f"dollars_{name}", response(block={"cost_usd": text}), "Member(NotADecimal:cost_usd)")
cost("price_negative", response(block={"opg_price_usd": "-0.1234"}), "Member(NotADecimal:opg_price_usd)")
cost("tokens_negative", response(usage={"prompt_tokens": -1}), "Member(NotANumber:prompt_tokens)")
cost("tokens_a_fraction", response(usage={"total_tokens": 42.0}), "Member(NotANumber:total_tokens)")
cost("tokens_a_text", response(usage={"total_tokens": "42"}), "Member(NotANumber:total_tokens)")
cost("tokens_beyond_64_bits", response(usage={"total_tokens": 2**64}), "Member(TooLarge:total_tokens)")
for name in ("prompt_tokens", "completion_tokens", "total_tokens"):
    cost(f"without_{name}", response(usage={name: ...}), f"Member(Missing:{name})")
for name in ("cost_opg", "cost_usd", "opg_price_usd"):
    cost(f"without_{name}", response(block={name: ...}), f"Member(Missing:{name})")
cost("without_usage", merged(response(), {"usage": ...}), "Member(Missing:usage)")
cost("without_the_block", merged(response(), {"opengradient": ...}), "Member(Missing:opengradient)")
cost("block_null", {**response(), "opengradient": None}, "Member(NotAnObject:opengradient)")
cost("member_twice", text_of(response()).replace('"cost_opg"', '"cost_opg": "1", "cost_opg"'), "Member(NotAnObject:opengradient)")
cost("usage_twice", text_of(response())[:-1] + ', "usage": {}}', "NotJson")
cost("a_list", [response()], "NotJson")

# --- Out --------------------------------------------------------------------------------------------------------------

LISTS = {"addresses": addresses, "permits": permits, "receipts": receipts, "headers": headers, "costs": costs}
for made in LISTS.values():
    names = [vector["name"] for vector in made]
    assert len(set(names)) == len(names), sorted(name for name in names if names.count(name) > 1)
text = {
    "payer": payer.address,
    "server": server.address,
    "token": TOKEN,
    "amount": str(10**17),
    "nonce": str(MESSAGE["nonce"]),
    "valid_after": VALID_AFTER,
    "deadline": DEADLINE,
    "issued": ISSUED,
    "ed25519": signer.public.hex(),
    **LISTS,
}
HERE = os.path.dirname(os.path.abspath(__file__))


def put(path, data):
    with open(os.path.join(HERE, path), "wb") as out:
        out.write(data)


put("../vectors/payment.json", json.dumps(text, indent=1, ensure_ascii=False).encode() + b"\n")

os.makedirs(os.path.join(HERE, "../../fuzz/corpus/payment"), exist_ok=True)
SEEDS = (
    ("permit", permits, "permit", ("good", "good_typed", "good_nonce_in_hexadecimal", "signature_high_s", "member_twice", "amount_above_256_bits", "domain_with_a_version")),
    ("receipt", receipts, "receipt", ("good", "jws_good", "jws_good_with_the_key_it_names", "jws_alg_none", "jws_payload_with_spaces", "network_by_name", "jws_four_parts")),
    ("header", headers, "header", ("success_unsigned", "success_with_a_receipt", "failure", "success_twice")),
    ("cost", costs, "response", ("good", "good_rounded", "dollars_with_an_exponent")),
    ("address", addresses, "text", ("good_0", "lower_case", "checksum_wrong")),
)
for kind, made, member, names in SEEDS:
    for vector in made:
        if vector["name"] in names:
            put(f"../../fuzz/corpus/payment/{kind}_{vector['name']}", vector[member].encode())
