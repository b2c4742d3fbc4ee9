"""Quotas for this host: the catalogue's, which are stated for the reference host, scaled to what is usable here.

Request quotas and memory also shrink by the stack's `share`; the CPU limit quota doesn't (a limit is a ceiling
on bursts, and the weights decide under contention), and is rounded up to whole cores, since a core set is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sutazai_infra.model.catalogue import Catalogue, Tier
from sutazai_infra.model.host import REFERENCE_USABLE_CORES, REFERENCE_USABLE_MIB, Host
from sutazai_infra.model.settings import Settings, TierOverride

__all__ = ["Quotas", "TierQuota", "quotas_for"]

_REFERENCE_MILLICORES = 1000 * REFERENCE_USABLE_CORES


@dataclass(frozen=True, slots=True)
class TierQuota:
    """What a tier's members may request, and what they may take at most. Millicores and MiB."""

    request_cpu: int
    request_memory: int
    limit_cpu: int
    limit_memory: int


@dataclass(frozen=True, slots=True)
class Quotas:
    """All budgets on one host: the host's, for everything on it, and the stack's own share of it."""

    host_cpu: int
    host_memory: int
    share_cpu: int
    share_memory: int
    tiers: Mapping[int, TierQuota]
    pool_memory: Mapping[str, int]


def quotas_for(catalogue: Catalogue, host: Host, settings: Settings) -> Quotas:
    """Scale every quota to the host and the stack's share; a stack's own tier values are taken as they are."""
    return Quotas(
        host_cpu=host.usable_millicores,
        host_memory=host.usable_mib,
        share_cpu=int(host.usable_millicores * settings.share),
        share_memory=int(host.usable_mib * settings.share),
        tiers={t.number: _tier(t, host, settings, settings.tiers.get(t.number)) for t in catalogue.tiers},
        pool_memory={pool.name: _memory(pool.memory, host, settings.share) for pool in catalogue.pools},
    )


def _tier(tier: Tier, host: Host, settings: Settings, override: TierOverride | None) -> TierQuota:
    own = override or TierOverride()
    cpu = int(tier.request_cpu * host.usable_millicores // _REFERENCE_MILLICORES * settings.share)
    cores = -(-tier.limit_cpu * host.usable_millicores // (_REFERENCE_MILLICORES * 1000))
    return TierQuota(
        request_cpu=_or(own.request_cpu, cpu),
        request_memory=_or(own.request_memory, _memory(tier.request_memory, host, settings.share)),
        limit_cpu=_or(own.limit_cpu, 1000 * cores),
        limit_memory=_or(own.limit_memory, _memory(tier.limit_memory, host, settings.share)),
    )


def _memory(mib: int, host: Host, share: float) -> int:
    return int(mib * host.usable_mib // REFERENCE_USABLE_MIB * share)


def _or(own: int | None, scaled: int) -> int:
    return scaled if own is None else own
