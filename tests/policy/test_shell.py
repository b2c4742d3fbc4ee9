"""Whether a command can fail: what plainly can't is found, and no honest check is taken for one that can't."""

from __future__ import annotations

import time

import pytest
from sutazai_policy.shell import can_fail, script_can_fail

_CANNOT = [
    "true", ":", "/bin/true", "exit 0", "exit", "exit 256", "exit 0; curl x", "true && exit", "return_ok=1",
    "curl x || true", "curl x || exit 0", "curl x || :", "curl x||true", "curl -f 'http://x/;y' || true",
    "curl x; true", "curl x ; exit 0", "curl x\ntrue", "curl x;\n\ntrue\n", "curl x &", "curl x & true",
    "echo ok", "echo ok; exit $?", 'echo ok; exit "$?"', "printf ok", "sleep 1", "date", "pwd", "id", "whoami",
    "uname -a", "hostname -i", "curl x || echo failed", "curl x | cat", "curl x | tee /tmp/x",
    "curl x |& head -1", "curl x | sort | uniq", "curl x | tail", "a | wc -l", "curl x | tr a b",
    "curl x | cut -c1", "curl x |\ncat", "set -o pipefail; true | cat", "(curl x || true)",
    "{ curl x || true; }", "(curl x; true) && true", "curl x || (exit 0)", "curl x || { exit 0; }", "((true))",
    "(exit 1); true", "( true; )", "{ true; } ; true", "curl x > /dev/null 2>&1 || true",
    "curl x &> /dev/null || true", "curl x >/dev/null 2>&1||true", "true >x", "curl x <<< y || true",
    "curl x >| y || true", "sh -c 'curl x || true'", 'bash -lc "curl x; exit 0"', "/bin/sh -c true",
    "ash -c true", "dash -c true", "zsh -c true", "ksh -c true", "sh -c", "sh --login -c true", "sh -ec true",
    "sh -c true curl", "env A=b true", "env -i A=b true", "A=b true", "A=b C=d true", "A=b", "exec true",
    "command true", "time true", "nohup true", "builtin true", "busybox true", "toybox true", "timeout 5 true",
    "timeout -k5 10 true", "/usr/bin/timeout 5 /usr/bin/env true", "exec sh -c true", "eval 'curl x || true'",
    "eval true", "! false", "! ! true", "! exit 0", "test 1", "[ 1 = 1 ]", "[ 1 -eq 1 ]", "[[ a == a ]]",
    "if x; then y; fi; true", "for a in b; do c; done || true", "while x; do if y; then z; fi; done; true",
    "case a in b) c;; esac; true", "until x; do y; done; true", "(if x; then exit 1; fi); true", "false; true",
    "false || true", "true && true", "false && curl x; true", "true || curl x", "true || exit 1", "set -e; true",
    "set -e; curl x || true", "set -u; curl x; true", "set -x pipe; curl x | cat", "true || exit $NO",
    "false && exit 1; true", "exit 0 || exit 1", "true || (exit 1)", "true || if x; then exit 1; fi", "", " ",
    "\n", "A='x\ny' true", "# curl x", "true # || curl x", "true;# curl", "curl x # why\ntrue",
    "curl x \\\n || true", '"true"', "'true'", 't"ru"e', "t\\rue", "tr'u'e", "\ttrue\r",
]  # fmt: skip
_CAN = [
    "curl x", "pg_isready -U postgres -d x || exit 1", "wget -q --spider http://localhost:3000/api/health",
    "curl x || exit 1", "curl x || exit 1; exit 0", "curl x || exit 1; true", "curl x || exit $?; true",
    "curl x || exit $NO; true", "curl x || exit 300; true", "curl x || exit 9999999999; true",
    "curl x || exit \u00b2; true", "curl x && true", "curl x && exit 0", "true && curl x", "false || curl x",
    "true | curl x", "curl x | grep ok", "curl x | cat | grep ok", "set -e; curl x; true",
    "set -euo pipefail; curl x | cat; true", "set -eu; curl x; true", "set -o errexit; curl x; true",
    "set -o pipefail; curl x | cat", "set -o pipefail; curl x | cat | cat", "false", "! true", "! curl x",
    "! ! curl x", "exit 1", "exit 255", "true; exit 1", "false; exit", "false; exit $?", "curl x; exit $?",
    "curl x; exit", "curl x; RC=$?; exit $RC", "A=$(curl x)", "A=`curl x`", "A=b curl x", "a && (b || true)",
    "a && { b || true; }", "(curl x)", "{ curl x; }", "curl x || (exit 1)", "{ exit 1; }; true",
    "curl x || { echo down; exit 1; }", "(curl x; exit 1)", "(true) && curl x", "(exit 1)", "(exit 1) && true",
    "if curl; then exit 0; else exit 1; fi", "if curl; then true; fi", "while ! curl; do sleep 1; done",
    "if x; then exit 1; fi; true", "while x; do if y; then z; fi; exit 1; done; true",
    "case x in a) true;; esac", 'test "$(curl x)" = 200', "[ $(curl x) = 200 ]", "test `curl x` = 200",
    "[ -f /tmp/x ]", "test -s x", "[ a -nt b ]", "[ a -ot b ]", "[ a -ef b ]", "[[ $x ]]", "[ $((1+1)) = 2 ]",
    "sh -c 'curl x'", "sh -ec 'curl x; true'", "sh -e -c 'curl x; true'", "sh /check.sh", "sh",
    "bash -o pipefail -c 'curl x | cat'", "sh --c true", "sh -s true", "eval curl x", "eval 'curl x; false'",
    "timeout 5 curl x", "env A=b curl x", "time curl x", "busybox wget x", "exec curl x", "command -p curl x",
    "curl x || kill 1", "f() { true; }; f", "curl x & wait $!", "cat /tmp/healthy", "true; cat /tmp/healthy",
    "head -1 /x", 'grep "a;true" f', "grep 'a || true' f", "sh -c 'grep \"a || true\" f'", "curl x \\; true",
    "curl x# || true\nfalse", "curl 'x' # || true", 'curl "x\\" || true"', "echo x > /tmp/f && rm /tmp/f",
    "truer", "true.sh", "./echo_server", "|| true", "true ||", "true &&", "true |", "a >", "> x", ")", "true )",
    "}", "fi", ";;", "( true", "{ true", "if true", "$(", "'", "!", "true; !", "true; |", "true; > x", "&",
]  # fmt: skip


