from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sutazai_infra.operations.cleaning.findings import (
    Keep,
    Leftover,
    Snapshot,
    SomeContainer,
    SomeImage,
    SomeNetwork,
    leftovers,
)

NOW = 1_000_000
KEEP = Keep(
    containers=frozenset({"sutazai-lab-redis"}),
    networks=frozenset({"sutazai-lab-agents"}),
    images={"db": "sutazai/db:current"},
)
OURS = {"org.opencontainers.image.title": "db", "org.opencontainers.image.base.name": "debian:bookworm-slim"}


def container(name: str = "sutazai-lab-old", **changed: Any) -> SomeContainer:
    given = {"identity": f"id-{name}", "name": name, "stack": "lab", "state": "exited", "image": "sha256:used"}
    return SomeContainer.model_validate(given | changed)


def image(identity: str, *tags: str, **changed: Any) -> SomeImage:
    given = {"identity": f"sha256:{identity}", "tags": tags, "created_s": NOW - 7200, "own_bytes": 7}
    return SomeImage.model_validate(given | changed)


def network(name: str, stack: str | None = "lab") -> SomeNetwork:
    return SomeNetwork(identity=f"id-{name}", name=name, stack=stack)


def found(**held: Any) -> list[Leftover]:
    return list(leftovers(Snapshot(taken_s=NOW, **held), "lab", KEEP))


def names(**held: Any) -> list[str]:
    return [one.name for one in found(**held)]


def test_a_stopped_container_that_no_plan_has_can_go_with_what_it_wrote() -> None:
    (one,) = found(containers=(container(own_bytes=12),))
    assert (one.kind, one.name, one.identity, one.size_bytes, one.reason) == (
        "container",
        "sutazai-lab-old",
        "id-sutazai-lab-old",
        12,
        "exited, and in no plan of lab",
    )


def test_what_runs_is_planned_carries_files_or_is_another_stacks_stays() -> None:
    staying = (
        container("sutazai-lab-running", state="running"),
        container("sutazai-lab-starting", state="created"),
        container("sutazai-lab-redis"),
        container("sutazai-lab-agents-files"),
        container("sutazai-lab-renamed", service="agents-files"),
        container("sutazai-other-old", stack="other"),
        container("somebody", stack=None),
    )
    assert found(containers=staying) == []


def test_a_network_of_the_stack_can_go_when_nobody_is_in_it_and_no_plan_has_it() -> None:
    held = (
        network("sutazai-lab-gone"),
        network("sutazai-lab-agents"),
        network("sutazai-lab-joined"),
        network("sutazai-other-x", "other"),
        network("bridge", None),
    )
    inside = container("sutazai-lab-x", state="running", networks=frozenset({"sutazai-lab-joined"}))
    (one,) = found(networks=held, containers=(inside,))
    assert (one.kind, one.name, one.size_bytes) == ("network", "sutazai-lab-gone", None)
    assert one.reason == "nobody's, and in no plan of lab"


def test_a_container_that_goes_keeps_neither_its_network_nor_its_image() -> None:
    leaving = container(networks=frozenset({"sutazai-lab-gone"}), image="sha256:stage")
    stage = image("stage", labels={"sutazai.stage": "packages"})
    listed = found(containers=(leaving,), networks=(network("sutazai-lab-gone"),), images=(stage,))
    assert [one.kind for one in listed] == ["container", "network", "image"]


def test_builds_beyond_the_last_three_can_go() -> None:
    held = [image(str(age), f"sutazai/db:{age}", created_s=age) for age in range(5)]
    current = image("c", "sutazai/db:current", created_s=0)
    listed = found(images=(*held, current))
    assert [(one.name, one.reason) for one in listed] == [
        (f"sutazai/db:{age}", "older than the last 3 builds") for age in (2, 1, 0)
    ]


def test_what_a_staying_image_stands_on_stays_too_down_to_the_ground() -> None:
    base = "org.opencontainers.image.base.name"
    ground = image("ground", "sutazai/db:0", created_s=0)
    middle = image("middle", "sutazai/db:1", created_s=1, labels={base: "sutazai/db:0"})
    newer = [image(str(age), f"sutazai/db:{age}", created_s=age) for age in (2, 3)]
    top = image("top", "sutazai/app:1", labels={base: "sutazai/db:1"})
    assert names(images=(ground, middle, *newer)) == ["sutazai/db:1", "sutazai/db:0"]
    assert names(images=(ground, middle, *newer, top)) == []


