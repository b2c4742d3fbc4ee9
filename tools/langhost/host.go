package main

import (
	"context"
	"fmt"
	"time"

	sdk "github.com/pulumi/pulumi/sdk/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// engineCheck is how often the host asks whether its engine still lives: a killed engine leaves no host behind.
const engineCheck = 15 * time.Second

// host implements the engine's LanguageRuntime service. Calls that it does not know answer "unimplemented".
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	engineAddress string
	end           context.CancelFunc // stops the server
	programs      context.Context    // done when the engine cancels the running program
	cancel        context.CancelFunc
}

func newHost(engineAddress string, end context.CancelFunc) *host {
	programs, cancel := context.WithCancel(context.Background())
	return &host{engineAddress: engineAddress, end: end, programs: programs, cancel: cancel}
}

// endWithEngine stops the program and the host once the engine no longer answers.
func (h *host) endWithEngine() error {
	gone := func() {
		h.cancel()
		h.end()
	}
	if err := rpcutil.Healthcheck(h.programs, h.engineAddress, engineCheck, gone); err != nil {
		return fmt.Errorf("cannot watch the engine at %s: %w", h.engineAddress, err)
	}
	return nil
}

func (h *host) Handshake(
	_ context.Context, request *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	h.engineAddress = request.GetEngineAddress()
	return &pulumirpc.LanguageHandshakeResponse{}, h.endWithEngine()
}

func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: sdk.Version.String()}, nil
}

func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.cancel()
	return &emptypb.Empty{}, nil
}

func (h *host) RuntimeOptionsPrompts(
	context.Context, *pulumirpc.RuntimeOptionsRequest,
) (*pulumirpc.RuntimeOptionsResponse, error) {
	return &pulumirpc.RuntimeOptionsResponse{}, nil
}

func (h *host) Template(context.Context, *pulumirpc.TemplateRequest) (*pulumirpc.TemplateResponse, error) {
	return &pulumirpc.TemplateResponse{}, nil
}
