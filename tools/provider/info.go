package main

import (
	"context"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/terraform-providers/terraform-provider-docker/constructor"
)

const (
	packageName   = "docker"
	defaultHost   = "unix:///var/run/docker.sock"
	maxNameLength = 255
)

// info maps upstream's names to the ones of the pulumi_docker SDK.
func info(version string) tfbridge.ProviderInfo {
	provider := tfbridge.ProviderInfo{
		P:              sdkv2.NewProvider(constructor.New(version)),
		Name:           packageName,
		Config:         config(),
		Resources:      resources(),
		DataSources:    dataSources(),
		IgnoreMappings: []string{"docker_image_file", "docker_containers"},
		// Without metadata the bridge keeps its default behaviour, which is the stock provider's for this package: its
		// own metadata file holds no settings that act at run time.
	}
	provider.SetAutonaming(maxNameLength, "-")
	return provider
}

func config() map[string]*tfbridge.SchemaInfo {
	return map[string]*tfbridge.SchemaInfo{
		"host": {
			Default: &tfbridge.DefaultInfo{
				EnvVars: []string{"DOCKER_HOST"},
				ComputeDefault: func(context.Context, tfbridge.ComputeDefaultOptions) (any, error) {
					return defaultHost, nil
				},
			},
		},
		"registry_auth": {Name: "registryAuth", MaxItemsOne: tfbridge.False()},
	}
}

func resources() map[string]*tfbridge.ResourceInfo {
	named := map[string]*tfbridge.ResourceInfo{
		"docker_container": {
			Tok: resource("Container"),
			// A container's name and ports are taken until the old one is gone.
			DeleteBeforeReplace: true,
			// Both are lists whose names the SDK does not put into the plural.
			Fields: map[string]*tfbridge.SchemaInfo{
				"command":           {Name: "command"},
				"networks_advanced": {Name: "networksAdvanced"},
			},
		},
		"docker_image": {
			Tok:    resource("RemoteImage"),
			Fields: map[string]*tfbridge.SchemaInfo{"name": {Name: "name"}},
		},
	}
	for terraformName, member := range map[string]string{
		"docker_buildx_builder": "BuildxBuilder",
		"docker_config":         "ServiceConfig",
		"docker_network":        "Network",
		"docker_plugin":         "Plugin",
		"docker_registry_image": "RegistryImage",
		"docker_secret":         "Secret",
		"docker_service":        "Service",
		"docker_tag":            "Tag",
		"docker_volume":         "Volume",
	} {
		named[terraformName] = &tfbridge.ResourceInfo{Tok: resource(member)}
	}
	return named
}

func dataSources() map[string]*tfbridge.DataSourceInfo {
	named := map[string]*tfbridge.DataSourceInfo{}
	for terraformName, function := range map[string]string{
		"docker_image":                    "getRemoteImage",
		"docker_logs":                     "getLogs",
		"docker_network":                  "getNetwork",
		"docker_plugin":                   "getPlugin",
		"docker_registry_image":           "getRegistryImage",
		"docker_registry_image_manifests": "getRegistryImageManifests",
	} {
		named[terraformName] = &tfbridge.DataSourceInfo{Tok: tokens.ModuleMember(member(function))}
	}
	return named
}

func resource(name string) tokens.Type { return tokens.Type(member(name)) }

// member builds a token as the SDK writes it: docker:index/remoteImage:RemoteImage.
func member(name string) string {
	file := strings.ToLower(name[:1]) + name[1:]
	return packageName + ":index/" + file + ":" + name
}
