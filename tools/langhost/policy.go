package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strconv"

	sdk "github.com/pulumi/pulumi/sdk/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// RunPlugin runs a policy pack. Other plugins written in Python are not this host's business.
func (h *host) RunPlugin(
	request *pulumirpc.RunPluginRequest, server pulumirpc.LanguageRuntime_RunPluginServer,
) error {
	if request.GetKind() != string(apitype.AnalyzerPlugin) {
		return fmt.Errorf("%s is a plugin of kind %q: this language host runs policy packs only",
			request.GetInfo().GetProgramDirectory(), request.GetKind())
	}
	streams, stdout, stderr, err := rpcutil.MakeRunPluginStreams(server, false)
	if err != nil {
		return err
	}
	defer streams.Close() // once more after an error; closing twice does no harm

	// The pack needs the stack's identity and configuration in its environment, but the engine sends them only to a pack
	// that already runs. The SDK's proxy takes the engine's first call, and joins the two once the pack is up.
	proxy, proxied, err := sdk.NewPolicyProxy(server.Context(), stdout)
	if err != nil {
		return fmt.Errorf("cannot start the policy pack's proxy: %w", err)
	}
	stack, err := proxy.AwaitConfiguration(server.Context())
	if err != nil {
		return fmt.Errorf("cannot learn the stack's configuration: %w", err)
	}
	command, err := packCommand(server, request, stack)
	if err != nil {
		return err
	}
	command.Stdout, command.Stderr = proxied, stderr
	if err := command.Start(); err != nil {
		return fmt.Errorf("cannot start the policy pack: %w", err)
	}
	return ended(proxy.Attach(server.Context(), command), streams.Close, server)
}

func packCommand(
	server pulumirpc.LanguageRuntime_RunPluginServer,
	request *pulumirpc.RunPluginRequest,
	stack *pulumirpc.AnalyzerStackConfigureRequest,
) (*exec.Cmd, error) {
	directory := request.GetInfo().GetProgramDirectory()
	arguments := append([]string{"-u", "-m", "pulumi.policy"}, request.GetArgs()...)
	command, err := python(server.Context(), request.GetInfo(), append(arguments, directory)...)
	if err != nil {
		return nil, err
	}
	command.Dir = directory
	stackEnvironment, err := packEnvironment(stack)
	if err != nil {
		return nil, err
	}
	command.Env = append(append(command.Env, request.GetEnv()...), stackEnvironment...)
	return command, nil
}

// packEnvironment is where pulumi_policy looks for the stack. There is none for `pulumi policy publish`.
func packEnvironment(stack *pulumirpc.AnalyzerStackConfigureRequest) ([]string, error) {
	if stack == nil {
		return nil, nil
	}
	config, err := json.Marshal(stack.GetConfig())
	if err != nil {
		return nil, fmt.Errorf("cannot encode the stack's configuration: %w", err)
	}
	environ := []string{
		"PULUMI_PROJECT=" + stack.GetProject(),
		"PULUMI_STACK=" + stack.GetStack(),
		"PULUMI_DRY_RUN=" + strconv.FormatBool(stack.GetDryRun()),
	}
	if stack.GetOrganization() != "" {
		environ = append(environ, "PULUMI_ORGANIZATION="+stack.GetOrganization())
	}
	if stack.GetConfig() != nil {
		environ = append(environ, "PULUMI_CONFIG="+string(config))
	}
	return environ, nil
}

func ended(err error, flush func() error, server pulumirpc.LanguageRuntime_RunPluginServer) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return server.Send(&pulumirpc.RunPluginResponse{
			Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(exit.ExitCode())},
		})
	}
	if err != nil {
		return fmt.Errorf("the policy pack failed: %w", err)
	}
	return flush()
}
