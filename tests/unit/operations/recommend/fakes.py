"""As much of Prometheus as is asked, with what it is to answer."""

from __future__ import annotations

from typing import Any

END = 1_000_000
MIB = 1024 * 1024


class FakePrometheus:
    """Knows how each service uses CPU (cores) and memory (MiB), each the same all the time."""

    def __init__(self, **use: tuple[float, float]) -> None:
        self.use = use
        self.kills: dict[str, str] = {}
        self.throttled: dict[str, tuple[str, str]] = {}
        self.asked: list[dict[str, str]] = []

    def get(self, path: str, **parameters: str) -> Any:
        self.asked.append({"path": path, **parameters})
        return {
            "result": list(self._range(parameters) if path == "query_range" else self._now(parameters["query"]))
        }

    def _range(self, parameters: dict[str, str]) -> Any:
        start, end, step = (int(parameters[name]) for name in ("start", "end", "step"))
        memory = "working_set" in parameters["query"]
        for name, (cores, mib) in self.use.items():
            service = name.replace("_", "-")
            value = str(mib * MIB if memory else cores)
            points = [[at, value] for at in range(start, end + 1, step)]
            labels = {"container": f"sutazai-lab-{service}", "service": service}
            yield {"metric": labels, "values": [*points, [end, "NaN"]]}

    def _now(self, query: str) -> Any:
        for service, value in self._values(query).items():
            yield {"metric": {"service": service}, "value": [END, value]}
        yield {"metric": {}, "value": [END, "7"]}

    def _values(self, query: str) -> dict[str, str]:
        if "oom_kills" in query:
            return self.kills
        return {name: pair["throttled" not in query] for name, pair in self.throttled.items()}
