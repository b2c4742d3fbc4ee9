package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// runScript starts the SDK and the program in it. Python reads it from standard input, which keeps `ps` readable.
//
//go:embed run.py
var runScript string

// exitShown is the status of a program that has told the user itself what went wrong.
const exitShown = 32

// Run executes a program in a Python of its own, and reports how it ended.
func (h *host) Run(ctx context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	if request.GetAttachDebugger() {
		return &pulumirpc.RunResponse{Error: "this language host attaches no debugger; run without --attach-debugger"}, nil
	}
	program, err := h.program(request)
	if err != nil {
		return nil, err
	}
	// The program ends when the engine cancels it, and when it gives up this call.
	running, cancel := context.WithCancel(h.programs)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()

	command, err := python(running, request.GetInfo(), append([]string{"-u", "-"}, program...)...)
	if err != nil {
		return nil, err
	}
	command.Stdin = strings.NewReader(runScript)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if command.Env, err = withConfig(command.Env, request); err != nil {
		return nil, err
	}
	return outcome(command.Run()), nil
}

// program builds the arguments of run.py: the SDK's settings, the entry point, and the program's own arguments.
func (h *host) program(request *pulumirpc.RunRequest) ([]string, error) {
	settings, err := json.Marshal(map[string]any{
		"monitor":        request.GetMonitorAddress(),
		"engine":         h.engineAddress,
		"project":        request.GetProject(),
		"stack":          request.GetStack(),
		"organization":   request.GetOrganization(),
		"parallel":       request.GetParallel(),
		"dry_run":        request.GetDryRun(),
		"root_directory": request.GetInfo().GetRootDirectory(),
	})
	if err != nil {
		return nil, fmt.Errorf("cannot encode the program's settings: %w", err)
	}
	arguments := []string{string(settings), request.GetPwd(), request.GetInfo().GetEntryPoint()}
	return append(arguments, request.GetArgs()...), nil
}

// withConfig adds the stack's configuration, where the SDK looks for it.
func withConfig(environ []string, request *pulumirpc.RunRequest) ([]string, error) {
	config, err := json.Marshal(request.GetConfig())
	if err != nil {
		return nil, fmt.Errorf("cannot encode the configuration: %w", err)
	}
	secretKeys := request.GetConfigSecretKeys()
	if secretKeys == nil {
		secretKeys = []string{}
	}
	secrets, err := json.Marshal(secretKeys)
	if err != nil {
		return nil, fmt.Errorf("cannot encode the keys of the secrets: %w", err)
	}
	if request.GetConfig() == nil {
		config = []byte("{}")
	}
	return append(environ, "PULUMI_CONFIG="+string(config), "PULUMI_CONFIG_SECRET_KEYS="+string(secrets)), nil
}

// outcome words a program's end for the engine. Bail means: the user has been told, end without a further error.
func outcome(err error) *pulumirpc.RunResponse {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}
	case !errors.As(err, &exit):
		return &pulumirpc.RunResponse{Error: "cannot run the program: " + err.Error()}
	case exit.ExitCode() == exitShown:
		return &pulumirpc.RunResponse{Bail: true}
	case exit.ExitCode() < 0: // ended by a signal
		return &pulumirpc.RunResponse{Error: "program ended unexpectedly: " + exit.Error()}
	default:
		return &pulumirpc.RunResponse{Error: "program exited with non-zero exit code: " + strconv.Itoa(exit.ExitCode())}
	}
}
