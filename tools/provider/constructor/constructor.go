// Package constructor hands out the upstream Terraform provider, whose own constructor is internal.
package constructor

import (
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// New returns the upstream provider, ready to be bridged.
func New(version string) *schema.Provider {
	return provider.New(version)()
}
