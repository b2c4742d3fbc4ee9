"""Secrets that are told by their shape, wherever they are written: tokens, keys, URLs with a password, options.

What is found is named by its kind, never by its value. Each pattern looks at a bounded stretch of text from each
place where it can begin, so that no text makes it slow.
"""

from __future__ import annotations

import re
from functools import lru_cache

from sutazai_policy.secret_names import is_place, is_secret, names_place

__all__ = ["may_hold", "secret_kinds", "secret_options"]

_TOKEN = re.compile(
    r"""(?<![A-Za-z0-9])(?:
      (?:AKIA|ASIA)[0-9A-Z]{16}                       # AWS
    | gh[opsur]_[A-Za-z0-9]{36} | github_pat_\w{22}   # GitHub
    | gl(?:pat|ptt|rt|dt)-[\w-]{20}                   # GitLab
    | xox[abeoprs]-[\w-]{10}                          # Slack
    | sk-[\w-]{20}                                    # OpenAI, Anthropic
    | (?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16}         # Stripe
    | AIza[\w-]{35} | ya29\.[\w-]{20}                 # Google
    | hf_[A-Za-z0-9]{30}                              # Hugging Face
    | npm_[A-Za-z0-9]{36} | pypi-[\w-]{16} | dckr_[a-z]{3}_[\w-]{20}
    | do[opr]_v1_[0-9a-f]{40}                         # DigitalOcean
    | hv[sbr]\.[\w-]{20}                              # Vault
    | pul-[0-9a-f]{40}                                # Pulumi
    | SG\.[\w-]{16,64}\.[\w-]{16}                     # SendGrid
    | [0-9]{8,10}:AA[\w-]{33}                         # Telegram
    | eyJ[\w-]{8,2000}\.eyJ[\w-]{8,4000}\.            # a JSON web token
    )""",
    re.VERBOSE | re.ASCII,
)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY|AGE-SECRET-KEY-1|PuTTY-User-Key-File")
# A user may be left out; a number that a path or nothing follows is a port.
_URL = re.compile(r"://[^\s/?#@:]{0,256}:(?!\d{1,5}(?:[/?#,]|$))([^\s@]{1,512})@")
_HEADER = re.compile(r"authorization\s{0,4}[:=]\s{0,4}(?:basic|bearer|token)\s{1,4}(\S+)", re.IGNORECASE)
_LOGIN = re.compile(r"\bcurl\b[^;|&]{0,512}?\s(?:-u|--user)[\s=]{0,4}[A-Za-z][^\s:]{0,128}:(\S+)")
_KINDS = (
    ("a URL with a password", _URL),
    ("a header with a login", _HEADER),
    ("a login", _LOGIN),
    ("a token", _TOKEN),
    ("a private key", _PRIVATE_KEY),
)
_OPTION = re.compile(r"(?<![\w-])(?:--?(?=[A-Za-z])|(?=requirepass|masterauth))([\w.-]{1,128})\s{1,8}(?!-)(\S+)")
_ASSIGNMENT = re.compile(r"(?<![\w.$])([A-Za-z_][\w.-]{0,127})\s{0,4}=\s{0,4}([^\s;&]+)")
_MEMBER = re.compile(r'"([\w.-]{1,128})"\s{0,8}:\s{0,8}("[^"]+)')
# What somebody else puts a secret in for: ${NAME} anywhere, $NAME and $(command) where a shell reads it.
_REFERENCE = re.compile(r"\$\{\w[^}]*\}")
_SHELL_REFERENCE = re.compile(r"\$(?:[A-Za-z_]\w*\Z|[({])|`")
_NO_SECRET = ("pass",)  # redis-cli's, which a health check needs for a user without a password, too
# Without one of these a text has none of the above in it: thousands of texts are told so, at little cost.
_SIGN_TEXT = """
    auth cred key pass pwd secret token curl
    :aa _v1_ aiza akia asia dckr_ eyj gho_ ghp_ ghr_ ghs_ ghu_ github_pat_ gldt- glpat- glptt- glrt- hf_ hvb. hvr.
    hvs. npm_ pul- pypi- rk_ sg. sk- sk_ xox ya29.
"""
_SIGNS = tuple(_SIGN_TEXT.split())


def may_hold(text: str) -> bool:
    """Whether a text is worth a closer look."""
    lower = text.lower()
    return ("@" in lower and "://" in lower) or any(sign in lower for sign in _SIGNS)


@lru_cache(maxsize=4096)
def secret_kinds(text: str, *, in_shell: bool) -> tuple[str, ...]:
    """Return what of a text is a secret by its shape; `in_shell` says that a shell reads it, and $NAME in it."""
    return tuple(
        kind
        for kind, pattern in _KINDS
        if not all(_refers(found[pattern.groups], in_shell=in_shell) for found in pattern.finditer(text))
    )


@lru_cache(maxsize=4096)
def secret_options(text: str, *, in_shell: bool) -> tuple[str, ...]:
    """Return the names of options and variables to which a text gives a secret."""
    found = (match.groups() for pattern in (_OPTION, _ASSIGNMENT, _MEMBER) for match in pattern.finditer(text))
    return tuple(dict.fromkeys(name for name, value in found if _gives(name, value, in_shell=in_shell)))


def _gives(name: str, value: str, *, in_shell: bool) -> bool:
    plain = value.strip("\"'")
    if not plain or name in _NO_SECRET or names_place(name) or not is_secret(name):
        return False
    return not is_place(plain) and not _refers(plain, in_shell=in_shell)


def _refers(value: str, *, in_shell: bool) -> bool:
    plain = value.strip("\"'")
    return _REFERENCE.fullmatch(plain) is not None or (in_shell and _SHELL_REFERENCE.match(plain) is not None)
