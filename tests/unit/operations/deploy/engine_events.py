"""Events as Pulumi's engine sends them."""

from __future__ import annotations

from typing import Any

from pulumi.automation.events import EngineEvent

__all__ = ["begun", "diagnostic", "failed", "finished", "policy", "urn"]

CONTAINER = "docker:index/container:Container"


def urn(name: str, kind: str = CONTAINER) -> str:
    return f"urn:pulumi:lab::sutazai-infra::sutazai:index:Platform${kind}::{name}"


def _metadata(operation: str, name: str, kind: str, more: dict[str, Any]) -> dict[str, Any]:
    return {"op": operation, "urn": urn(name, kind), "type": kind, "provider": "", **more}


def _event(**content: Any) -> EngineEvent:
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, **content})


def begun(operation: str, name: str, kind: str = CONTAINER, **more: Any) -> EngineEvent:
    return _event(resourcePreEvent={"metadata": _metadata(operation, name, kind, more)})


def finished(operation: str, name: str, kind: str = CONTAINER) -> EngineEvent:
    return _event(resOutputsEvent={"metadata": _metadata(operation, name, kind, {})})


def failed(operation: str, name: str, kind: str = CONTAINER) -> EngineEvent:
    return _event(resOpFailedEvent={"metadata": _metadata(operation, name, kind, {}), "status": 1, "steps": 1})


def diagnostic(severity: str, message: str, name: str = "", **more: Any) -> EngineEvent:
    about = {"urn": urn(name)} if name else {}
    return _event(diagnosticEvent={"severity": severity, "message": message, **about, **more})


def policy(name: str, message: str, level: str = "mandatory") -> EngineEvent:
    return _event(policyEvent={"policyName": name, "message": message, "enforcementLevel": level})
