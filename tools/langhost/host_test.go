package main

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/protobuf/types/known/structpb"
)

func project(t *testing.T, options map[string]any) *pulumirpc.ProgramInfo {
	t.Helper()
	encoded, err := structpb.NewStruct(options)
	if err != nil {
		t.Fatal(err)
	}
	return &pulumirpc.ProgramInfo{RootDirectory: "/project", Options: encoded}
}

func TestVirtualenvIsRelativeToTheProject(t *testing.T) {
	for option, want := range map[string]string{".venv": "/project/.venv", "../.venv": "/.venv", "/abs": "/abs"} {
		got, err := virtualenvOf(project(t, map[string]any{"virtualenv": option, "toolchain": "pip"}))
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", option, got, err, want)
		}
	}
}

func TestWithoutAVirtualenvThePythonOfPathRuns(t *testing.T) {
	got, err := virtualenvOf(project(t, nil))
	if got != "" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestAMissingVirtualenvNamesTheWayOut(t *testing.T) {
	_, err := interpreter("/nowhere/.venv")
	if err == nil || !strings.Contains(err.Error(), "make it first") {
		t.Errorf("got %v", err)
	}
}

func TestATypecheckerIsRefusedAndNotIgnored(t *testing.T) {
	_, err := virtualenvOf(project(t, map[string]any{"typechecker": "mypy"}))
	if err == nil || !strings.Contains(err.Error(), "runs no type checker") {
		t.Errorf("got %v", err)
	}
}

func TestTheNamedToolchainInstalls(t *testing.T) {
	got, err := installOptions(project(t, map[string]any{"toolchain": "pip", "virtualenv": ".venv"}))
	if err != nil || got.Toolchain != toolchain.Pip || got.Virtualenv != "/project/.venv" {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := installOptions(project(t, map[string]any{"toolchain": "conda"})); err == nil {
		t.Error("an unknown toolchain is no error")
	}
}

func TestOutcomeTellsAShownErrorFromASilentOne(t *testing.T) {
	run := func(script string) *pulumirpc.RunResponse { return outcome(exec.Command("sh", "-c", script).Run()) }
	if got := run("exit 0"); got.GetError() != "" || got.GetBail() {
		t.Errorf("success: %v", got)
	}
	if got := run("exit 32"); got.GetError() != "" || !got.GetBail() {
		t.Errorf("shown: %v", got)
	}
	if got := run("exit 3"); got.GetError() != "program exited with non-zero exit code: 3" || got.GetBail() {
		t.Errorf("status: %v", got)
	}
	if got := run("kill -9 $$"); got.GetError() != "program ended unexpectedly: signal: killed" {
		t.Errorf("signal: %v", got)
	}
	if got := outcome(errors.New("no such file")); got.GetError() != "cannot run the program: no such file" {
		t.Errorf("start: %v", got)
	}
}

func TestAnSDKNamesItsPlugin(t *testing.T) {
	named := distrib{Name: "pulumi-docker", Version: "5.2.0.post1", Plugin: &plugin{Name: "docker", Version: "5.2.0"}}
	unnamed := distrib{Name: "pulumi-docker", Version: "5.2.0", Plugin: &plugin{}}
	for _, each := range []distrib{named, unnamed} {
		got := each.dependency()
		if got.GetName() != "docker" || got.GetVersion() != "v5.2.0" || got.GetKind() != "resource" {
			t.Errorf("%v", got)
		}
	}
}

func TestAPackLearnsItsStack(t *testing.T) {
	got, err := packEnvironment(&pulumirpc.AnalyzerStackConfigureRequest{
		Project: "p", Stack: "s", DryRun: true, Config: map[string]string{"p:k": "v"},
	})
	want := `PULUMI_PROJECT=p PULUMI_STACK=s PULUMI_DRY_RUN=true PULUMI_CONFIG={"p:k":"v"}`
	if err != nil || strings.Join(got, " ") != want {
		t.Errorf("got %v, %v", got, err)
	}
	if got, _ := packEnvironment(nil); got != nil {
		t.Errorf("without a stack: %v", got)
	}
}
