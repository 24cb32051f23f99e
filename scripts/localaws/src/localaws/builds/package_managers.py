"""Parses the commands of the system's package managers in a Dockerfile."""

import posixpath

MANAGERS = frozenset({"apt", "apt-get", "dnf", "microdnf", "yum"})
# They only change what packages can be had, in which version, or how the image is stored.
_WITHOUT_EFFECT = frozenset(
    {"autoclean", "autoremove", "check-update", "clean", "erase", "makecache", "remove", "update", "upgrade"}
)
_FLAGS = frozenset(
    {
        "--allowerasing", "--assumeyes", "--best", "--fix-missing", "--no-install-recommends", "--nobest", "--nodocs",
        "--nogpgcheck", "--quiet", "--refresh", "--skip-broken", "--yes", "-q", "-qq", "-y", "-yq", "-qy",
    }
)  # fmt: skip
# Their contents aren't part of what a function needs.
_CACHES = ("/root/.cache", "/tmp", "/var/cache", "/var/lib/apt/lists", "/var/lib/dnf", "/var/log", "/var/tmp")  # noqa: S108


def parse_packages(words: list[str]) -> list[str]:
    """The packages that a command of a package manager installs; raises ValueError naming what isn't supported."""
    manager, *rest = words
    names = [word for word in rest if not word.startswith("-")]
    for flag in rest:
        if flag.startswith("-") and flag not in _FLAGS and not flag.startswith(("--setopt=", "--releasever=")):
            raise ValueError(f"{manager}'s flag {flag}")
    verb = names[0] if names else ""
    if verb in _WITHOUT_EFFECT:
        return []
    if verb != "install" or len(names) == 1:
        raise ValueError(f"RUN {' '.join(words)!r} (only install, update and clean)")
    return names[1:]


def removes_caches(words: list[str]) -> bool:
    """Whether a command is an `rm` that removes caches only."""
    paths = [word for word in words[1:] if not word.startswith("-")]
    return words[:1] == ["rm"] and bool(paths) and all(map(_is_cached, paths))


def _is_cached(path: str) -> bool:
    place = posixpath.normpath(path.rstrip("*"))
    return any(place == cache or place.startswith(f"{cache}/") for cache in _CACHES)
