// Command pulumi-language-python is a Python language host for the Pulumi engine.
//
// It stands in for the official host, which no package registry serves, on machines that Pulumi's own downloads do not
// reach. It does for programs and policy packs what the official host does. What it deliberately leaves out: code
// generation, component plugins, debuggers and type checkers.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	sdk "github.com/pulumi/pulumi/sdk/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

func main() {
	showVersion := flag.Bool("version", false, "print the version and exit")
	// The engine passes it to every plugin; this host has nothing to trace.
	flag.String("tracing", "", "accepted and ignored")
	flag.Parse()
	if *showVersion {
		fmt.Println(sdk.Version)
		return
	}
	if err := serve(flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-python:", err)
		os.Exit(1)
	}
}

// serve answers the engine until it says so, by an interrupt, or dies. It prints its port, for which the engine waits.
func serve(engineAddress string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ended, end := context.WithCancel(ctx)
	defer end()

	host := newHost(engineAddress, end)
	if engineAddress != "" {
		if err := host.endWithEngine(); err != nil {
			return err
		}
	}
	closing := make(chan bool)
	go func() {
		<-ended.Done()
		close(closing)
	}()
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: closing,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("cannot serve: %w", err)
	}
	fmt.Println(handle.Port)
	return <-handle.Done
}