@pytest.mark.parametrize("script", _CANNOT)
def test_a_script_that_can_not_fail_is_found(script: str) -> None:
    assert not script_can_fail(script)


@pytest.mark.parametrize("script", _CAN)
def test_a_script_that_may_fail_is_left_alone(script: str) -> None:
    assert script_can_fail(script)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ([], False),
        (["true"], False),
        (["/usr/bin/true"], False),
        (["exit", "0"], False),
        (["exit", "1"], True),
        (["sh", "-c", "curl x || true"], False),
        (("busybox", "sh", "-c", "curl x || exit 1"), True),
        (["curl", "x", "||", "true"], True),
        (["env", "A=b"], False),
        (["A=$(curl)"], True),
        (["busybox", "wget", "x"], True),
        (["cat"], True),
    ],
)
def test_a_command_without_a_shell_is_read_word_by_word(command: list[str], expected: bool) -> None:
    assert can_fail(command) is expected


def test_what_is_too_long_or_too_deep_may_fail() -> None:
    assert not script_can_fail("true " + "x" * 8187)
    assert script_can_fail("true " + "x" * 8188)
    assert not script_can_fail("(" * 20 + "true" + ")" * 20)
    assert script_can_fail("(" * 21 + "true" + ")" * 21)
    assert not script_can_fail("(true)" * 1 + "; (true)" * 50)
    assert not script_can_fail("eval " * 20 + "true")
    assert script_can_fail("eval " * 21 + "true")


@pytest.mark.parametrize(
    "piece",
    ["(", "$(", "'", '"\\', "a|", "{ ", "`", "$((a)", "if ", "sh -c ", "9", "! ", "time ", "A=b ", "eval ", "\\"],
)
def test_no_script_takes_long_to_read(piece: str) -> None:
    started = time.process_time()

    script_can_fail(piece * (8192 // len(piece)))

    assert time.process_time() - started < 1