def test_an_image_that_a_container_of_anybody_needs_stays() -> None:
    held = tuple(image(str(age), f"sutazai/db:{age}", created_s=age) for age in range(5))
    needed = container("other", stack="other", image="sha256:1")
    assert names(images=held, containers=(needed,)) == ["sutazai/db:2", "sutazai/db:0"]


def test_images_of_names_that_this_checkout_does_not_have_stay() -> None:
    assert found(images=tuple(image(str(n), f"sutazai/elsewhere:{n}", created_s=n) for n in range(9))) == []


def test_stages_and_builds_without_a_name_can_go_after_an_hour() -> None:
    stage = image("a" * 64, labels={"sutazai.stage": "packages"})
    nameless = image("b" * 64, labels=OURS)
    listed = found(images=(stage, nameless))
    assert [(one.name, one.size_bytes, one.reason) for one in listed] == [
        ("a" * 12, 7, "a stage of builds"),
        ("b" * 12, 7, "a build that lost its name"),
    ]
    young = {"created_s": NOW - 3600}
    assert found(images=(stage.model_copy(update=young), nameless.model_copy(update=young))) == []


def test_an_image_without_a_name_that_somebody_else_built_stays() -> None:
    foreign = OURS | {"org.opencontainers.image.base.name": "alpine:3"}
    assert found(images=(image("a"), image("b", labels=foreign))) == []


def test_an_image_with_several_old_names_is_counted_once() -> None:
    newer = [image(str(age), f"sutazai/db:{age}", created_s=9 + age) for age in range(3)]
    twice = image("t", "sutazai/db:x", "sutazai/db:y", created_s=1)
    listed = [one for one in found(images=(*newer, twice)) if one.name in {"sutazai/db:x", "sutazai/db:y"}]
    assert [one.size_bytes for one in listed] == [0, 7]


def test_an_image_that_has_a_name_of_somebody_elses_too_stays() -> None:
    newer = [image(str(age), f"sutazai/db:{age}", created_s=9 + age) for age in range(2)]
    assert found(images=(*newer, image("t", "sutazai/db:x", "mine:1", created_s=1))) == []


def test_rotated_logs_of_what_stays_can_go_and_those_of_other_stacks_stay() -> None:
    logs = {"/var/lib/x/x-json.log.1": 10, "/var/lib/x/x-json.log.2.gz": 3}
    mine = container("sutazai-lab-redis", state="running", rotated_logs=logs)
    theirs = container("sutazai-other-redis", stack="other", rotated_logs=logs)
    assert [(one.name, one.identity, one.size_bytes) for one in found(containers=(mine, theirs))] == [
        ("sutazai-lab-redis, rotated log 1", "/var/lib/x/x-json.log.1", 10),
        ("sutazai-lab-redis, rotated log 2.gz", "/var/lib/x/x-json.log.2.gz", 3),
    ]


CONTAINERS = st.lists(
    st.builds(
        container,
        name=st.sampled_from(("sutazai-lab-redis", "sutazai-lab-a", "sutazai-lab-b-files", "sutazai-other-a")),
        stack=st.sampled_from(("lab", "other", None)),
        state=st.sampled_from(("running", "exited", "created", "paused", "dead")),
        image=st.sampled_from(("sha256:1", "sha256:2")),
        networks=st.sampled_from((frozenset(), frozenset({"sutazai-lab-n"}))),
    ),
    unique_by=lambda one: one.name,
)


@given(CONTAINERS)
def test_nothing_that_stays_loses_anything(held: list[SomeContainer]) -> None:
    images = tuple(image(str(number), labels={"sutazai.stage": "packages"}) for number in (1, 2))
    listed = found(containers=tuple(held), networks=(network("sutazai-lab-n"),), images=images)
    gone = {one.identity for one in listed}
    for one in held:
        if one.identity in gone:
            assert one.stack == "lab"
            assert one.state in {"exited", "dead"}
        else:
            assert one.image not in gone
            assert not {f"id-{name}" for name in one.networks} & gone
