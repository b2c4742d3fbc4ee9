"""The `sutazai` command, a file a group. Each command imports what it needs when it runs, so `--help` is quick."""
