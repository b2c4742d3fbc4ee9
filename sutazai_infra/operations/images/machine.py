"""What a build needs of the machine it runs on: the certificates that it trusts, pip's settings, its proxies.

An image's reference doesn't depend on them, and its last stage must hold nothing of them: an index's address may
carry a password. So they come as files of `.machine`, given to those builds alone whose Dockerfile copies that
folder, which no last stage may.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from configparser import Error as ConfigParserError
from pathlib import Path

from sutazai_infra.operations.images.source import MACHINE, ContextFile, ImageError

__all__ = ["machine_files", "proxies"]

_SYSTEM_BUNDLES = ("etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt")
_BUNDLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")
# What holds in a container as well as here: no path of this machine does.
_ADDRESSES = ("index-url", "extra-index-url", "find-links")
_PLAIN = ("trusted-host", "proxy", "timeout", "default-timeout", "retries")
_ADDRESS = re.compile(r"https?://\S+")
# The engine knows these without a declaration, and keeps them out of an image's history.
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY")


def machine_files(environment: Mapping[str, str], root: Path = Path("/")) -> tuple[ContextFile, ...]:
    """Return `.machine/pip.conf`, and `.machine/ca.pem` where there is a bundle; raises `ImageError`."""
    given = dict(_pip_settings(environment, root))
    kept = {key: found for key in _ADDRESSES if (found := " ".join(_ADDRESS.findall(given.get(key, ""))))}
    kept |= {key: given[key] for key in _PLAIN if key in given}
    bundle = _bundle(given, environment, root)
    certificates = () if bundle is None else (ContextFile(f"{MACHINE}/ca.pem", bundle, executable=False),)
    if certificates:
        kept["cert"] = f"/{MACHINE}/ca.pem"
    text = "[global]\n" + "".join(f"{key} = {value}\n" for key, value in sorted(kept.items()))
    return (*certificates, ContextFile(f"{MACHINE}/pip.conf", text.encode(), executable=False))


def proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the proxies of `environment`, in both spellings that programs read, as build arguments."""
    spelled = [spelling for name in _PROXIES for spelling in (name, name.lower())]
    return {name: environment[name] for name in spelled if environment.get(name)}


def _pip_settings(environment: Mapping[str, str], root: Path) -> Iterator[tuple[str, str]]:
    """Yield pip's settings, a later one above an earlier one: its files, then the environment."""
    for path in _pip_files(environment, root):
        parser = ConfigParser(interpolation=None)
        try:
            parser.read(path)
        except (ConfigParserError, UnicodeDecodeError) as error:
            reason = str(error).splitlines()[0].rstrip(".")
            raise ImageError(f"{path}: pip's settings can't be read: {reason}; correct the file") from error
        for section in ("global", "install"):
            if parser.has_section(section):
                yield from parser.items(section)
    for name, value in environment.items():
        if name.startswith("PIP_") and value:
            yield name.removeprefix("PIP_").lower().replace("_", "-"), value


def _pip_files(environment: Mapping[str, str], root: Path) -> list[Path]:
    named = environment.get("PIP_CONFIG_FILE")
    if named == "/dev/null":
        return []  # pip's way of saying: none at all
    home = Path(environment.get("HOME", "/nonexistent"))
    settings = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    files = [root / "etc/pip.conf", home / ".pip/pip.conf", settings / "pip/pip.conf"]
    return [*files, Path(named)] if named else files


def _bundle(settings: Mapping[str, str], environment: Mapping[str, str], root: Path) -> bytes | None:
    named = settings.get("cert") or next((environment[name] for name in _BUNDLES if environment.get(name)), None)
    if named is not None:
        try:
            return Path(named).read_bytes()
        except OSError as error:
            reason = error.strerror or error
            raise ImageError(f"{named}: this machine's certificates can't be read: {reason}") from error
    found = (path for name in _SYSTEM_BUNDLES if (path := root / name).is_file())
    return next((path.read_bytes() for path in found), None)
