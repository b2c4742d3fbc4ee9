package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// describeScript describes an environment in one start of Python, and needs no pip in it, which uv leaves out.
//
//go:embed describe.py
var describeScript string

type environment struct {
	Executable string    `json:"executable"`
	Version    string    `json:"version"`
	Packages   []distrib `json:"packages"`
}

type distrib struct {
	Name     string  `json:"name"`
	Version  string  `json:"version"`
	Required bool    `json:"required"` // by another package
	Plugin   *plugin `json:"plugin"`   // its pulumi-plugin.json
}

type plugin struct {
	Resource         bool           `json:"resource"`
	Name             string         `json:"name"`
	Version          string         `json:"version"`
	Server           string         `json:"server"`
	Parameterization *parameterized `json:"parameterization"`
}

type parameterized struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Value   []byte `json:"value"`
}

func describe(ctx context.Context, info *pulumirpc.ProgramInfo) (*environment, error) {
	command, err := python(ctx, info, "-c", describeScript)
	if err != nil {
		return nil, err
	}
	output, err := command.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return nil, fmt.Errorf("cannot list the packages of %s: %w: %s", command.Path, err, exit.Stderr)
		}
		return nil, fmt.Errorf("cannot run %s: %w", command.Path, err)
	}
	found := &environment{}
	if err := json.Unmarshal(output, found); err != nil {
		return nil, fmt.Errorf("cannot read the package list of %s: %w", command.Path, err)
	}
	return found, nil
}

// GetRequiredPackages tells the engine which provider plugins, in which versions, the installed SDKs need.
func (h *host) GetRequiredPackages(
	ctx context.Context, request *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	found, err := describe(ctx, request.GetInfo())
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.GetRequiredPackagesResponse{}
	for _, each := range found.Packages {
		if each.Plugin != nil && each.Plugin.Resource {
			response.Packages = append(response.Packages, each.dependency())
		}
	}
	return response, nil
}

func (d distrib) dependency() *pulumirpc.PackageDependency {
	dependency := &pulumirpc.PackageDependency{
		Kind:    "resource",
		Name:    first(d.Plugin.Name, strings.TrimPrefix(d.Name, "pulumi-")),
		Version: "v" + strings.TrimPrefix(first(d.Plugin.Version, d.Version), "v"),
		Server:  d.Plugin.Server,
	}
	if p := d.Plugin.Parameterization; p != nil {
		dependency.Parameterization = &pulumirpc.PackageParameterization{
			Name: p.Name, Version: p.Version, Value: p.Value,
		}
	}
	return dependency
}

func (h *host) GetProgramDependencies(
	ctx context.Context, request *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	found, err := describe(ctx, request.GetInfo())
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.GetProgramDependenciesResponse{}
	for _, each := range found.Packages {
		if request.GetTransitiveDependencies() || !each.Required {
			response.Dependencies = append(response.Dependencies,
				&pulumirpc.DependencyInfo{Name: each.Name, Version: each.Version})
		}
	}
	return response, nil
}

func (h *host) About(ctx context.Context, request *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	found, err := describe(ctx, request.GetInfo())
	if err != nil {
		return nil, err
	}
	return &pulumirpc.AboutResponse{Executable: found.Executable, Version: found.Version}, nil
}

// InstallDependencies is the official host's: uv, poetry or pip, as the project says or as its lock files tell.
func (h *host) InstallDependencies(
	request *pulumirpc.InstallDependenciesRequest, server pulumirpc.LanguageRuntime_InstallDependenciesServer,
) error {
	streams, stdout, stderr, err := rpcutil.MakeInstallDependenciesStreams(server, request.GetIsTerminal())
	if err != nil {
		return err
	}
	defer streams.Close() // once more after an error; closing twice does no harm
	info := request.GetInfo()
	options, err := installOptions(info)
	if err != nil {
		return err
	}
	keeper, err := toolchain.ResolveToolchain(options)
	if err != nil {
		return err
	}
	const showOutput = true
	err = keeper.InstallDependencies(server.Context(), info.GetProgramDirectory(),
		request.GetUseLanguageVersionTools(), showOutput, stdout, stderr)
	if err != nil {
		return err
	}
	return streams.Close()
}

func installOptions(info *pulumirpc.ProgramInfo) (toolchain.PythonOptions, error) {
	virtualenv, err := virtualenvOf(info)
	options := toolchain.PythonOptions{
		Root: info.GetRootDirectory(), ProgramDir: info.GetProgramDirectory(), Virtualenv: virtualenv,
	}
	if err != nil {
		return options, err
	}
	switch named := info.GetOptions().AsMap()["toolchain"]; named {
	case nil:
		options.Toolchain = toolchain.Auto
	case "pip":
		options.Toolchain = toolchain.Pip
	case "poetry":
		options.Toolchain = toolchain.Poetry
	case "uv":
		options.Toolchain = toolchain.Uv
	default:
		return options, fmt.Errorf("runtime option toolchain must be pip, poetry or uv, not %v", named)
	}
	return options, nil
}

func first(candidates ...string) string {
	for _, each := range candidates {
		if each != "" {
			return each
		}
	}
	return ""
}
