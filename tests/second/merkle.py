"""Trees in the form of OpenZeppelin's StandardMerkleTree, and leaves as they are settled. A leaf is a list of teeId, inputHash,
outputHash, teeSignature and timestamp."""

from enclave import word, x
from keccak import keccak


def encoded(fields):
    """abi.encode(bytes32, bytes32, bytes32, bytes, uint256)."""
    tee, request, output, signature, seconds = fields
    padded = signature + bytes(-len(signature) % 32)
    return tee + request + output + word(5 * 32) + word(seconds) + word(len(signature)) + padded


def twice(data, hashed=keccak):
    return hashed(hashed(data))


def sorted_pair(left, right, hashed=keccak):
    return hashed(min(left, right) + max(left, right))


def tree(hashes_of_leaves, pair=sorted_pair):
    """The nodes as StandardMerkleTree has them: leaves last, in the order of their hashes, from the end."""
    count = len(hashes_of_leaves)
    nodes = [b""] * (2 * count - 1)
    for at, node in enumerate(hashes_of_leaves):
        nodes[len(nodes) - 1 - at] = node
    for at in reversed(range(count - 1)):
        nodes[at] = pair(nodes[2 * at + 1], nodes[2 * at + 2])
    return nodes


def siblings(nodes, at):
    found = []
    while at > 0:
        found.append(nodes[at + 1 if at % 2 else at - 1])
        at = (at - 1) // 2
    return found


def written(fields):
    tee, request, output, signature, seconds = fields
    return [x(tee), x(request), x(output), x(signature), str(seconds)]
