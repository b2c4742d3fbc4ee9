"""Quotas for this host: the catalogue's, which are stated for the reference host, scaled to what is usable here.

Request quotas and memory also shrink by the stack's `share`; the CPU limit quota doesn't (a limit is a ceiling
on bursts, and the weights decide under contention), and is rounded up to whole cores, since a core set is. Where
there are fewer cores than groups, core sets overlap, and any tier may reach all cores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from sutazai_infra.model.catalogue import Catalogue, Tier
from sutazai_infra.model.host import REFERENCE_USABLE_CORES, REFERENCE_USABLE_MIB, Host
from sutazai_infra.model.settings import Fit, Settings, TierOverride

__all__ = ["Basis", "Quotas", "TierQuota", "quotas_for"]

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

    @property
    def shared(self) -> bool:
        """Whether the stack may take a part of the host only."""
        return (self.share_cpu, self.share_memory) != (self.host_cpu, self.host_memory)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a plan is made of and judged by: the inputs, and the quotas that follow from them."""

    catalogue: Catalogue
    host: Host
    settings: Settings
    quotas: Quotas

    @classmethod
    def of(cls, catalogue: Catalogue, host: Host, settings: Settings) -> Basis:
        """Derive the quotas."""
        return cls(catalogue, host, settings, quotas_for(catalogue, host, settings))

    @property
    def scales(self) -> bool:
        """Whether the stack shrinks its requests rather than be refused."""
        return self.settings.fit is Fit.SCALE

    @property
    def alone(self) -> Basis:
        """The same, as if no foreign container ran."""
        return replace(self, host=self.host.model_copy(update={"foreign": ()}))


def quotas_for(catalogue: Catalogue, host: Host, settings: Settings) -> Quotas:
    """Scale every quota to the host and the stack's share; a stack's own tier values are taken as they are."""
    share = Fraction(str(settings.share))
    return Quotas(
        host_cpu=host.usable_millicores,
        host_memory=host.usable_mib,
        share_cpu=int(host.usable_millicores * share),
        share_memory=int(host.usable_mib * share),
        tiers={
            tier.number: _tier(tier, host, share, len(catalogue.groups), settings.tiers.get(tier.number))
            for tier in catalogue.tiers
        },
        pool_memory={pool.name: _memory(pool.memory, host, share) for pool in catalogue.pools},
    )


def _tier(tier: Tier, host: Host, share: Fraction, groups: int, override: TierOverride | None) -> TierQuota:
    own = override or TierOverride()
    cpu = int(Fraction(tier.request_cpu * host.usable_millicores, _REFERENCE_MILLICORES) * share)
    return TierQuota(
        request_cpu=_or(own.request_cpu, cpu),
        request_memory=_or(own.request_memory, _memory(tier.request_memory, host, share)),
        limit_cpu=_or(own.limit_cpu, _limit_cpu(tier, host, groups)),
        limit_memory=_or(own.limit_memory, _memory(tier.limit_memory, host, share)),
    )


def _limit_cpu(tier: Tier, host: Host, groups: int) -> int:
    if len(host.usable_cores) < groups:
        return host.usable_millicores
    return 1000 * -(-tier.limit_cpu * host.usable_millicores // (_REFERENCE_MILLICORES * 1000))


def _memory(mib: int, host: Host, share: Fraction) -> int:
    return int(Fraction(mib * host.usable_mib, REFERENCE_USABLE_MIB) * share)


def _or(own: int | None, scaled: int) -> int:
    return scaled if own is None else own
