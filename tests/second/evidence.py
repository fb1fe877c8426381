"""Evidence: what stands inside the sealed part 2, which a head names."""

import dataclasses

import cbor
from forms import MAX_GENERATION, TIME_HIGH, TIME_LOW, Bad, need
from sealing import DAMAGED, EVIDENCE, PartError, digest, open_part, parse_part

LABEL = "stillgood/evidence/v1"
KIND = (
    "response", "request", "output", "document", "key", "older response", "proof", "receipt", "permit", "headers",
    "key configuration", "heartbeat", "statement",
)
MAX_MATERIALS = 64
MAX_BYTES = 4_194_304


@dataclasses.dataclass(frozen=True)
class Material:
    """One item of an evidence part."""

    kind: str
    attached_at: int
    body_generation: int
    data: bytes


def parse_evidence(plaintext, generation):
    """The materials in a part of this generation, in their order."""
    label, found = cbor.array(plaintext, 2)
    need(label == LABEL, "another kind or version of evidence")
    need(isinstance(found, list) and 1 <= len(found) <= MAX_MATERIALS, "not 1 to 64 materials")
    materials = []
    for item in found:
        need(isinstance(item, list) and len(item) == 4, "material is not an array of 4")
        kind, at, body_generation, data = item
        need(cbor.is_int(kind, 0, len(KIND) - 1), "unknown kind of material")
        need(cbor.is_int(at, TIME_LOW, TIME_HIGH), "attached at is not a time")
        need(cbor.is_int(body_generation, 1, MAX_GENERATION), "body generation out of range")
        need(body_generation <= generation, "body generation above that of the part")
        need(isinstance(data, bytes), "material is not bytes")
        need(1 <= len(data) <= MAX_BYTES, "material not in range")
        materials.append(Material(KIND[kind], at, body_generation, data))
    times = [one.attached_at for one in materials]
    need(times == sorted(times), "attached at goes back")
    need(len({(one.kind, one.data) for one in materials}) == len(materials), "a material stands twice")
    return materials


def open_evidence(epochs, items, sealed, generation=None):
    """Open the evidence part that a head names. `items` are the raw items of the head.

    Of what generation the part is, a head does not say; whoever knows it from beside the part says it here.
    """
    try:
        clear = parse_part(sealed)[5]
    except Bad as error:
        raise PartError(DAMAGED, str(error)) from None
    plaintext = open_part(epochs, EVIDENCE, items[0], clear if generation is None else generation, sealed)
    try:
        need(clear <= items[1], f"evidence of generation {clear} under a head of generation {items[1]}")
        need(digest(sealed) == items[25], "an evidence part that the head does not name")
        return parse_evidence(plaintext, clear)
    except Bad as error:
        raise PartError(DAMAGED, str(error)) from None
