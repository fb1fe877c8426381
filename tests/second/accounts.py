"""Accounts of an Ethereum chain, whose keys are new at every run, and what they sign: the hash of typed data."""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from keccak import keccak

# --- secp256k1: only as much as it takes to find out which of two keys a signature is of -------------------------------

P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)


def plus(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(number, point):
    total = None
    while number:
        if number & 1:
            total = plus(total, point)
        point = plus(point, point)
        number >>= 1
    return total


def lifted(x, odd):
    square = (x**3 + 7) % P
    y = pow(square, (P + 1) // 4, P)
    if y * y % P != square:
        return None
    return x, y if y % 2 == odd else P - y


def recovered(digest, r, s, odd):
    inverse = pow(r, -1, N)
    hashed = int.from_bytes(digest, "big")
    return plus(times(-hashed * inverse % N, G), times(s * inverse % N, lifted(r, odd)))


def address_bytes(point):
    return keccak(point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big"))[-20:]


def checksummed(data):
    digits = data.hex()
    halves = keccak(digits.encode()).hex()
    return "0x" + "".join(digit.upper() if int(half, 16) >= 8 else digit for digit, half in zip(digits, halves))


class Account:
    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256K1())
        numbers = self.key.public_key().public_numbers()
        self.point = numbers.x, numbers.y
        self.address = checksummed(address_bytes(self.point))

    def numbers(self, digest):
        """r, s and whether the second coordinate is odd, with s in its low form."""
        signed = self.key.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
        r, s = utils.decode_dss_signature(signed)
        s = min(s, N - s)
        odd = next(odd for odd in (0, 1) if recovered(digest, r, s, odd) == self.point)
        return r, s, odd

    def sign(self, digest, first=27):
        r, s, odd = self.numbers(digest)
        return written(r, s, first + odd)


def written(r, s, last):
    return "0x" + (r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([last])).hex()


# --- The hash of typed data (EIP-712), for any types -------------------------------------------------------------------


def type_text(types, name):
    def one(name):
        return name + "(" + ",".join(f"{kind} {member}" for member, kind in types[name]) + ")"

    used, left = set(), [name]
    while left:
        for _, kind in types[left.pop()]:
            if kind in types and kind not in used:
                used.add(kind)
                left.append(kind)
    return one(name) + "".join(map(one, sorted(used - {name})))


def struct_hash(types, name, value):
    words = [keccak(type_text(types, name).encode())]
    for member, kind in types[name]:
        item = value[member]
        if kind in types:
            words.append(struct_hash(types, kind, item))
        elif kind == "string":
            words.append(keccak(item.encode()))
        elif kind == "address":
            words.append(bytes.fromhex(item[2:]).rjust(32, b"\0"))
        else:
            words.append(int(item).to_bytes(32, "big"))
    return keccak(b"".join(words))


DOMAIN = {"name": "string", "version": "string", "chainId": "uint256", "verifyingContract": "address"}


def typed_digest(types, primary, domain, message):
    members = [(member, kind) for member, kind in DOMAIN.items() if member in domain]
    separator = struct_hash({"EIP712Domain": members}, "EIP712Domain", domain)
    return keccak(b"\x19\x01" + separator + struct_hash(types, primary, message))

# --- What payers and receipts sign -------------------------------------------------------------------------------------

PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3"
assert checksummed(bytes.fromhex(PERMIT2[2:])) == PERMIT2
PERMIT = {
    "PermitWitnessTransferFrom": [
        ("permitted", "TokenPermissions"),
        ("spender", "address"),
        ("nonce", "uint256"),
        ("deadline", "uint256"),
        ("witness", "Witness"),
    ],
    "TokenPermissions": [("token", "address"), ("amount", "uint256")],
    "Witness": [("to", "address"), ("facilitator", "address"), ("validAfter", "uint256")],
}
PERMIT_DOMAIN = {"name": "Permit2", "chainId": 8453, "verifyingContract": PERMIT2}
RECEIPT = {
    "Receipt": [
        ("version", "uint256"),
        ("network", "string"),
        ("resourceUrl", "string"),
        ("payer", "string"),
        ("issuedAt", "uint256"),
        ("transaction", "string"),
    ]
}
RECEIPT_DOMAIN = {"name": "x402 receipt", "version": "1", "chainId": 1}
