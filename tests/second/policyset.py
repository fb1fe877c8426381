"""The digest of a policy set."""

import re

from forms import label, need, sha256, utf8

_FILE = re.compile(r"[a-z0-9_-]{1,48}\.rhai")


def text(name, version, base, files):
    """The text that is hashed. `base` is a digest or None, `files` maps file names to their bytes."""
    need(all(_FILE.fullmatch(file) or file in ("set.toml", "survival.toml") for file in files), "no file of a policy set")
    need("set.toml" in files, "a policy set without set.toml")
    lines = ["stillgood/policy-set/v1", f"{label(name)} {version}", "-" if base is None else base.hex()]
    lines += [f"{file} {sha256(files[file]).hex()}" for file in sorted(files, key=utf8)]
    return "".join(line + "\n" for line in lines)


def digest(name, version, base, files):
    return sha256(utf8(text(name, version, base, files)))
