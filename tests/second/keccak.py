"""Keccak-256, straight from the definition of the permutation, and SHA3-256, which differs in its padding alone."""

import hashlib

LANE = (1 << 64) - 1


def turned(lane, by):
    by %= 64
    return (lane << by | lane >> (64 - by)) & LANE


def permuted(a):
    step = 1
    for _ in range(24):
        columns = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
        for x in range(5):
            mixed = columns[x - 1] ^ turned(columns[(x + 1) % 5], 1)
            a[x] = [lane ^ mixed for lane in a[x]]
        x, y, carried = 1, 0, a[1][0]
        for t in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            carried, a[x][y] = a[x][y], turned(carried, (t + 1) * (t + 2) // 2)
        for y in range(5):
            row = [a[x][y] for x in range(5)]
            for x in range(5):
                a[x][y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5] & LANE)
        for bit in range(7):
            if step & 1:
                a[0][0] ^= 1 << ((1 << bit) - 1)
            step = step << 1 ^ (0x171 if step & 0x80 else 0)
    return a


def sponge(data, pad):
    rate = 136
    data = bytearray(data) + bytes([pad])
    data += bytes(-len(data) % rate)
    data[-1] |= 0x80
    a = [[0] * 5 for _ in range(5)]
    for start in range(0, len(data), rate):
        for lane in range(rate // 8):
            word = data[start + 8 * lane : start + 8 * lane + 8]
            a[lane % 5][lane // 5] ^= int.from_bytes(word, "little")
        a = permuted(a)
    return b"".join(a[lane][0].to_bytes(8, "little") for lane in range(4))


def keccak(data):
    return sponge(data, 0x01)


def sha3(data):
    return sponge(data, 0x06)


assert sha3(b"") == hashlib.sha3_256(b"").digest()
assert sha3(b"x" * 300) == hashlib.sha3_256(b"x" * 300).digest()
