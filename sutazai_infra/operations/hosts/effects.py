"""Carry out the steps of a diff, all or none."""

from __future__ import annotations

from collections.abc import Iterable

from sutazai_infra.operations.hosts.diff import Make, Step, Write, shown
from sutazai_infra.operations.hosts.kernel import Kernel
from sutazai_infra.operations.hosts.layout import HostError

__all__ = ["carry_out"]


def carry_out(steps: Iterable[Step], kernel: Kernel) -> None:
    """Do the steps in order; when one fails, put back what the earlier ones changed and raise `HostError`."""
    done: list[Step] = []
    for step in steps:
        try:
            _do(step, kernel)
        except OSError as error:
            _put_back(done, kernel)
            raise HostError(
                f"host: {_text(step)} failed ({error.strerror}); all earlier changes were put back: "
                f"see who is in it, and run `sutazai host prepare` again"
            ) from error
        except HostError:
            _put_back(done, kernel)
            raise
        done.append(step)


def _do(step: Step, kernel: Kernel) -> None:
    if isinstance(step, Make):
        kernel.make(step.path)
    elif isinstance(step, Write):
        if not step.optional or kernel.read(step.path) is not None:
            kernel.write(step.path, step.value)
    else:
        used = int(kernel.read(step.use) or 0)
        if used > step.limit:
            raise HostError(
                f"{step.use.parent.name}: still uses {shown('memory.current', str(used))} of its new limit of "
                f"{shown('memory.max', str(step.limit))} after reclaiming; nothing was changed: stop one of its "
                f"containers first, or give the pool more"
            )


def _put_back(done: list[Step], kernel: Kernel) -> None:
    for step in reversed(done):
        try:
            if isinstance(step, Make):
                kernel.remove(step.path)
            elif isinstance(step, Write) and step.old is not None and step.path.name != "cgroup.subtree_control":
                kernel.write(step.path, step.old)
        except OSError:
            # Somebody moved in meanwhile; the first failure is the one to tell.
            continue


def _text(step: Step) -> str:
    if isinstance(step, Write):
        return f"setting {step.path} to {step.value}"
    return f"making {step.path}" if isinstance(step, Make) else f"reading {step.use}"
