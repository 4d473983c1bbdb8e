"""The command line: one file a command, nothing but the command."""
