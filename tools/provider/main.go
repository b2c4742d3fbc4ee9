// Command pulumi-resource-docker bridges the upstream Terraform provider for Docker to Pulumi, with the tokens and
// property names that the pulumi_docker SDK uses.
//
// It stands in for the stock provider on machines that its download does not reach. What is deliberately not in it: the
// stock provider's native docker:Image (build with RemoteImage's `build`), the schema that other languages' code
// generation needs, and upstream resources that the stock provider does not map either.
package main

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
)

// version is the plugin version that the engine asks for; the build sets it from tools/pins.toml.
var version = "0.0.0-dev"

func main() {
	// Programs in Python carry their types in the SDK: the engine needs no more of the schema than its name.
	tfbridge.Main(packageName, version, info(version), []byte(`{"name":"docker"}`))
}
