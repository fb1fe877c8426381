"""The digest of a policy set."""

import re
import tomllib

from forms import Bad, label, need, sha256, utf8

_FILE = re.compile(r"[a-z0-9_-]{1,48}\.rhai")
OTHERS = ("set.toml", "survival.toml", "survival.note")


def text(name, version, base, files):
    """The text that is hashed. `base` is a digest or None, `files` maps file names to their bytes."""
    need(all(_FILE.fullmatch(file) or file in OTHERS for file in files), "no file of a policy set")
    need("set.toml" in files, "a policy set without set.toml")
    lines = ["stillgood/policy-set/v1", f"{label(name)} {version}", "-" if base is None else base.hex()]
    lines += [f"{file} {sha256(files[file]).hex()}" for file in sorted(files, key=utf8)]
    return "".join(line + "\n" for line in lines)


def digest(name, version, base, files):
    return sha256(utf8(text(name, version, base, files)))


def belongs(file):
    """Whether a file of a folder is part of its set."""
    return file.endswith(".rhai") or file in OTHERS


def of_files(files, base=None):
    """Name, version and digest of the set in these files; `base` gives the digest of the base set of a name."""
    try:
        settings = tomllib.loads(files.get("set.toml", b"").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise Bad("set.toml is not TOML") from None
    name, version, under = settings.get("name"), settings.get("version"), settings.get("base")
    need(isinstance(name, str) and isinstance(version, int) and version >= 1, "set.toml without name or version")
    return name, version, digest(name, version, None if under is None else base(under), files)
