package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// killAfter is how long an interrupted Python may take to end by itself.
const killAfter = 5 * time.Second

// python prepares a command for the project's Python: the one of its virtualenv option, else the first on PATH.
func python(ctx context.Context, info *pulumirpc.ProgramInfo, args ...string) (*exec.Cmd, error) {
	virtualenv, err := virtualenvOf(info)
	if err != nil {
		return nil, err
	}
	path, err := interpreter(virtualenv)
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, path, args...)
	command.Env = os.Environ()
	if virtualenv != "" {
		command.Env = toolchain.ActivateVirtualEnv(os.Environ(), virtualenv)
	}
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = killAfter
	return command, nil
}

func interpreter(virtualenv string) (string, error) {
	if virtualenv != "" {
		path := filepath.Join(virtualenv, "bin", "python")
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("the virtualenv %s has no bin/python: make it first, for example with `make toolchain`",
				virtualenv)
		}
		return path, nil
	}
	for _, name := range []string{"python", "python3"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no python or python3 on PATH: activate the project's virtual environment")
}

// virtualenvOf returns the absolute path of the project's virtualenv option, or nothing.
func virtualenvOf(info *pulumirpc.ProgramInfo) (string, error) {
	options := info.GetOptions().AsMap()
	if checker, ok := options["typechecker"]; ok {
		return "", fmt.Errorf("runtime option typechecker=%v: this language host runs no type checker; "+
			"remove the option and run the checker by itself", checker)
	}
	option, ok := options["virtualenv"]
	if !ok {
		return "", nil
	}
	path, ok := option.(string)
	if !ok {
		return "", fmt.Errorf("runtime option virtualenv must be a path, not %v", option)
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(info.GetRootDirectory(), path)
	}
	return path, nil
}
