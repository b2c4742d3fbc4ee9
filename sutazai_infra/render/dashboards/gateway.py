"""The gateway: what comes in, what is called through the mesh, what waits, and what fails."""

from __future__ import annotations

from sutazai_infra.render.dashboards.page import Draw, Page, Panel, Unit

__all__ = ["GATEWAY"]

_ANSWERS = "haproxy_frontend_http_responses_total"

GATEWAY = Page(
    "gateway",
    "Gateway and mesh",
    {
        "What is asked": (
            Panel(
                "Requests",
                {"sum by (proxy) (rate(haproxy_frontend_http_requests_total[5m]))": "{{proxy}}"},
                Unit.REQUESTS_PER_SECOND,
                description="`entrance` is what comes from outside; the others are calls between services.",
                width=12,
            ),
            Panel(
                "Answers",
                {f"sum by (code) (rate({_ANSWERS}[5m]))": "{{code}}"},
                Unit.REQUESTS_PER_SECOND,
                Draw.STACKED,
                width=12,
            ),
        ),
        "Targets": (
            Panel(
                "Servers that answer",
                {"haproxy_backend_active_servers": "{{proxy}}"},
                description="Replicas that pass their checks.",
            ),
            Panel(
                "Time to an answer",
                {"haproxy_backend_response_time_average_seconds": "{{proxy}}"},
                Unit.SECONDS,
                description="Of the last 1024 requests.",
            ),
            Panel(
                "Failed",
                {
                    'sum by (proxy) (rate(haproxy_backend_http_responses_total{code="5xx"}[5m]))'
                    " / (sum by (proxy) (rate(haproxy_backend_http_responses_total[5m])) > 0)": "{{proxy}}"
                },
                Unit.SHARE,
            ),
        ),
        "What waits": (
            Panel("Requests that wait for a server", {"haproxy_backend_current_queue": "{{proxy}}"}),
            Panel(
                "Time that they wait",
                {"haproxy_backend_queue_time_average_seconds": "{{proxy}}"},
                Unit.SECONDS,
                description="Of the last 1024 requests.",
            ),
            Panel(
                "Connections, of those that it takes",
                {"haproxy_frontend_current_sessions / haproxy_frontend_limit_sessions": "{{proxy}}"},
                Unit.SHARE,
                most=0.8,
            ),
        ),
        "What goes wrong": (
            Panel(
                "Sent again",
                {"sum by (proxy) (rate(haproxy_backend_retry_warnings_total[5m]))": "{{proxy}}"},
                Unit.REQUESTS_PER_SECOND,
            ),
            Panel(
                "Connections that failed",
                {"sum by (proxy) (rate(haproxy_backend_connection_errors_total[5m]))": "{{proxy}}"},
                Unit.REQUESTS_PER_SECOND,
            ),
            Panel(
                "Certificate holds for",
                {"min(probe_ssl_earliest_cert_expiry) - time()": "longer"},
                Unit.SECONDS,
                Draw.NUMBER,
            ),
        ),
    },
)
