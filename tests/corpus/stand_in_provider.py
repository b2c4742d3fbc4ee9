"""Stands in for a provider plugin that a machine may lack: it takes whatever it is given and makes nothing.

Enough for a preview of, say, `command:local:Command`, which a policy pack has to stop before it runs.
"""

from __future__ import annotations

import sys
import time
from concurrent import futures
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc


class StandIn(provider_pb2_grpc.ResourceProviderServicer):
    """Agrees to everything."""

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        return plugin_pb2.PluginInfo(version="1.0.0")

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        return provider_pb2.CheckResponse(inputs=request.news)

    def Check(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        return provider_pb2.CheckResponse(inputs=request.news)

    def Create(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        return provider_pb2.CreateResponse(id="" if request.preview else "made", properties=request.properties)

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        return empty_pb2.Empty()


def main() -> None:
    """Serve until the engine, which started this process, ends it."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=2))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(StandIn(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
